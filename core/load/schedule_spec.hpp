#pragma once

#include "core/base/json.hpp"

namespace leeward {

/// Checks the `schedule` of a DAG: null, a preset, a cron string of five fields, or an object {"cron" | "crons" |
/// "every", "timezone", "interval", "run_immediately"}. Whether a time zone exists is for whoever starts the runs to
/// say. Codes spec.schedule, spec.type, spec.unknown_key, spec.duration.
void check_schedule(const Json& schedule, Errors& errors);

}  // namespace leeward
