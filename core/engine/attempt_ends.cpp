// From what an attempt said to the state of its instance, and what that means for the run.
#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
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
  if (!is_in_flight(instance.state) || instance.try_number != completion.try_number) return;
  if (completion.outcome.kind == OutcomeKind::deferred) {
    if (instance.state != TaskState::running) return;
    journal_.transition(completion.instance, TaskState::deferred);
    admission_.deferred(instance, completion.idle);
    return;
  }
  admission_.ended(instance);
  judge(completion.outcome, instance.stop_reason, task_of(instance).execution_timeout);
  end_attempt(completion.instance, std::move(completion.outcome));
}

void RunLoop::on_timer(const TimerQueue::Timer& timer) {
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
  if (!is_in_flight(instance.state) || instance.stop_reason != StopReason::none) return;
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
      const auto delay = retry_delay(task.retry, key, instance.try_number, outcome.retry_after);
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
  if (!make_choices(index, outcome)) return fail(index, std::move(outcome));
  const Instance& instance = instances_[index];
  if (!task_of(instance).do_xcom_push) outcome.value = Value{};
  publish(instance, outcome.value);
  const auto shown = shared(std::move(outcome));
  finish(index, TaskState::success, shown);
  tell_callbacks(index, CallbackMoment::success, shown.get());
}

/// What it has skipped or chosen of its downstreams. False if it chose one that there is not: then `outcome` says so.
bool RunLoop::make_choices(InstanceIndex index, TaskOutcome& outcome) {
  const TaskIndex task = instances_[index].task;
  const std::int32_t map_index = instances_[index].map_index;
  Expansion* expansion = expansion_of(instances_[index]);
  // The instances of a mapped task speak together when the last one has ended, each for itself only within a group.
  const bool in_group = dag_->task(task).mapped_group.valid();
  if (outcome.branch) {
    const auto chosen = chosen_tasks(*dag_, task, *outcome.branch);
    if (!chosen) {
      outcome.error = TaskError{chosen.error().code, chosen.error().message, false, 0, {}};
      outcome.kind = OutcomeKind::failed;
      return false;
    }
    if (expansion) expansion->keep_choice(*chosen);
    if (!expansion || in_group) plan_.choose(task, map_index, *chosen);
  }
  if (expansion) expansion->keep_skip(outcome.skip_downstream);
  if (!expansion || in_group) plan_.skip_below(task, map_index, outcome.skip_downstream);
  return true;
}

void RunLoop::publish(const Instance& instance, const Value& value) {
  const Task& task = task_of(instance);
  if (!publishes(task)) return;
  Expansion* expansion = expansion_of(instance);
  if (!expansion) return context_.publish(instance.task, value);
  expansion->keep_value(instance.map_index, value);
  if (task.mapped_group.valid()) context_.publish(instance.task, instance.map_index, expansion->size(), value);
}

void RunLoop::fail(InstanceIndex index, TaskOutcome&& outcome) {
  const auto shown = kept(std::move(outcome));
  finish(index, TaskState::failed, shown);
  tell_callbacks(index, CallbackMoment::failure, shown.get());
  const Task& task = task_of(instances_[index]);
  const bool counts = !task.is_teardown || task.on_failure_fail_dagrun;
  if (dag_->header().fail_fast && counts) stop(RunEndReason::fail_fast, true);
}

void RunLoop::end_stopped(InstanceIndex index, TaskOutcome&& outcome) {
  finish(index, stopping_.task_state(true), kept(std::move(outcome)));
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
  const auto expansion = task.valid() ? expansions_.find(task) : expansions_.end();
  const std::int32_t count = expansion == expansions_.end() ? 0 : static_cast<std::int32_t>(expansion->second->size());
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
  journal_.transition(index, state, std::move(outcome));
  const TaskIndex task = instances_[index].task;
  const std::int32_t map_index = instances_[index].map_index;
  if (map_index >= 0) finish_mapped(task);
  plan_.finish(task, map_index, state);
  if (journal_.full() && to_start_.empty()) flush();
}

void RunLoop::finish_mapped(TaskIndex task) {
  const auto found = expansions_.find(task);
  Expansion& expansion = *found->second;
  if (!expansion.finish_one()) return;
  if (publishes(dag_->task(task))) context_.publish(task, expansion.take_published());
  if (const auto* chosen = expansion.choice()) plan_.choose(task, -1, *chosen);
  plan_.skip_below(task, -1, expansion.skips());
}

void RunLoop::tell_callbacks(InstanceIndex index, CallbackMoment moment, const TaskOutcome* outcome) {
  const Instance& instance = instances_[index];
  const auto& callbacks = task_of(instance).callbacks;
  if (!callbacks) return;
  const Expansion* expansion = expansion_of(instance);
  callbacks_.tell(*callbacks, {moment, to_string(instance.state), task_of(instance).id, outcome, instance.map_index,
                               instance.try_number, expansion ? &expansion->items() : nullptr});
}

// ---- stopping ----

void RunLoop::obey_cancels() {
  const int cancels = cancels_asked_.load(std::memory_order_acquire);
  if (cancels > 0) stop(RunEndReason::canceled, cancels == 1);
}

void RunLoop::stop(RunEndReason reason, bool teardowns_go_on) {
  if (!stopping_.ask(reason, teardowns_go_on)) return;
  std::erase_if(parked_, [this](const RunPlan::Decision& decision) { return !goes_on(decision.task); });
  ready_.clear();
  const std::uint32_t count = instances_.size();
  for (InstanceIndex i{0}; i.value < count; ++i.value) {
    const Instance& instance = instances_[i];
    if (instance.expanded || is_finished(instance.state)) continue;
    if (goes_on(instance.task)) {
      if (instance.state == TaskState::scheduled) line_up(i);
    } else if (is_in_flight(instance.state)) {
      if (instance.stop_reason != StopReason::run_stopped) ask_to_stop(i, StopReason::run_stopped);
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
  executor_.cancel(index, instance.try_number);
}

}  // namespace leeward
