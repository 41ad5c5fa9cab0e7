#pragma once

#include <cstdint>
#include <vector>

#include "core/model/dag.hpp"

namespace leeward::test {

/// What the oracle has to know of a DAG's shape, worked out the slow way: from the definition, over all pairs of tasks.
class Graph {
 public:
  explicit Graph(const Dag& dag);

  /// Whether there is a way from the one to the other. Not from a task to itself.
  [[nodiscard]] bool leads_to(TaskIndex from, TaskIndex to) const { return leads_to_[from.value][to.value]; }
  /// The setups in whose scope the task stands: above it, and without a teardown or with one below it.
  [[nodiscard]] std::vector<TaskIndex> guards_of(TaskIndex task) const;
  /// Whether its failure fails the run: Airflow's leaves, where teardowns that do not count are as if they were not.
  [[nodiscard]] bool decides_run(TaskIndex task) const;
  /// priority_weight by its weight_rule.
  [[nodiscard]] std::int64_t weight_of(TaskIndex task) const;

 private:
  [[nodiscard]] bool is_effective_leaf(TaskIndex task) const;

  const Dag& dag_;
  std::vector<TaskIndex> all_;
  std::vector<std::vector<bool>> leads_to_;
};

}  // namespace leeward::test
