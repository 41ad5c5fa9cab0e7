#include "core/engine/run_engine.hpp"

#include <atomic>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/engine/expansion.hpp"
#include "core/engine/input_resolver.hpp"
#include "core/engine/instance_table.hpp"
#include "core/engine/ready_queue.hpp"
#include "core/engine/retry_policy.hpp"
#include "core/engine/run_context.hpp"
#include "core/engine/run_journal.hpp"
#include "core/engine/run_plan.hpp"
#include "core/engine/timer_queue.hpp"
#include "core/engine/verdict.hpp"

// A turn of the loop: take the plan's decisions, start what is ready, commit (record, tell, and only then start the
// attempts), wait for what ends, and digest it. Nothing outside of a turn changes the run. A turn's batch of events is
// limited, so a DAG that becomes ready all at once passes through in slices that stay in the cache.

namespace leeward {

struct RunEngine::Impl {
  Impl(std::shared_ptr<const Dag> dag, std::shared_ptr<const RunInfo> run, const Clock& clock, Executor& executor,
       RunStore& store, std::vector<Observer*> observers, Options options);

  Result<RunState> run();

  // The parts of a turn.
  void decide();
  void start_ready();
  void commit();
  void collect();

  // Towards a start.
  void schedule(InstanceIndex index);
  void expand(TaskIndex task);
  void start(InstanceIndex index);
  [[nodiscard]] bool has_slot() const { return options_.max_active_tasks == 0 || active_ < options_.max_active_tasks; }

  // Towards an end.
  void on_completion(Completion& completion);
  void on_timer(const TimerQueue::Timer& timer);
  void end_attempt(InstanceIndex index, TaskOutcome&& outcome);
  void succeed(InstanceIndex index, TaskOutcome&& outcome);
  void fail(InstanceIndex index, TaskOutcome&& outcome);
  void wait_for_next(InstanceIndex index, TaskState state, Duration delay, TaskOutcome&& outcome);
  void finish(InstanceIndex index, TaskState state, std::shared_ptr<const TaskOutcome> outcome = {});
  void finish_mapped(TaskIndex task);

  // Stopping.
  void stop(RunState how);
  void ask_to_stop(InstanceIndex index, StopReason reason);
  [[nodiscard]] TaskState stopped_state() const {
    return stopping_ == RunState::failed ? TaskState::skipped : TaskState::canceled;
  }

  void flush();
  [[nodiscard]] std::optional<Instant> wake_time() const;
  [[nodiscard]] const Task& task_of(const Instance& instance) const { return dag_->task(instance.task); }

  const std::shared_ptr<const Dag> dag_;
  const std::shared_ptr<const RunInfo> run_;
  const Clock& clock_;
  Executor& executor_;
  RunStore& store_;
  EventBus observers_;
  const Options options_;

  InstanceTable instances_;
  RunJournal journal_;
  RunPlan plan_;
  RunContext context_;
  InputResolver resolver_;
  ReadyQueue ready_;
  TimerQueue timers_;
  std::unordered_map<TaskIndex, std::unique_ptr<Expansion>> expansions_;
  std::vector<TaskCall> to_start_;  ///< recorded with the next flush, started after it
  std::vector<Completion> completions_;
  std::size_t active_ = 0;  ///< attempts that count against max_active_tasks: one given up does not
  std::optional<RunState> stopping_;
  std::optional<Error> store_error_;
  std::atomic<bool> cancel_asked_{false};
};

RunEngine::Impl::Impl(std::shared_ptr<const Dag> dag, std::shared_ptr<const RunInfo> run, const Clock& clock,
                      Executor& executor, RunStore& store, std::vector<Observer*> observers, Options options)
    : dag_(std::move(dag)),
      run_(std::move(run)),
      clock_(clock),
      executor_(executor),
      store_(store),
      observers_(std::move(observers)),
      options_(options),
      instances_(dag_->size()),
      journal_(dag_, run_, clock_, store_, observers_, instances_),
      plan_(*dag_),
      resolver_(dag_, *run_, context_) {}

Result<RunState> RunEngine::Impl::run() {
  if (Status begun = journal_.begin(); !begun) return std::move(begun).error();
  if (const auto limit = dag_->header().dagrun_timeout) {
    timers_.add(clock_.now() + *limit, TimerQueue::Kind::run_timeout);
  }
  while (!plan_.all_finished() && !store_error_) {
    if (cancel_asked_.load(std::memory_order_acquire) && !stopping_) stop(RunState::canceled);
    decide();
    start_ready();
    commit();
    collect();
  }
  if (!store_error_) {
    const RunState how = stopping_.value_or(plan_.outcome());
    journal_.run_finished(how);
    flush();
    if (!store_error_) return how;
  }
  // What cannot be recorded must not go on. The attempts' ends belong to nobody any more.
  for (InstanceIndex i{0}; i.value < instances_.size(); ++i.value) {
    if (instances_[i].state == TaskState::running) executor_.cancel(i, instances_[i].try_number);
  }
  return *store_error_;
}

void RunEngine::Impl::decide() {
  for (RunPlan::Decision decision; plan_.take(decision);) {
    if (stopping_) continue;  // what has not started was dealt with by stop()
    const InstanceIndex index = InstanceTable::of(decision.task);
    if (decision.decision == TriggerDecision::skip) {
      finish(index, TaskState::skipped);
    } else if (decision.decision == TriggerDecision::upstream_failed) {
      finish(index, TaskState::upstream_failed);
    } else if (!dag_->task(decision.task).mapping) {
      schedule(index);
    } else {
      expand(decision.task);
    }
  }
}

void RunEngine::Impl::schedule(InstanceIndex index) {
  journal_.transition(index, TaskState::scheduled);
  const Task& task = task_of(instances_[index]);
  ready_.push(index, task.priority_weight, task.op->traits.blocks());
  if (journal_.full()) flush();
}

void RunEngine::Impl::expand(TaskIndex task) {
  const InstanceIndex whole = InstanceTable::of(task);
  const auto state_of = [this](TaskIndex t) { return instances_[InstanceTable::of(t)].state; };
  if (const auto inherited = state_without_lists(dag_->task(task), context_, state_of)) {
    finish(whole, *inherited);
    return;
  }
  auto expanded = resolver_.expand(dag_->task(task));
  if (!expanded) {
    finish(whole, TaskState::failed, std::make_shared<const TaskOutcome>(failed_input(std::move(expanded).error())));
    return;
  }
  const std::uint32_t count = (*expanded)->size();
  if (count == 0) {
    journal_.expanded(task, whole, 0);
    if (publishes(dag_->task(task))) context_.publish(task, (*expanded)->published());
    finish(whole, TaskState::skipped);
    return;
  }
  const InstanceIndex first = instances_.add(task, count);
  instances_[whole].expanded = true;
  journal_.expanded(task, first, count);
  plan_.expand(task, count);
  expansions_[task] = std::move(*expanded);
  for (std::uint32_t k = 0; k < count; ++k) schedule(InstanceIndex{first.value + k});
}

void RunEngine::Impl::start_ready() {
  if (ready_.empty()) return;
  std::size_t threads = executor_.free_threads();
  while (ready_.has_one(threads) && has_slot() && !journal_.full()) start(ready_.pop(threads));
}

void RunEngine::Impl::start(InstanceIndex index) {
  Instance& instance = instances_[index];
  journal_.transition(index, TaskState::queued);
  if (!std::exchange(instance.keeps_try, false)) ++instance.try_number;
  ++instance.generation;
  instance.stop_reason = StopReason::none;
  journal_.transition(index, TaskState::running);

  const Task& task = task_of(instance);
  const Expansion* expansion = instance.map_index < 0 ? nullptr : expansions_.at(instance.task).get();
  auto input = resolver_.resolve({&task, instance.map_index, instance.try_number}, expansion);
  if (!input) {
    fail(index, failed_input(std::move(input).error()));
    return;
  }
  ++active_;
  TaskCall& call = to_start_.emplace_back();
  call.run = run_;
  call.task = &task;
  call.instance = index;
  call.map_index = instance.map_index;
  call.try_number = instance.try_number;
  call.max_tries = task.retry.retries + 1;
  call.params = std::move(input->params);
  call.context = std::move(input->context);
}

void RunEngine::Impl::commit() {
  flush();
  if (!store_error_) {
    for (TaskCall& call : to_start_) {
      if (call.task->execution_timeout) {
        timers_.add(clock_.now() + *call.task->execution_timeout, TimerQueue::Kind::attempt_timeout, call.instance,
                    instances_[call.instance].generation);
      }
      executor_.start(std::move(call));
    }
  }
  to_start_.clear();
}

void RunEngine::Impl::flush() {
  if (store_error_) return;
  if (Status flushed = journal_.flush(); !flushed) store_error_ = std::move(flushed).error();
}

void RunEngine::Impl::collect() {
  if (plan_.all_finished() || store_error_) return;
  completions_.clear();
  executor_.wait(wake_time(), completions_);
  for (Completion& completion : completions_) on_completion(completion);
  if (!timers_.next()) return;
  const Instant now = clock_.now();
  while (const auto timer = timers_.take(now)) on_timer(*timer);
}

std::optional<Instant> RunEngine::Impl::wake_time() const {
  const bool can_start = has_slot() && !ready_.empty() && ready_.has_one(executor_.free_threads());
  if (plan_.has_decisions() || can_start) return Instant{};  // only look, do not wait
  LW_ASSERT(active_ > 0 || timers_.next() || !ready_.empty(),
            "a run that is not finished waits for an attempt, for a timer or for a thread");
  return timers_.next();
}

void RunEngine::Impl::on_completion(Completion& completion) {
  const Instance& instance = instances_[completion.instance];
  // The end of an attempt that was given up comes too late to mean anything.
  if (instance.state != TaskState::running || instance.try_number != completion.try_number) return;
  --active_;
  judge(completion.outcome, instance.stop_reason, task_of(instance).execution_timeout);
  end_attempt(completion.instance, std::move(completion.outcome));
}

void RunEngine::Impl::on_timer(const TimerQueue::Timer& timer) {
  if (timer.kind == TimerQueue::Kind::run_timeout) {
    if (!stopping_) stop(RunState::failed);
    return;
  }
  const Instance& instance = instances_[timer.instance];
  if (instance.generation != timer.generation) return;
  const bool running = instance.state == TaskState::running;
  const bool waiting = instance.state == TaskState::up_for_retry || instance.state == TaskState::up_for_reschedule;
  if (timer.kind == TimerQueue::Kind::again && waiting) {
    schedule(timer.instance);
  } else if (timer.kind == TimerQueue::Kind::attempt_timeout && running && instance.stop_reason == StopReason::none) {
    ask_to_stop(timer.instance, StopReason::timed_out);
  } else if (timer.kind == TimerQueue::Kind::give_up && running) {
    --active_;
    TaskOutcome outcome = given_up();
    judge(outcome, instance.stop_reason, task_of(instance).execution_timeout);
    end_attempt(timer.instance, std::move(outcome));
  }
}

void RunEngine::Impl::end_attempt(InstanceIndex index, TaskOutcome&& outcome) {
  switch (outcome.kind) {
    case OutcomeKind::success: succeed(index, std::move(outcome)); return;
    case OutcomeKind::skipped:
      finish(index, TaskState::skipped, std::make_shared<const TaskOutcome>(std::move(outcome)));
      return;
    case OutcomeKind::canceled:
      finish(index, stopped_state(), std::make_shared<const TaskOutcome>(std::move(outcome)));
      return;
    case OutcomeKind::reschedule: {
      const Duration delay = outcome.retry_after.value_or(kRescheduleDelay);
      instances_[index].keeps_try = true;
      wait_for_next(index, TaskState::up_for_reschedule, delay, std::move(outcome));
      return;
    }
    case OutcomeKind::retry:
    case OutcomeKind::timed_out: {
      const Instance& instance = instances_[index];
      const RetryKey key{dag_->id(), task_of(instance).id, run_->logical_date, instance.map_index};
      const auto delay = retry_delay(task_of(instance).retry, key, instance.try_number, outcome.retry_after);
      if (!delay) break;
      wait_for_next(index, TaskState::up_for_retry, *delay, std::move(outcome));
      return;
    }
    case OutcomeKind::deferred:
    case OutcomeKind::awaiting_input:
    case OutcomeKind::failed: break;
  }
  fail(index, std::move(outcome));
}

void RunEngine::Impl::succeed(InstanceIndex index, TaskOutcome&& outcome) {
  const Instance& instance = instances_[index];
  const Task& task = task_of(instance);
  Expansion* expansion = instance.map_index < 0 ? nullptr : expansions_.at(instance.task).get();
  if (outcome.branch) {
    const auto chosen = chosen_tasks(*dag_, instance.task, *outcome.branch);
    if (!chosen) {
      outcome.error = TaskError{chosen.error().code, chosen.error().message, false, 0, {}};
      fail(index, std::move(outcome));
      return;
    }
    if (expansion) {
      expansion->keep_choice(*chosen);
    } else {
      plan_.choose(instance.task, *chosen);
    }
  }
  if (!task.do_xcom_push) outcome.value = Value{};
  if (publishes(task)) {
    if (expansion) {
      expansion->keep_value(instance.map_index, outcome.value);
    } else {
      context_.publish(instance.task, outcome.value);
    }
  }
  finish(index, TaskState::success, shared(std::move(outcome)));
}

void RunEngine::Impl::fail(InstanceIndex index, TaskOutcome&& outcome) {
  finish(index, TaskState::failed, std::make_shared<const TaskOutcome>(std::move(outcome)));
}

void RunEngine::Impl::wait_for_next(InstanceIndex index, TaskState state, Duration delay, TaskOutcome&& outcome) {
  if (stopping_) {
    finish(index, stopped_state(), std::make_shared<const TaskOutcome>(std::move(outcome)));
    return;
  }
  journal_.transition(index, state, std::make_shared<const TaskOutcome>(std::move(outcome)), delay);
  timers_.add(clock_.now() + delay, TimerQueue::Kind::again, index, instances_[index].generation);
}

void RunEngine::Impl::finish(InstanceIndex index, TaskState state, std::shared_ptr<const TaskOutcome> outcome) {
  journal_.transition(index, state, std::move(outcome));
  const Instance& instance = instances_[index];
  if (instance.map_index >= 0) finish_mapped(instance.task);
  plan_.finish(instance.task, state);
  if (journal_.full() && to_start_.empty()) flush();
}

void RunEngine::Impl::finish_mapped(TaskIndex task) {
  const auto found = expansions_.find(task);
  Expansion& expansion = *found->second;
  if (!expansion.finish_one()) return;
  if (publishes(dag_->task(task))) context_.publish(task, expansion.published());
  if (const auto* chosen = expansion.choice()) plan_.choose(task, *chosen);
  expansions_.erase(found);
}

void RunEngine::Impl::stop(RunState how) {
  stopping_ = how;
  ready_.clear();
  const std::uint32_t count = instances_.size();
  for (InstanceIndex i{0}; i.value < count; ++i.value) {
    const Instance& instance = instances_[i];
    if (instance.expanded || is_finished(instance.state)) continue;
    if (instance.state == TaskState::running) {
      ask_to_stop(i, StopReason::run_stopped);
    } else {
      finish(i, stopped_state());
    }
  }
}

void RunEngine::Impl::ask_to_stop(InstanceIndex index, StopReason reason) {
  Instance& instance = instances_[index];
  instance.stop_reason = reason;
  timers_.add(clock_.now() + options_.cancel_grace, TimerQueue::Kind::give_up, index, instance.generation);
  executor_.cancel(index, instance.try_number);
}

RunEngine::RunEngine(std::shared_ptr<const Dag> dag, std::shared_ptr<const RunInfo> run, const Clock& clock,
                     Executor& executor, RunStore& store, std::vector<Observer*> observers, Options options)
    : impl_(std::make_unique<Impl>(std::move(dag), std::move(run), clock, executor, store, std::move(observers),
                                   options)) {}

RunEngine::~RunEngine() = default;

Result<RunState> RunEngine::run() { return impl_->run(); }

void RunEngine::cancel() {
  impl_->cancel_asked_.store(true, std::memory_order_release);
  impl_->executor_.interrupt();
}

}  // namespace leeward
