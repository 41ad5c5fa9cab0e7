#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace leeward {

/// The names that the engine itself gives every template, in Airflow's words. No output_key and no expand key may be
/// one of them. `data_interval_start` and `data_interval_end` exist only in a run that has an interval.
inline constexpr std::array<std::string_view, 14> kBuiltinNames{
    "params",       "conf", "dag_id",    "run_id", "task_id",   "try_number",          "map_index",
    "logical_date", "ds",   "ds_nodash", "ts",     "ts_nodash", "data_interval_start", "data_interval_end",
};

[[nodiscard]] constexpr bool is_builtin_name(std::string_view name) noexcept {
  return std::find(kBuiltinNames.begin(), kBuiltinNames.end(), name) != kBuiltinNames.end();
}

/// What callbacks know beside these: {"code", "message"} of the failure, or null, and the state's word. They hide what
/// is published under the same names.
inline constexpr std::array<std::string_view, 2> kCallbackNames{"error", "state"};

[[nodiscard]] constexpr bool is_callback_name(std::string_view name) noexcept {
  return std::find(kCallbackNames.begin(), kCallbackNames.end(), name) != kCallbackNames.end();
}

}  // namespace leeward
