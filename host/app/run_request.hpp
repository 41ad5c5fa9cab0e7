#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/model/dag.hpp"
#include "core/model/run_record.hpp"

namespace leeward {

/// What the command line says about a run: turned into a RunInfo, or into every mistake in it.
struct RunRequest {
  std::vector<std::string> params;       ///< "name=value": JSON if it is JSON, else text
  std::optional<std::string> conf_file;  ///< a JSON object; members named like a declared param set it
  std::optional<std::string> logical_date;

  /// Codes run.param, run.conf, run.logical_date, and those of reading JSON.
  [[nodiscard]] std::optional<RunInfo> info(const Dag& dag, const Clock& clock, Errors& errors) const;
};

}  // namespace leeward
