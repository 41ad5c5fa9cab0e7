#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace leeward {

/// The names that every template may use without anybody having published them. Airflow's, sorted. The loader accepts
/// them, the engine's TaskScope gives them their values; a test holds the two together.
inline constexpr std::array<std::string_view, 15> kBuiltInNames = {"conf",
                                                                   "dag_id",
                                                                   "data_interval_end",
                                                                   "data_interval_start",
                                                                   "ds",
                                                                   "ds_nodash",
                                                                   "logical_date",
                                                                   "map_index",
                                                                   "max_tries",
                                                                   "params",
                                                                   "run_id",
                                                                   "task_id",
                                                                   "try_number",
                                                                   "ts",
                                                                   "ts_nodash"};
static_assert(std::is_sorted(kBuiltInNames.begin(), kBuiltInNames.end()));

[[nodiscard]] constexpr bool is_built_in_name(std::string_view name) noexcept {
  return std::binary_search(kBuiltInNames.begin(), kBuiltInNames.end(), name);
}

}  // namespace leeward
