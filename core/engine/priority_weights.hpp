#pragma once

#include <vector>

#include "core/model/dag.hpp"

namespace leeward {

/// What each task counts for when there is not room for all, by its weight_rule: its own priority_weight, plus that of
/// every task downstream (or upstream) of it, each counted once; clamped to int. Airflow's priority_weight_total.
/// Pure. Linear in trees and chains, else O(tasks * edges / 64).
[[nodiscard]] std::vector<int> priority_weights(const Dag& dag);

}  // namespace leeward
