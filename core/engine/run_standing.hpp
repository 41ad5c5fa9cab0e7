#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/model/dag.hpp"
#include "core/model/event.hpp"

namespace leeward {

/// Where a run stands, as its events tell it: what it takes to go on with it, or to clear some of it.
///
/// A pure fold over the events, so that what a run goes on from can be tested, and compared with the engine that wrote
/// them. What a task did before it was cleared counts no more, but for its try numbers.
class RunStanding {
 public:
  struct Instance {
    Timestamp first_start;  ///< of its first attempt; 0: none yet
    Timestamp since;        ///< when it came into its state
    Duration delay{};       ///< with since: when it is scheduled again, if it waits for its time
    TaskIndex task;
    std::int32_t map_index = -1;
    std::uint32_t starts = 0;
    std::uint32_t reschedules = 0;
    std::uint16_t try_number = 0;
    std::uint16_t tries_before = 0;  ///< those before it was cleared
    TaskState state = TaskState::none;
    bool keeps_try = false;  ///< the next start goes on with this try_number
    bool replaced = false;   ///< others stand for it: its task was expanded, or was cleared since it was
    std::shared_ptr<const TaskOutcome> outcome;  ///< of the last attempt
    std::shared_ptr<const TaskOutcome> answer;   ///< its value is what its try was answered; null: nothing
  };

  /// Code resume.history: these are not the events of a run of this Dag, or not all of them from the first.
  [[nodiscard]] static Result<RunStanding> of(const Dag& dag, std::span<const Event> so_far);

  /// In the order of their indexes: those of tasks first, then of expanded tasks.
  [[nodiscard]] std::span<const Instance> instances() const noexcept { return instances_; }
  /// Those that stand for the task now: its own, or the ones that it was expanded to.
  [[nodiscard]] std::span<const Instance> instances_of(TaskIndex task) const;
  /// Whether the event still says something about where its task stands: not if the task was cleared after it.
  [[nodiscard]] bool counts(const Event& event) const;
  /// How many tries each instance of an expanded task had before the task was cleared, by map index.
  using EarlierTries = std::unordered_map<TaskIndex, std::vector<std::uint16_t>>;
  [[nodiscard]] const EarlierTries& earlier_tries() const noexcept { return earlier_tries_; }

  [[nodiscard]] RunState state() const noexcept { return state_; }
  [[nodiscard]] Timestamp started_at() const noexcept { return started_at_; }
  /// The stop that was asked for, if its reason is not `none`.
  [[nodiscard]] RunEndReason stop_reason() const noexcept { return stop_reason_; }
  [[nodiscard]] bool teardowns_go_on() const noexcept { return teardowns_go_on_; }
  [[nodiscard]] std::uint64_t next_sequence() const noexcept { return next_sequence_; }

 private:
  explicit RunStanding(const Dag& dag);
  [[nodiscard]] Status apply(const Event& event);
  [[nodiscard]] Status apply_transition(const Event& event);
  [[nodiscard]] Status apply_expansion(const Event& event);
  [[nodiscard]] Status apply_clear(const Event& event);
  void reopen();

  struct Expansion {
    InstanceIndex first;
    std::uint32_t count = 0;
  };

  std::vector<Instance> instances_;
  std::unordered_map<TaskIndex, Expansion> expansions_;
  std::unordered_map<TaskIndex, std::uint64_t> cleared_at_;  ///< the number of the event
  EarlierTries earlier_tries_;
  std::size_t tasks_;
  RunState state_ = RunState::queued;
  Timestamp started_at_;
  RunEndReason stop_reason_ = RunEndReason::none;
  bool teardowns_go_on_ = false;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace leeward
