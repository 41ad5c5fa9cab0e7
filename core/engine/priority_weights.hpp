#pragma once

#include <vector>

#include "core/model/dag.hpp"

namespace leeward {

/// What each task counts for when there is not room for all, by its weight_rule: its own priority_weight, plus that of
/// every task downstream (or upstream) of it, each counted once; clamped to int. Airflow's priority_weight_total.
/// Pure. Linear in trees and chains; else O(tasks * edges / 64), and where weights differ O(tasks * (tasks + edges) /
/// 8) at worst, in small steps.
[[nodiscard]] std::vector<int> priority_weights(const Dag& dag);

}  // namespace leeward
