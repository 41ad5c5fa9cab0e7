#include "tests/simulation/graph.hpp"

#include <algorithm>

namespace leeward::test {

Graph::Graph(const Dag& dag) : dag_(dag), leads_to_(dag.size(), std::vector<bool>(dag.size())) {
  for (std::uint32_t i = 0; i < dag.size(); ++i) all_.push_back(TaskIndex{i});
  for (bool more = true; more;) {
    more = false;
    for (const TaskIndex from : all_) {
      for (const TaskIndex next : dag.downstream(from)) {
        for (const TaskIndex to : all_) {
          if (leads_to(from, to) || (to != next && !leads_to(next, to))) continue;
          leads_to_[from.value][to.value] = true;
          more = true;
        }
      }
    }
  }
}

std::vector<TaskIndex> Graph::guards_of(TaskIndex task) const {
  std::vector<TaskIndex> guards;
  if (dag_.task(task).is_teardown) return guards;
  for (const TaskIndex setup : all_) {
    if (!dag_.task(setup).is_setup || !leads_to(setup, task)) continue;
    const auto below = dag_.downstream(setup);
    const auto is_teardown = [&](TaskIndex t) { return dag_.task(t).is_teardown; };
    const bool has_teardown = std::any_of(below.begin(), below.end(), is_teardown);
    const bool in_scope =
        std::any_of(below.begin(), below.end(), [&](TaskIndex t) { return is_teardown(t) && leads_to(task, t); });
    if (!has_teardown || in_scope) guards.push_back(setup);
  }
  return guards;
}

bool Graph::is_effective_leaf(TaskIndex task) const {
  const auto counts = [&](TaskIndex t) { return !dag_.task(t).is_teardown || dag_.task(t).on_failure_fail_dagrun; };
  const auto below = dag_.downstream(task);
  return counts(task) && std::none_of(below.begin(), below.end(), counts);
}

bool Graph::decides_run(TaskIndex task) const {
  if (std::any_of(all_.begin(), all_.end(), [&](TaskIndex t) { return is_effective_leaf(t); })) {
    return is_effective_leaf(task);
  }
  return dag_.downstream(task).empty();
}

std::int64_t Graph::weight_of(TaskIndex task) const {
  std::int64_t weight = dag_.task(task).priority_weight;
  for (const TaskIndex other : all_) {
    const WeightRule rule = dag_.task(task).weight_rule;
    const bool counts = (rule == WeightRule::downstream && leads_to(task, other)) ||
                        (rule == WeightRule::upstream && leads_to(other, task));
    if (counts) weight += dag_.task(other).priority_weight;
  }
  return weight;
}

}  // namespace leeward::test
