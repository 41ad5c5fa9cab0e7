// From what an attempt said to the state of its instance, and what that means for the run.
#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/seeded_bug.hpp"
#include "core/engine/retry_policy.hpp"
#include "core/engine/run_loop.hpp"
#include "core/engine/verdict.hpp"
#include "core/model/instance_name.hpp"
#include "core/model/run_shape.hpp"

namespace leeward {
namespace {

std::shared_ptr<const TaskOutcome> kept(TaskOutcome&& outcome) {
  return std::make_shared<const TaskOutcome>(std::move(outcome));
}

}  // namespace

void RunLoop::on_completion(Completion& completion) {
  if (callbacks_.take(completion)) return;
  Instance& instance = instances_[completion.instance];
  // The end of an attempt that was given up comes too late to mean anything.
  const bool is_late = !is_in_flight(instance.state) || instance.interrupted;
  if (is_late || instance.try_number != completion.try_number) return;
  if (completion.outcome.kind == OutcomeKind::deferred) {
    if (instance.state != TaskState::running) return;
    journal_.transition(completion.instance, TaskState::deferred);
    admission_.deferred(instance, completion.idle);
    return;
  }
  admission_.ended(instance);
  // Stopped only for later: a success is one all the same, and so is the failure of what may not be started again.
  // Whatever else it says will be said again.
  const bool counts = completion.outcome.kind == OutcomeKind::success ||
                      (completion.outcome.kind == OutcomeKind::failed && task_of(instance).op->traits.at_most_once);
  // Nobody here asked it to stop: what it waited for has been put off, as this run is.
  const bool is_put_off = suspends_asked_.load(std::memory_order_acquire) > 0 &&
                          !task_of(instance).op->traits.at_most_once && instance.stop_reason == StopReason::none &&
                          completion.outcome.kind == OutcomeKind::canceled;
  instance.interrupted = (instance.stop_reason == StopReason::suspended || is_put_off) && !counts &&
                         !seeded_bug(SeededBug::suspended_end_recorded);
  if (instance.interrupted) return;
  judge(completion.outcome, instance.stop_reason, task_of(instance).execution_timeout);
  end_attempt(completion.instance, std::move(completion.outcome));
}

void RunLoop::on_due_timers() {
  if (!timers_.next()) return;
  const Instant now = clock_.now();
  while (const auto timer = timers_.take(now)) on_timer(*timer);
}

void RunLoop::on_timer(const TimerQueue::Timer& timer) {
  const bool only_stops = timer.kind == TimerQueue::Kind::run_timeout || timer.kind == TimerQueue::Kind::give_up ||
                          timer.kind == TimerQueue::Kind::attempt_timeout;
  if (is_suspending() && !only_stops) return;
  switch (timer.kind) {
    case TimerQueue::Kind::run_timeout: stop(RunEndReason::timed_out, false); return;
    case TimerQueue::Kind::attempt_timeout: on_attempt_timer(timer.instance); return;
    case TimerQueue::Kind::past_check: recheck_past(); return;
    default: on_instance_timer(timer);
  }
}

void RunLoop::on_instance_timer(const TimerQueue::Timer& timer) {
  Instance& instance = instances_[timer.instance];
  if (instance.generation != timer.generation) return;
  const bool at_work = is_in_flight(instance.state);
  if (timer.kind == TimerQueue::Kind::again && waits_for_its_time(instance.state)) {
    schedule(timer.instance);
  } else if (timer.kind == TimerQueue::Kind::input_timeout && instance.state == TaskState::awaiting_input) {
    go_on_with(timer.instance, desk_.asked(timer.instance)->timed_out());
  } else if (timer.kind == TimerQueue::Kind::give_up && at_work) {
    admission_.ended(instance);
    TaskOutcome outcome = given_up();
    judge(outcome, instance.stop_reason, task_of(instance).execution_timeout);
    end_attempt(timer.instance, std::move(outcome));
  }
}

void RunLoop::on_attempt_timer(InstanceIndex index) {
  Instance& instance = instances_[index];
  instance.has_timer = false;
  const bool is_stopped = instance.stop_reason != StopReason::none && instance.stop_reason != StopReason::suspended;
  if (!is_in_flight(instance.state) || instance.interrupted || is_stopped) return;
  if (clock_.now() >= instance.deadline) return ask_to_stop(index, StopReason::timed_out);
  instance.has_timer = true;
  timers_.add(instance.deadline, TimerQueue::Kind::attempt_timeout, index);
}

void RunLoop::end_attempt(InstanceIndex index, TaskOutcome&& outcome) {
  check_outputs(task_of(instances_[index]), outcome);
  switch (outcome.kind) {
    case OutcomeKind::success: succeed(index, std::move(outcome)); return;
    case OutcomeKind::skipped: {
      const auto shown = kept(std::move(outcome));
      finish(index, TaskState::skipped, shown);
      tell_callbacks(index, CallbackMoment::skipped, shown.get());
      return;
    }
    case OutcomeKind::canceled: end_stopped(index, std::move(outcome)); return;
    case OutcomeKind::reschedule: {
      const Duration delay = outcome.retry_after.value_or(kRescheduleDelay);
      instances_[index].keeps_try = true;
      ++instances_[index].reschedules;
      wait_for_next(index, TaskState::up_for_reschedule, delay, std::move(outcome));
      return;
    }
    case OutcomeKind::awaiting_input: await_input(index, std::move(outcome)); return;
    case OutcomeKind::retry:
    case OutcomeKind::timed_out: {
      const Instance& instance = instances_[index];
      const Task& task = task_of(instance);
      const RetryKey key{run_->dag_id, task.id, run_->logical_date, instance.map_index};
      RetryRules rules = task.retry;
      rules.retries += instance.tries_before;
      const auto delay = retry_delay(rules, key, instance.try_number, outcome.retry_after);
      if (!delay) break;
      wait_for_next(index, TaskState::up_for_retry, *delay, std::move(outcome));
      return;
    }
    case OutcomeKind::deferred: LW_ASSERT(false, "deferred is no end"); break;
    case OutcomeKind::failed: break;
  }
  fail(index, std::move(outcome));
}

void RunLoop::succeed(InstanceIndex index, TaskOutcome&& outcome) {
  const Instance& instance = instances_[index];
  if (Status made = progress_.make_choices(instance, outcome); !made) {
    outcome.error = TaskError{made.error().code, made.error().message, false, 0, {}};
    outcome.kind = OutcomeKind::failed;
    return fail(index, std::move(outcome));
  }
  if (!task_of(instance).do_xcom_push) outcome.value = Value{};
  progress_.publish(instance, outcome.value);
  const auto shown = shared(std::move(outcome));
  finish(index, TaskState::success, shown);
  tell_callbacks(index, CallbackMoment::success, shown.get());
}

void RunLoop::fail(InstanceIndex index, TaskOutcome&& outcome, TaskState state) {
  const auto shown = kept(std::move(outcome));
  record_end(index, state, shown);
  tell_callbacks(index, CallbackMoment::failure, shown.get());
  const Task& task = task_of(instances_[index]);
  const bool counts = !task.is_teardown || task.on_failure_fail_dagrun;
  // Recorded with the failure, or a crash between the two would forget it.
  if (dag_->header().fail_fast && counts) stop(RunEndReason::fail_fast, true);
  flush_if_full();
}

void RunLoop::end_stopped(InstanceIndex index, TaskOutcome&& outcome) {
  finish(index, stopping_.task_state(true), kept(std::move(outcome)));
}

/// Of an attempt that will never say how it ended, of a run that stops.
void RunLoop::end_interrupted(InstanceIndex index) {
  TaskOutcome outcome = given_up();
  judge(outcome, StopReason::run_stopped, {});
  end_stopped(index, std::move(outcome));
}

void RunLoop::wait_for_next(InstanceIndex index, TaskState state, Duration delay, TaskOutcome&& outcome) {
  if (!goes_on(instances_[index].task)) return end_stopped(index, std::move(outcome));
  const auto shown = kept(std::move(outcome));
  journal_.transition(index, state, shown, delay);
  timers_.add(clock_.now() + delay, TimerQueue::Kind::again, index, instances_[index].generation);
  if (state == TaskState::up_for_retry) tell_callbacks(index, CallbackMoment::retry, shown.get());
}

// ---- waiting for a person ----

void RunLoop::await_input(InstanceIndex index, TaskOutcome&& outcome) {
  if (!goes_on(instances_[index].task)) return end_stopped(index, std::move(outcome));
  LW_ASSERT(outcome.input, "whoever awaits input says which");
  const auto request = outcome.input;
  instances_[index].keeps_try = true;
  journal_.transition(index, TaskState::awaiting_input, kept(std::move(outcome)));
  desk_.ask(index, request);
  if (!request->timeout) return;
  timers_.add(clock_.now() + *request->timeout, TimerQueue::Kind::input_timeout, index, instances_[index].generation);
}

void RunLoop::take_answers() {
  for (InputDesk::Said& said : desk_.take()) {
    Status status = accept(said);
    to_tell_.emplace_back(std::move(said.told), std::move(status));
  }
}

Status RunLoop::accept(const InputDesk::Said& said) {
  const TaskIndex task = dag_->find(said.task_id);
  const Expansion* expansion = task.valid() ? progress_.expansion_of(task) : nullptr;
  const std::int32_t count = expansion ? static_cast<std::int32_t>(expansion->size()) : 0;
  const bool exists = task.valid() && said.map_index >= -1 && said.map_index < count;
  const InstanceIndex index = exists ? instances_.of(task, said.map_index) : InstanceIndex{};
  const InputRequest* request = exists ? desk_.asked(index) : nullptr;
  if (!request) {
    return Error{"input.nothing_asked", "task \"" + instance_name(said.task_id, said.map_index) + "\" awaits no input"};
  }
  Result<Value> answer = request->accept(said.value, said.user);
  if (!answer) return std::move(answer).error();
  go_on_with(index, std::move(answer).value());
  return done();
}

void RunLoop::go_on_with(InstanceIndex index, Value answer) {
  desk_.close(index);
  desk_.keep_answer(index, answer);
  TaskOutcome said;
  said.kind = OutcomeKind::awaiting_input;
  said.value = std::move(answer);
  schedule(index, kept(std::move(said)));
}

// ---- the end of an instance ----

void RunLoop::finish(InstanceIndex index, TaskState state, std::shared_ptr<const TaskOutcome> outcome) {
  record_end(index, state, std::move(outcome));
  flush_if_full();
}

void RunLoop::record_end(InstanceIndex index, TaskState state, std::shared_ptr<const TaskOutcome> outcome) {
  journal_.transition(index, state, std::move(outcome));
  progress_.finish(instances_[index], state);
}

void RunLoop::tell_callbacks(InstanceIndex index, CallbackMoment moment, const TaskOutcome* outcome) {
  const Instance& instance = instances_[index];
  const auto& callbacks = task_of(instance).callbacks;
  if (!callbacks) return;
  callbacks_.tell(*callbacks, {moment, to_string(instance.state), task_of(instance).id, outcome, instance.map_index,
                               instance.try_number, progress_.items_of(instance)});
}

// ---- stopping ----

void RunLoop::obey_cancels() {
  const int cancels = cancels_asked_.load(std::memory_order_acquire);
  if (cancels > 0) stop(RunEndReason::canceled, cancels == 1);
}

void RunLoop::stop(RunEndReason reason, bool teardowns_go_on) {
  if (!stopping_.ask(reason, teardowns_go_on)) return;
  if (!seeded_bug(SeededBug::stop_not_recorded)) {
    journal_.run_stopping(stopping_.reason(), stopping_.teardowns_go_on());
  }
  carry_out_stop();
}

void RunLoop::carry_out_stop() {
  std::erase_if(parked_, [this](const RunPlan::Decision& decision) { return !goes_on(decision.task); });
  ready_.clear();
  const std::uint32_t count = instances_.size();
  for (InstanceIndex i{0}; i.value < count; ++i.value) {
    const Instance& instance = instances_[i];
    if (instance.expanded || is_finished(instance.state)) continue;
    if (goes_on(instance.task)) {
      if (instance.state == TaskState::scheduled) line_up(i);
    } else if (is_in_flight(instance.state) && !instance.interrupted) {
      if (instance.stop_reason != StopReason::run_stopped) ask_to_stop(i, StopReason::run_stopped);
    } else if (is_in_flight(instance.state)) {
      end_interrupted(i);
    } else {
      desk_.close(i);
      plan_.claim(instance.task, instance.map_index);
      finish(i, stopping_.task_state(false));
    }
  }
}

void RunLoop::ask_to_stop(InstanceIndex index, StopReason reason) {
  Instance& instance = instances_[index];
  instance.stop_reason = reason;
  timers_.add(clock_.now() + options_.cancel_grace, TimerQueue::Kind::give_up, index, instance.generation);
  to_stop_.emplace_back(index, instance.try_number);
}

}  // namespace leeward
