#pragma once

#include <string>

#include "core/model/run_record.hpp"

namespace leeward {

/// The report of a run for people: a table of tasks, what was published, what it cost, and last what went wrong. Texts
/// that came from models or programs are made printable and kept short; `--json` has them whole.
struct SummaryStyle {
  std::size_t width = 100;   ///< columns
  bool simulated = false;    ///< say that the answers came from mock-llm
  bool resumed = false;      ///< the run was taken up again
  bool interrupted = false;  ///< it has not ended, and nobody is at it
};
[[nodiscard]] std::string run_summary(const RunRecord& record, const SummaryStyle& style);

/// "850 ms", "12.3 s", "4 min 10 s".
[[nodiscard]] std::string elapsed_text(Duration elapsed);

}  // namespace leeward
