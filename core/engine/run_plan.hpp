#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/model/dag.hpp"
#include "core/model/task_state.hpp"
#include "core/model/trigger_rule.hpp"

namespace leeward {

/// Decides which tasks may start, and which never will.
///
/// Pure bookkeeping over counts: no threads, no clock, no I/O. It knows tasks and how many instances each has, not the
/// instances themselves. Called only from RunEngine's loop. `dag` must outlive the plan.
class RunPlan {
 public:
  struct Decision {
    TaskIndex task;
    TriggerDecision decision = TriggerDecision::wait;  ///< run, skip or upstream_failed
  };

  explicit RunPlan(const Dag& dag);

  /// The oldest decision not taken yet; false if there is none. Each task is decided once. A task that is skipped or
  /// upstream_failed counts for its downstreams when its `finish` says so, as every other.
  [[nodiscard]] bool take(Decision& out) noexcept;
  [[nodiscard]] bool has_decisions() const noexcept { return next_decision_ < decisions_.size(); }

  /// The task was expanded. REQUIRES: it was decided to run, none of its instances has finished, `instances` > 0.
  void expand(TaskIndex task, std::uint32_t instances);

  /// The task chose which of its direct downstreams go on. The others are skipped, unless a chosen one leads to them.
  /// REQUIRES: called before the task's last `finish`.
  void choose(TaskIndex task, std::span<const TaskIndex> chosen);

  /// An instance of the task has finished. REQUIRES: is_finished(state); once for each instance.
  void finish(TaskIndex task, TaskState state);

  /// Whether every instance has finished.
  [[nodiscard]] bool all_finished() const noexcept { return open_instances_ == 0; }
  /// How the run ends, told by its leaves alone: a failed leaf fails it. REQUIRES: all_finished().
  [[nodiscard]] RunState outcome() const noexcept { return a_leaf_failed_ ? RunState::failed : RunState::success; }

 private:
  struct Node {
    UpstreamCounts upstream;
    TriggerRule rule = TriggerRule::all_success;
    bool decided = false;
  };
  void reconsider(TaskIndex task, Node& node);
  void settle(TaskIndex task, Node& node, TriggerDecision decision);

  const Dag& dag_;
  std::vector<Node> nodes_;
  std::vector<Decision> decisions_;
  std::size_t next_decision_ = 0;
  std::size_t open_instances_ = 0;
  bool a_leaf_failed_ = false;
};

}  // namespace leeward
