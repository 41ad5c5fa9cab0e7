#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/model/dag.hpp"
#include "core/model/task_outcome.hpp"
#include "core/model/task_state.hpp"
#include "core/model/trigger_rule.hpp"

namespace leeward {

/// Decides which tasks may start, and which never will.
///
/// Pure bookkeeping over counts: no threads, no clock, no I/O. It decides about nodes. A node is a task with all its
/// instances, who share their upstreams and so their decision; or one instance of a task in a mapped group, which
/// depends on its own index within the group. Called only from RunEngine's loop. `dag` must outlive the plan.
class RunPlan {
 public:
  struct Decision {
    TaskIndex task;
    std::int32_t map_index = -1;                       ///< -1: all of the task
    TriggerDecision decision = TriggerDecision::wait;  ///< never wait
  };

  explicit RunPlan(const Dag& dag);

  /// The oldest decision not taken yet; false if there is none. Each node is decided once. A node that is skipped or
  /// upstream_failed counts for its downstreams when its `finish` says so, as every other.
  [[nodiscard]] bool take(Decision& out) noexcept;
  /// A mapped group whose lists are there: everybody who may publish them has finished. Each comes once, and its tasks
  /// wait for expand_group() or close_group(). Invalid if there is none.
  [[nodiscard]] GroupIndex take_group();
  [[nodiscard]] bool has_decisions() const noexcept {
    return next_decision_ < decisions_.size() || !ready_groups_.empty();
  }

  /// The task was expanded. REQUIRES: it was decided to run, none of its instances has finished, `instances` > 0.
  void expand(TaskIndex task, std::uint32_t instances);
  /// The group was expanded; true for each of its tasks, in tasks_of() order, that now has so many instances, and false
  /// for those that were decided before, as a whole. REQUIRES: take_group() gave it, `instances` > 0.
  [[nodiscard]] std::vector<bool> expand_group(GroupIndex group, std::uint32_t instances);
  /// The group will not be expanded: what is undecided in it is decided so.
  void close_group(GroupIndex group, TriggerDecision decision);

  /// The task chose which of its direct downstreams go on. The others are skipped, unless a chosen one leads to them.
  /// An instance of a mapped group speaks for its own index within the group; with map_index -1, for what is outside.
  /// REQUIRES: called before the (last) `finish` of who chose.
  void choose(TaskIndex task, std::int32_t map_index, std::span<const TaskIndex> chosen);
  /// The task has its downstreams skipped; teardowns stay. As for choose().
  void skip_below(TaskIndex task, std::int32_t map_index, SkipDownstream which);
  /// Whoever calls it decides about the node; no decision of the plan will come. No effect on one decided already.
  void claim(TaskIndex task, std::int32_t map_index);

  /// An instance of the task has finished. REQUIRES: is_finished(state); once for each instance.
  void finish(TaskIndex task, std::int32_t map_index, TaskState state);

  /// Whether every instance has finished.
  [[nodiscard]] bool all_finished() const noexcept { return open_instances_ == 0; }
  /// How the run ends, told by the tasks that decide it (Dag::decides_run). REQUIRES: all_finished().
  [[nodiscard]] RunState outcome() const noexcept { return a_leaf_failed_ ? RunState::failed : RunState::success; }

 private:
  using NodeIndex = std::uint32_t;
  using Counter = std::uint32_t UpstreamCounts::*;
  /// Of an instance of a mapped group the counts tell of its own index in the group, and the node of its task tells all
  /// instances of what comes from outside: so the end of a task outside is counted once, however many wait for it.
  struct Node {
    UpstreamCounts upstream;
    TaskIndex task;
    std::int32_t map_index = -1;
    TriggerRule rule = TriggerRule::all_success;
    bool decided = false;
    bool held = false;        ///< may not run before its gate opens
    bool has_setups = false;  ///< see setups_
    bool expanded = false;    ///< instances of a mapped group stand for it
    bool feeds_gate = false;
  };
  /// What has to finish before a mapping can be expanded.
  struct Gate {
    TaskIndex task;    ///< that is mapped; invalid: a group is
    GroupIndex group;  ///< that is mapped
    std::uint32_t open = 0;
  };
  /// Where the nodes of a mapped group's task stand.
  struct Instances {
    NodeIndex first = 0;
    std::uint32_t count = 0;
  };

  void make_gates();
  void add_gate(Gate gate, const Mapping& mapping);
  void make_setups();
  void open(const Gate& gate);
  /// Whether each instance of `to` waits only for its own index of `from`.
  [[nodiscard]] bool goes_by_index(TaskIndex from, TaskIndex to) const;
  /// Where the ends of this instance of `from` (-1: of all of it) are counted for `to`.
  [[nodiscard]] NodeIndex counted_at(TaskIndex from, std::int32_t map_index, TaskIndex to) const;
  void add_nodes(TaskIndex task, std::uint32_t instances);
  /// Calls `visit` with this node, or with those of its instances; with those that are undecided.
  template <class Visit>
  void for_open_nodes(NodeIndex index, const Visit& visit);
  void grow(TaskIndex task, std::uint32_t more);
  void count(NodeIndex index, TaskIndex from, Counter counter);
  void skip(TaskIndex by, std::int32_t map_index, TaskIndex task);
  [[nodiscard]] std::vector<bool> led_to(std::span<const TaskIndex> from, std::uint32_t last_position);
  [[nodiscard]] NodeIndex node_of(TaskIndex task, std::int32_t map_index) const;
  [[nodiscard]] UpstreamCounts setups_above(NodeIndex index) const;
  [[nodiscard]] TriggerDecision decision_of(NodeIndex index) const;
  void reconsider(NodeIndex index);
  void reconsider_open(NodeIndex index);
  void settle(NodeIndex index, TriggerDecision decision);

  const Dag& dag_;
  std::vector<Node> nodes_;                               ///< one for each task, then those of mapped groups
  std::unordered_map<TaskIndex, Instances> instances_;    ///< of tasks in expanded groups
  std::unordered_map<NodeIndex, UpstreamCounts> setups_;  ///< of nodes with setups above them
  std::vector<Gate> gates_;
  std::unordered_map<TaskIndex, std::vector<std::size_t>> gates_fed_by_;
  std::vector<std::uint32_t> positions_;  ///< in topological order; empty until a branch asks
  std::vector<GroupIndex> ready_groups_;
  std::vector<Decision> decisions_;
  std::size_t next_decision_ = 0;
  std::size_t open_instances_ = 0;
  bool a_leaf_failed_ = false;
};

}  // namespace leeward
