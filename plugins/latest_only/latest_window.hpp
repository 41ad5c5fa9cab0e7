#pragma once

#include <optional>
#include <string_view>

#include "plugins/time_text/timestamp.hpp"

namespace latest_only {

/// What a run says of itself; see lw_task_api.info.
struct RunFacts {
  std::string_view run_type;                      ///< "manual", "scheduled", "backfill"
  std::optional<time_text::UnixMs> window_start;  ///< nothing: there is no window
  std::optional<time_text::UnixMs> window_end;
};

/// Whether it is the latest run of its DAG: started by hand, or without a window, or start < now <= end. Pure.
[[nodiscard]] inline bool is_latest(const RunFacts& run, time_text::UnixMs now) {
  if (run.run_type == "manual" || !run.window_start || !run.window_end) return true;
  return *run.window_start < now && now <= *run.window_end;
}

}  // namespace latest_only
