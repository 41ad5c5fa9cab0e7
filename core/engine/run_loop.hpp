#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/engine/admission.hpp"
#include "core/engine/callback_runner.hpp"
#include "core/engine/input_desk.hpp"
#include "core/engine/input_resolver.hpp"
#include "core/engine/past_runs.hpp"
#include "core/engine/ready_queue.hpp"
#include "core/engine/run_engine.hpp"
#include "core/engine/run_journal.hpp"
#include "core/engine/run_progress.hpp"
#include "core/engine/run_standing.hpp"
#include "core/engine/stopping.hpp"
#include "core/engine/timer_queue.hpp"

namespace leeward {

/// The loop behind RunEngine, private to core/engine.
///
/// A turn: take the plan's decisions, start what is ready, commit (record, tell, and only then start the attempts),
/// wait for what ends, and digest it. Only what needs nobody is expanded before the first. A turn's batch of events is
/// limited, so a DAG that becomes ready all at once passes through in slices that stay in the cache. run_loop.cpp is
/// the turn and the way towards a start, attempt_ends.cpp the way from there to an end, resuming.cpp the way back to
/// where a history left the run, suspending.cpp the ways out that leave the run for later.
class RunLoop {
 public:
  RunLoop(std::shared_ptr<const Dag> dag, std::shared_ptr<const RunInfo> run, const Clock& clock, Executor& executor,
          RunStore& store, std::vector<Observer*> observers, RunEngine::Options options);

  Result<RunState> run();
  Result<RunState> resume(std::span<const Event> so_far);
  /// Any thread.
  void cancel();
  /// Any thread.
  void suspend();
  /// Any thread.
  void answer(InputDesk::Said said);
  /// Any thread.
  void make_way();
  [[nodiscard]] bool rests() const noexcept { return rests_; }
  [[nodiscard]] std::optional<Instant> wakes_at() const { return timers_.next(); }
  Result<RunState> go_on();

  /// Where every instance stands; for tests.
  [[nodiscard]] const InstanceTable& instances() const noexcept { return instances_; }

 private:
  // The parts of a turn.
  void expand_ready_groups();
  void decide();
  void start_ready();
  void commit();
  void collect();
  Result<RunState> end();
  void tell_of_the_end(RunState how);
  void tell_answers();
  [[nodiscard]] std::vector<std::string> failed_instances() const;

  // Taking up a run: resuming.cpp.
  [[nodiscard]] Status restore(const RunStanding& standing, std::span<const Event> so_far);
  void adopt(InstanceIndex index, const RunStanding::Instance& stood);
  void adopt_stop(const RunStanding& standing);
  void expect_groups();
  [[nodiscard]] Status find_items();
  void end_interruptions();
  [[nodiscard]] Duration since(Timestamp then) const;
  [[nodiscard]] Duration left_of(Duration delay, Timestamp began) const;

  // Leaving a run for later: suspending.cpp.
  enum class Suspension : std::uint8_t { none, lets_end, stops, over };
  [[nodiscard]] bool is_suspending() const noexcept { return suspension_ != Suspension::none; }
  void obey_suspends();
  void stop_for_later();
  [[nodiscard]] bool is_at_rest() const;
  Result<RunState> leave();
  [[nodiscard]] bool makes_way() const;
  Result<RunState> rest();

  // Towards a start.
  void apply(const RunPlan::Decision& decision);
  [[nodiscard]] bool was_done(const RunPlan::Decision& decision, InstanceIndex index) const;
  void go(TaskIndex task, InstanceIndex index);
  void schedule(InstanceIndex index, std::shared_ptr<const TaskOutcome> answer = {});
  void line_up(InstanceIndex index);
  void start(InstanceIndex index);
  void hand_over(TaskCall&& call);
  void recheck_past();

  // Mapping.
  void expand(TaskIndex task);
  void expand_group(GroupIndex group);
  [[nodiscard]] std::vector<TaskIndex> open_roots_of(GroupIndex group) const;
  void told_expanded(TaskIndex task, InstanceIndex first, const std::shared_ptr<const MappedItems>& items);
  [[nodiscard]] std::vector<InstanceIndex> untouched(TaskIndex task) const;
  void finish_empty(TaskIndex task);
  void never_runs(TaskIndex task, InstanceIndex index, TaskState state);
  [[nodiscard]] std::optional<TaskState> inherited(const Mapping& mapping) const;

  // Towards an end: attempt_ends.cpp.
  void on_completion(Completion& completion);
  void on_due_timers();
  void on_timer(const TimerQueue::Timer& timer);
  void on_attempt_timer(InstanceIndex index);
  void on_instance_timer(const TimerQueue::Timer& timer);
  void end_attempt(InstanceIndex index, TaskOutcome&& outcome);
  void succeed(InstanceIndex index, TaskOutcome&& outcome);
  void fail(InstanceIndex index, TaskOutcome&& outcome, TaskState state = TaskState::failed);
  void end_stopped(InstanceIndex index, TaskOutcome&& outcome);
  void end_interrupted(InstanceIndex index);
  void wait_for_next(InstanceIndex index, TaskState state, Duration delay, TaskOutcome&& outcome);
  void await_input(InstanceIndex index, TaskOutcome&& outcome);
  void take_answers();
  [[nodiscard]] Status accept(const InputDesk::Said& said);
  void go_on_with(InstanceIndex index, Value answer);
  void finish(InstanceIndex index, TaskState state, std::shared_ptr<const TaskOutcome> outcome = {});
  void record_end(InstanceIndex index, TaskState state, std::shared_ptr<const TaskOutcome> outcome);
  void tell_callbacks(InstanceIndex index, CallbackMoment moment, const TaskOutcome* outcome);

  // Stopping: attempt_ends.cpp.
  void stop(RunEndReason reason, bool teardowns_go_on);
  void carry_out_stop();
  void obey_cancels();
  void ask_to_stop(InstanceIndex index, StopReason reason);
  [[nodiscard]] bool goes_on(TaskIndex task) const { return stopping_.goes_on(dag_->task(task)); }
  [[nodiscard]] bool is_stuck() const;

  void flush();
  void flush_if_full();
  [[nodiscard]] std::optional<Instant> wake_time() const;
  [[nodiscard]] const Task& task_of(const Instance& instance) const { return dag_->task(instance.task); }

  const std::shared_ptr<const Dag> dag_;
  const std::shared_ptr<const RunInfo> run_;
  const Clock& clock_;
  Executor& executor_;
  RunStore& store_;
  EventBus observers_;
  const RunEngine::Options options_;

  RunProgress progress_;
  InstanceTable& instances_;  ///< of progress_
  RunPlan& plan_;             ///< of progress_
  RunJournal journal_;
  InputResolver resolver_;
  Admission admission_;
  ReadyQueue ready_;
  TimerQueue timers_;
  InputDesk desk_;
  PastRuns past_;
  CallbackRunner callbacks_;
  std::vector<int> weights_;                            ///< by task; empty where nobody ever has to wait for another
  std::vector<RunPlan::Decision> parked_;               ///< may run, but for their past
  std::vector<TaskCall> to_start_;                      ///< recorded with the next flush, started after it
  std::vector<std::pair<InstanceIndex, int>> to_stop_;  ///< attempts by their try, the same way
  std::vector<std::pair<std::function<void(Status)>, Status>> to_tell_;
  std::vector<Completion> completions_;
  bool more_to_start_ = false;             ///< the last round of starts did not come to its end
  std::vector<GroupIndex> without_items_;  ///< while a run is taken up: groups that come to nothing
  Stopping stopping_;
  std::optional<Error> store_error_;
  std::atomic<int> cancels_asked_{0};
  std::atomic<int> suspends_asked_{0};
  std::atomic<bool> way_asked_{false};
  bool rests_ = false;
  Suspension suspension_ = Suspension::none;
  Instant suspension_until_;  ///< when its next phase comes
};

}  // namespace leeward
