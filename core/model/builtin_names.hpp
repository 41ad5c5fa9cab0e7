#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace leeward {

/// The names that the engine itself gives every template, in Airflow's words. No output_key and no expand key may be
/// one of them. `data_interval_start` and `data_interval_end` exist only in a run that has an interval.
inline constexpr std::array<std::string_view, 19> kBuiltinNames{
    "params",   // of the run: the DAG's defaults, overridden
    "conf",     // what the run was triggered with
    "dag_run",  // an object: kDagRunFields
    "dag_id",
    "run_id",
    "run_type",      // manual, scheduled, backfill
    "logical_date",  // as are the two of the interval: "2024-01-31T16:30:00.000Z"
    "data_interval_start",
    "data_interval_end",
    "ds",                 // 2024-01-31
    "ds_nodash",          // 20240131
    "ts",                 // 2024-01-31T16:30:00+00:00
    "ts_nodash",          // 20240131T163000
    "ts_nodash_with_tz",  // 20240131T163000+0000
    "ti",                 // an object: kTaskInstanceFields
    "task_instance",      // the same
    "task_id",
    "map_index",   // -1 unless the task is mapped
    "try_number",  // from 1
};

/// What there is in `ti` and `task_instance`, and in `dag_run`.
inline constexpr std::array<std::string_view, 5> kTaskInstanceFields{"task_id", "dag_id", "run_id", "map_index",
                                                                     "try_number"};
inline constexpr std::array<std::string_view, 7> kDagRunFields{
    "run_id", "dag_id", "run_type", "conf", "logical_date", "data_interval_start", "data_interval_end"};

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
