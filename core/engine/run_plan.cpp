#include "core/engine/run_plan.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace leeward {
namespace {

std::uint32_t UpstreamCounts::*counter_of(TaskState state) {
  switch (state) {
    case TaskState::success: return &UpstreamCounts::success;
    case TaskState::skipped: return &UpstreamCounts::skipped;
    case TaskState::upstream_failed: return &UpstreamCounts::upstream_failed;
    case TaskState::removed: return &UpstreamCounts::removed;
    default: return &UpstreamCounts::failed;  // also canceled and lost: it did not do what the downstream needs
  }
}

UpstreamCounts sum_of(UpstreamCounts a, const UpstreamCounts& b) {
  a.total += b.total;
  a.success += b.success;
  a.failed += b.failed;
  a.upstream_failed += b.upstream_failed;
  a.skipped += b.skipped;
  a.removed += b.removed;
  return a;
}

/// Counts one more; whether a decision about the sum of these counts and others may have changed by it. Every rule asks
/// whether there is any of a kind, or whether all are of some kinds, which cannot be while some are still missing here.
/// (all_success also asks whether there are fewer successes than an index: more of them only make that less true.)
bool count_one(UpstreamCounts& counts, std::uint32_t UpstreamCounts::*counter) {
  return ++(counts.*counter) == 1 || counts.done() == counts.total;
}

}  // namespace

RunPlan::RunPlan(const Dag& dag) : dag_(dag), nodes_(dag.size()), open_instances_(dag.size()) {
  for (TaskIndex task{0}; task.value < dag.size(); ++task.value) {
    Node& node = nodes_[task.value];
    node.task = task;
    node.rule = dag.task(task).trigger_rule;
    node.held = dag.task(task).mapped_group.valid();
    node.upstream.total = static_cast<std::uint32_t>(dag.upstream(task).size());
  }
  make_setups();
  make_gates();
  for (NodeIndex node = 0; node < nodes_.size(); ++node) {
    if (!nodes_[node].decided) reconsider(node);
  }
}

void RunPlan::make_setups() {
  for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) {
    std::uint32_t above = static_cast<std::uint32_t>(dag_.setups_of(task).size());
    if (dag_.task(task).is_teardown) {
      const auto upstream = dag_.upstream(task);
      above = static_cast<std::uint32_t>(
          std::count_if(upstream.begin(), upstream.end(), [&](TaskIndex up) { return dag_.task(up).is_setup; }));
    }
    if (above == 0) continue;
    nodes_[task.value].has_setups = true;
    setups_[task.value].total = above;
  }
}

void RunPlan::make_gates() {
  const auto& groups = dag_.header().groups;
  for (std::uint32_t g = 0; g < groups.size(); ++g) {
    if (groups[g].mapping) add_gate({{}, GroupIndex{g}, 0}, *groups[g].mapping);
  }
  for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) {
    if (dag_.task(task).mapping) add_gate({task, {}, 0}, *dag_.task(task).mapping);
  }
}

void RunPlan::add_gate(Gate gate, const Mapping& mapping) {
  std::vector<TaskIndex> producers;
  for (const ContextRead& read : mapping.reads) {
    producers.insert(producers.end(), read.producers.begin(), read.producers.end());
  }
  std::sort(producers.begin(), producers.end());
  producers.erase(std::unique(producers.begin(), producers.end()), producers.end());
  gate.open = static_cast<std::uint32_t>(producers.size());
  if (gate.open == 0) {
    if (gate.group.valid()) ready_groups_.push_back(gate.group);
    return;
  }
  if (gate.task.valid()) nodes_[gate.task.value].held = true;
  for (const TaskIndex producer : producers) {
    gates_fed_by_[producer].push_back(gates_.size());
    nodes_[producer.value].feeds_gate = true;
  }
  gates_.push_back(gate);
}

void RunPlan::open(const Gate& gate) {
  if (!gate.task.valid()) {
    ready_groups_.push_back(gate.group);
    return;
  }
  nodes_[gate.task.value].held = false;
  if (!nodes_[gate.task.value].decided) reconsider(gate.task.value);
}

bool RunPlan::take(Decision& out) noexcept {
  if (next_decision_ == decisions_.size()) {
    decisions_.clear();
    next_decision_ = 0;
    return false;
  }
  out = decisions_[next_decision_++];
  return true;
}

GroupIndex RunPlan::take_group() {
  if (ready_groups_.empty()) return {};
  const GroupIndex group = ready_groups_.front();
  ready_groups_.erase(ready_groups_.begin());
  return group;
}

bool RunPlan::goes_by_index(TaskIndex from, TaskIndex to) const {
  const GroupIndex group = dag_.task(to).mapped_group;
  return group.valid() && dag_.task(from).mapped_group == group && nodes_[from.value].expanded &&
         nodes_[to.value].expanded;
}

RunPlan::NodeIndex RunPlan::counted_at(TaskIndex from, std::int32_t map_index, TaskIndex to) const {
  return map_index >= 0 && goes_by_index(from, to) ? node_of(to, map_index) : to.value;
}

/// The task has so many instances more than it had: for all who wait for every one of them.
void RunPlan::grow(TaskIndex task, std::uint32_t more) {
  const GroupIndex group = dag_.task(task).mapped_group;
  const auto waits_for_all = [&](TaskIndex other) { return !group.valid() || dag_.task(other).mapped_group != group; };
  open_instances_ += more;
  for (const TaskIndex next : dag_.downstream(task)) {
    if (!waits_for_all(next)) continue;
    nodes_[next.value].upstream.total += more;
    if (dag_.task(task).is_setup && dag_.task(next).is_teardown) setups_[next.value].total += more;
  }
  for (const TaskIndex below : dag_.guarded_by(task)) {
    if (waits_for_all(below)) setups_[below.value].total += more;
  }
  if (!nodes_[task.value].feeds_gate) return;
  for (const std::size_t gate : gates_fed_by_.at(task)) gates_[gate].open += more;
}

template <class Visit>
void RunPlan::for_open_nodes(NodeIndex index, const Visit& visit) {
  if (!nodes_[index].expanded) {
    if (!nodes_[index].decided) visit(index);
    return;
  }
  const Instances instances = instances_.at(nodes_[index].task);
  for (NodeIndex node = instances.first; node < instances.first + instances.count; ++node) {
    if (!nodes_[node].decided) visit(node);
  }
}

void RunPlan::expand(TaskIndex task, std::uint32_t instances) {
  LW_ASSERT(instances > 0, "a task expanded over nothing is skipped, not expanded");
  grow(task, instances - 1);
}

std::vector<bool> RunPlan::expand_group(GroupIndex group, std::uint32_t instances) {
  LW_ASSERT(instances > 0, "a group expanded over nothing is closed, not expanded");
  const std::vector<TaskIndex> tasks = dag_.tasks_of(group);
  std::vector<bool> expanded;
  for (const TaskIndex task : tasks) {
    Node& node = nodes_[task.value];
    expanded.push_back(!node.decided);
    node.expanded = !node.decided;
    node.decided = true;
  }
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!expanded[i]) continue;
    add_nodes(tasks[i], instances);
    grow(tasks[i], instances - 1);
  }
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (expanded[i]) reconsider_open(tasks[i].value);
  }
  return expanded;
}

/// What its instances have by their own index is counted at each of them from now on, and no longer at the task.
void RunPlan::add_nodes(TaskIndex task, std::uint32_t instances) {
  Node& whole = nodes_[task.value];
  const auto by_index = [&](std::span<const TaskIndex> above, bool only_setups) {
    return static_cast<std::uint32_t>(std::count_if(above.begin(), above.end(), [&](TaskIndex up) {
      return goes_by_index(up, task) && (dag_.task(up).is_setup || !only_setups);
    }));
  };
  Node node;
  node.task = task;
  node.rule = whole.rule;
  node.has_setups = whole.has_setups;
  node.upstream.total = by_index(dag_.upstream(task), false);
  whole.upstream.total -= node.upstream.total;
  UpstreamCounts setups;
  if (whole.has_setups) {
    setups.total = by_index(dag_.task(task).is_teardown ? dag_.upstream(task) : dag_.setups_of(task), true);
    setups_.at(task.value).total -= setups.total;
  }
  const auto first = static_cast<NodeIndex>(nodes_.size());
  instances_[task] = {first, instances};
  for (std::uint32_t k = 0; k < instances; ++k) {
    node.map_index = static_cast<std::int32_t>(k);
    nodes_.push_back(node);
    if (setups.total > 0) setups_[first + k] = setups;
  }
}

void RunPlan::close_group(GroupIndex group, TriggerDecision decision) {
  for (const TaskIndex task : dag_.tasks_of(group)) {
    if (!nodes_[task.value].decided) settle(task.value, decision);
  }
}

/// Which tasks the given ones lead to, themselves included, as far as that position in topological order.
std::vector<bool> RunPlan::led_to(std::span<const TaskIndex> from, std::uint32_t last_position) {
  std::vector<bool> seen;
  std::vector<TaskIndex> open(from.begin(), from.end());
  const auto mark = [&](TaskIndex task) {
    if (seen.size() <= task.value) seen.resize(task.value + 1);
    const bool fresh = !seen[task.value];
    seen[task.value] = true;
    return fresh;
  };
  for (const TaskIndex task : from) mark(task);
  while (!open.empty()) {
    const TaskIndex task = open.back();
    open.pop_back();
    for (const TaskIndex next : dag_.downstream(task)) {
      if (positions_[next.value] <= last_position && mark(next)) open.push_back(next);
    }
  }
  return seen;
}

void RunPlan::choose(TaskIndex task, std::int32_t map_index, std::span<const TaskIndex> chosen) {
  if (positions_.empty()) {
    positions_.resize(dag_.size());
    const auto order = dag_.topological_order();
    for (std::uint32_t p = 0; p < order.size(); ++p) positions_[order[p].value] = p;
  }
  const auto downstream = dag_.downstream(task);
  std::uint32_t last = 0;  // no way to a direct downstream leads beyond the last of them
  for (const TaskIndex next : downstream) last = std::max(last, positions_[next.value]);
  const std::vector<bool> goes_on = led_to(chosen, last);
  for (const TaskIndex next : downstream) {
    if (next.value >= goes_on.size() || !goes_on[next.value]) skip(task, map_index, next);
  }
}

void RunPlan::skip_below(TaskIndex task, std::int32_t map_index, SkipDownstream which) {
  if (which == SkipDownstream::none) return;
  std::vector<TaskIndex> below(dag_.downstream(task).begin(), dag_.downstream(task).end());
  std::vector<bool> seen(dag_.size());
  for (std::size_t i = 0; i < below.size(); ++i) {
    if (seen[below[i].value]) continue;
    seen[below[i].value] = true;
    skip(task, map_index, below[i]);
    if (which == SkipDownstream::direct) continue;
    const auto next = dag_.downstream(below[i]);
    below.insert(below.end(), next.begin(), next.end());
  }
}

void RunPlan::skip(TaskIndex by, std::int32_t map_index, TaskIndex task) {
  if (dag_.task(task).is_teardown) return;
  const GroupIndex group = dag_.task(by).mapped_group;
  if (group.valid() && nodes_[by.value].expanded) {
    const bool inside = dag_.task(task).mapped_group == group;
    if (inside != (map_index >= 0)) return;
  }
  for_open_nodes(counted_at(by, map_index, task), [&](NodeIndex node) { settle(node, TriggerDecision::skip); });
}

void RunPlan::claim(TaskIndex task, std::int32_t map_index) { nodes_[node_of(task, map_index)].decided = true; }

void RunPlan::finish(TaskIndex task, std::int32_t map_index, TaskState state) {
  LW_ASSERT(open_instances_ > 0, "no more instances finish than there are");
  --open_instances_;
  const Counter counter = counter_of(state);
  for (const TaskIndex next : dag_.downstream(task)) {
    count(counted_at(task, map_index, next), task, counter);
  }
  for (const TaskIndex below : dag_.guarded_by(task)) {
    const NodeIndex node = counted_at(task, map_index, below);
    if (count_one(setups_.at(node), counter)) reconsider_open(node);
  }
  if (nodes_[task.value].feeds_gate) {
    for (const std::size_t gate : gates_fed_by_.at(task)) {
      if (--gates_[gate].open == 0) open(gates_[gate]);
    }
  }
  if (counter != &UpstreamCounts::failed && counter != &UpstreamCounts::upstream_failed) return;
  a_leaf_failed_ = a_leaf_failed_ || dag_.decides_run(task);
}

/// An instance of the direct upstream `from` has finished.
void RunPlan::count(NodeIndex index, TaskIndex from, Counter counter) {
  Node& node = nodes_[index];
  bool may_decide = count_one(node.upstream, counter);
  if (node.has_setups && dag_.task(node.task).is_teardown && dag_.task(from).is_setup) {
    may_decide = count_one(setups_.at(index), counter) || may_decide;
  }
  if (may_decide) reconsider_open(index);
}

RunPlan::NodeIndex RunPlan::node_of(TaskIndex task, std::int32_t map_index) const {
  if (map_index < 0 || !nodes_[task.value].expanded) return task.value;
  return instances_.at(task).first + static_cast<NodeIndex>(map_index);
}

UpstreamCounts RunPlan::setups_above(NodeIndex index) const {
  const Node& node = nodes_[index];
  const UpstreamCounts& of_task = setups_.at(node.task.value);
  const auto own = node.map_index < 0 ? setups_.end() : setups_.find(index);
  return own == setups_.end() ? of_task : sum_of(of_task, own->second);
}

TriggerDecision RunPlan::decision_of(NodeIndex index) const {
  const Node& node = nodes_[index];
  const bool asks_nobody = node.rule == TriggerRule::always;  // as in Airflow, not even the setups
  const UpstreamCounts upstream =
      node.map_index < 0 ? node.upstream : sum_of(node.upstream, nodes_[node.task.value].upstream);
  if (!node.has_setups || asks_nobody) return decide(node.rule, upstream, {}, node.map_index);
  const UpstreamCounts setups = setups_above(index);
  if (dag_.task(node.task).is_teardown) return decide(node.rule, upstream, setups, node.map_index);
  const TriggerDecision by_setups = decide_by_setups(setups);
  if (by_setups != TriggerDecision::run && by_setups != TriggerDecision::wait) return by_setups;
  const TriggerDecision by_rule = decide(node.rule, upstream, {}, node.map_index);
  return by_rule == TriggerDecision::run ? by_setups : by_rule;
}

void RunPlan::reconsider_open(NodeIndex index) {
  for_open_nodes(index, [&](NodeIndex node) { reconsider(node); });
}

void RunPlan::reconsider(NodeIndex index) {
  const TriggerDecision decision = decision_of(index);
  if (decision == TriggerDecision::wait) return;
  if (nodes_[index].held && decision == TriggerDecision::run) return;
  settle(index, decision);
}

void RunPlan::settle(NodeIndex index, TriggerDecision decision) {
  Node& node = nodes_[index];
  node.decided = true;
  decisions_.push_back({node.task, node.map_index, decision});
}

}  // namespace leeward
