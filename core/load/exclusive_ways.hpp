#pragma once

#include <vector>

#include "core/load/task_graph.hpp"

namespace leeward {

/// For each pair of tasks, whether they stand on different ways of a task that branches, so that as a rule only one of
/// them runs: some branching task leads to both, and no task directly downstream of it leads to both. `branches`
/// says by task who chooses among its downstreams. REQUIRES: no cycles.
[[nodiscard]] std::vector<bool> are_exclusive(const TaskGraph& graph, const std::vector<bool>& branches,
                                              const std::vector<TaskGraph::Pair>& pairs);

}  // namespace leeward
