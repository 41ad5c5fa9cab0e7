#pragma once

#include <string>

#include "core/model/run_record.hpp"

namespace leeward {

/// The report of a run as one JSON object: what `leeward run --json` prints. People outside rely on its keys: they may
/// be added to, never renamed.
[[nodiscard]] std::string run_report_json(const RunRecord& record);

}  // namespace leeward
