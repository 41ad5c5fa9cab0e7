#include "core/engine/run_plan.hpp"

#include <algorithm>
#include <unordered_set>

#include "core/base/assert.hpp"

namespace leeward {
namespace {

using Counter = std::uint32_t UpstreamCounts::*;

Counter counter_of(TaskState state) {
  switch (state) {
    case TaskState::success: return &UpstreamCounts::success;
    case TaskState::skipped: return &UpstreamCounts::skipped;
    case TaskState::upstream_failed: return &UpstreamCounts::upstream_failed;
    case TaskState::removed: return &UpstreamCounts::removed;
    default: return &UpstreamCounts::failed;  // also canceled and lost: it did not do what the downstream needs
  }
}

/// Every task that the given ones lead to, themselves included.
std::unordered_set<TaskIndex> reachable_from(const Dag& dag, std::span<const TaskIndex> from) {
  std::unordered_set<TaskIndex> seen(from.begin(), from.end());
  std::vector<TaskIndex> open(from.begin(), from.end());
  while (!open.empty()) {
    const TaskIndex task = open.back();
    open.pop_back();
    for (const TaskIndex next : dag.downstream(task)) {
      if (seen.insert(next).second) open.push_back(next);
    }
  }
  return seen;
}

}  // namespace

RunPlan::RunPlan(const Dag& dag) : dag_(dag), nodes_(dag.size()), open_instances_(dag.size()) {
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    const TaskIndex task{i};
    Node& node = nodes_[i];
    node.rule = dag.task(task).trigger_rule;
    node.upstream.total = static_cast<std::uint32_t>(dag.upstream(task).size());
    reconsider(task, node);
  }
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

void RunPlan::expand(TaskIndex task, std::uint32_t instances) {
  LW_ASSERT(instances > 0, "a task expanded over nothing is skipped, not expanded");
  open_instances_ += instances - 1;
  for (const TaskIndex next : dag_.downstream(task)) nodes_[next.value].upstream.total += instances - 1;
}

void RunPlan::choose(TaskIndex task, std::span<const TaskIndex> chosen) {
  const auto goes_on = reachable_from(dag_, chosen);
  for (const TaskIndex next : dag_.downstream(task)) {
    Node& node = nodes_[next.value];
    if (!node.decided && !goes_on.contains(next)) settle(next, node, TriggerDecision::skip);
  }
}

void RunPlan::finish(TaskIndex task, TaskState state) {
  LW_ASSERT(open_instances_ > 0, "no more instances finish than there are");
  --open_instances_;
  const Counter counter = counter_of(state);
  const auto downstream = dag_.downstream(task);
  for (const TaskIndex next : downstream) {
    Node& node = nodes_[next.value];
    ++(node.upstream.*counter);
    if (!node.decided) reconsider(next, node);
  }
  if (!downstream.empty()) return;
  a_leaf_failed_ = a_leaf_failed_ || counter == &UpstreamCounts::failed || counter == &UpstreamCounts::upstream_failed;
}

void RunPlan::reconsider(TaskIndex task, Node& node) {
  const TriggerDecision decision = decide(node.rule, node.upstream);
  if (decision != TriggerDecision::wait) settle(task, node, decision);
}

void RunPlan::settle(TaskIndex task, Node& node, TriggerDecision decision) {
  node.decided = true;
  decisions_.push_back({task, decision});
}

}  // namespace leeward
