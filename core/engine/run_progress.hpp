#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/engine/expansion.hpp"
#include "core/engine/instance_table.hpp"
#include "core/engine/run_context.hpp"
#include "core/engine/run_plan.hpp"
#include "core/engine/run_standing.hpp"

namespace leeward {

/// What has come of a run so far: where its instances stand, what its plan has counted and its tasks have published,
/// what was expanded.
///
/// What an end or an expansion means for the rest of the run is said here once, whether it happens now or was recorded
/// by a process that is gone: `replay` goes through a history with the same steps that the loop takes. No clock, no
/// I/O. Owned by RunLoop and called only from it; `dag` must outlive it.
class RunProgress {
 public:
  explicit RunProgress(const Dag& dag);

  [[nodiscard]] InstanceTable& instances() noexcept { return instances_; }
  [[nodiscard]] RunPlan& plan() noexcept { return plan_; }
  [[nodiscard]] const RunContext& context() const noexcept { return context_; }

  /// Null if its task was not expanded.
  [[nodiscard]] Expansion* expansion_of(TaskIndex task) const;
  [[nodiscard]] Expansion* expansion_of(const Instance& instance) const;
  /// What a mapped instance gets; null for the others.
  [[nodiscard]] const MappedItems* items_of(const Instance& instance) const;

  /// A mapped task was expanded; returns the first of its instances. REQUIRES: `count` > 0.
  InstanceIndex expand(TaskIndex task, std::uint32_t count);
  /// A mapped group was expanded; returns those of its tasks that now need instances, in spec order. REQUIRES: as
  /// expand(), and not is_expanded(group).
  [[nodiscard]] std::vector<TaskIndex> expand_group(GroupIndex group, std::uint32_t count);
  /// Gives a task of an expanded group its instances.
  InstanceIndex add_instances(TaskIndex task, std::uint32_t count);
  [[nodiscard]] bool is_expanded(GroupIndex group) const { return group_sizes_.contains(group); }
  /// It is mapped over nothing: what it publishes is an empty list.
  void publish_empty(TaskIndex task);

  /// Before succeed(): what the attempt chose or skipped of its downstreams. Code branch.unknown_task.
  [[nodiscard]] Status make_choices(const Instance& instance, const TaskOutcome& outcome);
  /// Before finish(): what it returned, for those who read it.
  void publish(const Instance& instance, const Value& value);
  /// The instance has ended, and whoever waits for that is told. REQUIRES: is_finished(state).
  void finish(const Instance& instance, TaskState state);

  /// Before replay(): the group has so many instances, which come with the history, or at its end. REQUIRES: as
  /// expand_group().
  void expect_instances(GroupIndex group, std::uint32_t count);
  /// Goes through a history. Code resume.history.
  [[nodiscard]] Status replay(const RunStanding& standing, std::span<const Event> so_far);
  /// The instances that replay() has added at the end, which nobody was told of: those of tasks that were cleared,
  /// while their group stays expanded. Once.
  struct Added {
    TaskIndex task;
    InstanceIndex first;
    std::uint32_t count = 0;
  };
  [[nodiscard]] std::vector<Added> take_added() { return std::exchange(added_, {}); }

  /// A mapped group whose lists are there, and which is not expanded; invalid if there is none.
  [[nodiscard]] GroupIndex take_group();

 private:
  [[nodiscard]] Status replay_expansion(const Event& event);
  [[nodiscard]] Status replay_transition(const Event& event);
  void finish_mapped(TaskIndex task);

  const Dag& dag_;
  InstanceTable instances_;
  RunPlan plan_;
  RunContext context_;
  std::unordered_map<TaskIndex, std::unique_ptr<Expansion>> expansions_;
  std::unordered_map<GroupIndex, std::uint32_t> group_sizes_;  ///< of expanded groups
  std::vector<TaskIndex> without_instances_;                   ///< until replay() comes to them: of expanded groups
  std::vector<Added> added_;
  RunStanding::EarlierTries earlier_tries_;
};

}  // namespace leeward
