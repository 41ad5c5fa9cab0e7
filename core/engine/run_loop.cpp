#include "core/engine/run_loop.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/base/seeded_bug.hpp"
#include "core/engine/priority_weights.hpp"
#include "core/engine/verdict.hpp"
#include "core/model/instance_name.hpp"
#include "core/model/run_shape.hpp"

namespace leeward {
namespace {

constexpr Duration kPastCheck = std::chrono::seconds{1};  // depends_on_past looks again

}  // namespace

RunLoop::RunLoop(std::shared_ptr<const Dag> dag, std::shared_ptr<const RunInfo> run, const Clock& clock,
                 Executor& executor, RunStore& store, std::vector<Observer*> observers, RunEngine::Options options)
    : dag_(std::move(dag)),
      run_(std::move(run)),
      clock_(clock),
      executor_(executor),
      store_(store),
      observers_(std::move(observers)),
      options_(options),
      progress_(*dag_),
      instances_(progress_.instances()),
      plan_(progress_.plan()),
      journal_(dag_, run_, clock_, store_, observers_, instances_),
      resolver_(dag_, *run_, progress_.context()),
      admission_(*dag_, executor_, options_.pools, options_.max_active_tasks),
      past_(*dag_, *run_, store_),
      callbacks_(run_, resolver_, executor_, observers_) {
  if (admission_.may_refuse()) weights_ = priority_weights(*dag_);
}

void RunLoop::cancel() {
  cancels_asked_.fetch_add(1, std::memory_order_release);
  executor_.interrupt();
}

void RunLoop::suspend() {
  suspends_asked_.fetch_add(1, std::memory_order_release);
  executor_.interrupt();
}

void RunLoop::make_way() {
  if (!way_asked_.exchange(true, std::memory_order_acq_rel)) executor_.interrupt();
}

void RunLoop::answer(InputDesk::Said said) {
  desk_.say(std::move(said));
  executor_.interrupt();
}

// ---- the turn ----

Result<RunState> RunLoop::run() {
  if (Status begun = journal_.begin(); !begun) return std::move(begun).error();
  journal_.run_started();
  if (const auto limit = dag_->header().dagrun_timeout) {
    timers_.add(clock_.now() + *limit, TimerQueue::Kind::run_timeout);
  }
  // Groups whose lists need nobody have their instances from the beginning, also if none of them runs.
  expand_ready_groups();
  return go_on();
}

Result<RunState> RunLoop::go_on() {
  rests_ = false;
  bool looked = false;  // whatever comes after that look rings
  while (!plan_.all_finished() && !store_error_) {
    obey_suspends();
    obey_cancels();
    if (!is_suspending()) {
      decide();
      start_ready();
    }
    commit();
    if (is_suspending() && is_at_rest()) return leave();
    if (!is_suspending() && is_stuck()) {
      static_cast<void>(stopping_.ask(RunEndReason::deadlock, false));
      break;
    }
    if (looked && makes_way()) return rest();
    collect();
    looked = true;
  }
  return end();
}

Result<RunState> RunLoop::end() {
  const RunState how = stopping_.asked() ? *stopping_.run_state() : plan_.outcome();
  if (!store_error_) {
    journal_.run_finished(how, stopping_.reason());
    flush();
  }
  tell_answers();
  desk_.shut({"input.nothing_asked", "the run is over, and awaits no input any more"});
  if (!store_error_) {
    tell_of_the_end(how);
    return how;
  }
  // What cannot be recorded must not go on. The attempts' ends belong to nobody any more.
  for (InstanceIndex i{0}; i.value < instances_.size(); ++i.value) {
    if (is_in_flight(instances_[i].state)) executor_.cancel(i, instances_[i].try_number);
  }
  return *store_error_;
}

/// The Dag's callbacks; and those still at work get their time to end.
void RunLoop::tell_of_the_end(RunState how) {
  const auto& callbacks = dag_->header().callbacks;
  if (how == RunState::success) {
    callbacks_.tell(callbacks, {CallbackMoment::success, to_string(how)});
  } else if (how == RunState::failed && !callbacks.empty()) {
    const TaskOutcome why = failed_run(stopping_.reason(), failed_instances());
    callbacks_.tell(callbacks, {CallbackMoment::failure, to_string(how), {}, &why});
  }
  callbacks_.tell_failures();
  const Instant deadline = clock_.now() + options_.callback_grace;
  for (callbacks_.start(0); !callbacks_.idle() && clock_.now() < deadline; callbacks_.start(0)) {
    completions_.clear();
    executor_.wait(deadline, completions_);
    for (const Completion& completion : completions_) static_cast<void>(callbacks_.take(completion));
  }
  callbacks_.give_up();
}

std::vector<std::string> RunLoop::failed_instances() const {
  std::vector<std::string> failed;
  for (InstanceIndex i{0}; i.value < instances_.size(); ++i.value) {
    const Instance& instance = instances_[i];
    if (instance.state != TaskState::failed && instance.state != TaskState::lost) continue;
    failed.push_back(instance_name(task_of(instance).id, instance.map_index));
  }
  return failed;
}

void RunLoop::tell_answers() {
  for (auto& [told, status] : std::exchange(to_tell_, {}))
    told(store_error_ ? Status{*store_error_} : std::move(status));
}

void RunLoop::expand_ready_groups() {
  for (GroupIndex group = progress_.take_group(); group.valid(); group = progress_.take_group()) expand_group(group);
}

void RunLoop::decide() {
  for (;;) {
    if (RunPlan::Decision decision; plan_.take(decision)) {
      apply(decision);
    } else if (const GroupIndex group = progress_.take_group(); group.valid()) {
      expand_group(group);
    } else {
      return;
    }
  }
}

void RunLoop::start_ready() {
  more_to_start_ = false;
  if (ready_.empty()) return;
  admission_.look_at_threads(callbacks_.waiting());
  ready_.unblock();
  while (!journal_.full()) {
    const auto index = ready_.pop([this](const ReadyQueue::Needs& needs) { return admission_.admit(needs); });
    if (!index) return;
    start(*index);
  }
  more_to_start_ = !ready_.empty();
}

void RunLoop::commit() {
  flush();
  tell_answers();
  if (!store_error_) {
    callbacks_.tell_failures();
    const auto wants_thread = [](const TaskCall& call) { return call.task->op->traits.blocks(); };
    if (callbacks_.waiting() > 0) {
      callbacks_.start(static_cast<std::size_t>(std::count_if(to_start_.begin(), to_start_.end(), wants_thread)));
    }
    for (TaskCall& call : to_start_) hand_over(std::move(call));
    for (const auto& [index, try_number] : to_stop_) executor_.cancel(index, try_number);
  }
  to_start_.clear();
  to_stop_.clear();
}

void RunLoop::hand_over(TaskCall&& call) {
  const InstanceIndex index = call.instance;
  Instance& instance = instances_[index];
  if (const auto& timeout = call.task->execution_timeout) {
    instance.deadline = clock_.now() + *timeout;
    // One timer an instance, which looks again if it comes early: a sensor may start a million times before its first.
    if (!std::exchange(instance.has_timer, true)) {
      timers_.add(instance.deadline, TimerQueue::Kind::attempt_timeout, index);
    }
  }
  executor_.start(std::move(call));
}

void RunLoop::flush() {
  if (store_error_) return;
  if (Status flushed = journal_.flush(); !flushed) store_error_ = std::move(flushed).error();
}

/// A batch is worth it, and nobody waits to be started with it.
void RunLoop::flush_if_full() {
  if (journal_.full() && to_start_.empty()) flush();
}

void RunLoop::collect() {
  if (plan_.all_finished() || store_error_) return;
  completions_.clear();
  executor_.wait(wake_time(), completions_);
  for (Completion& completion : completions_) on_completion(completion);
  take_answers();
  on_due_timers();
}

std::optional<Instant> RunLoop::wake_time() const {
  if (is_suspending()) return std::min(suspension_until_, timers_.next().value_or(suspension_until_));
  if (plan_.has_decisions() || more_to_start_ || makes_way()) return Instant{};  // only look, do not wait
  return timers_.next();
}

/// Nothing is at work, nothing will be, and yet not all is finished: Airflow's deadlock.
bool RunLoop::is_stuck() const {
  if (store_error_ || plan_.all_finished() || plan_.has_decisions() || more_to_start_) return false;
  return !admission_.anybody_at_work() && journal_.waiting() == 0 && ready_.empty() && parked_.empty() &&
         !desk_.anybody_waits();
}

// ---- towards a start ----

void RunLoop::apply(const RunPlan::Decision& decision) {
  const InstanceIndex index = instances_.of(decision.task, decision.map_index);
  if (was_done(decision, index)) return;
  switch (decision.decision) {
    case TriggerDecision::wait: LW_ASSERT(false, "the plan tells decisions, not that there is none");
    case TriggerDecision::skip: never_runs(decision.task, index, TaskState::skipped); return;
    case TriggerDecision::upstream_failed: never_runs(decision.task, index, TaskState::upstream_failed); return;
    case TriggerDecision::remove: finish(index, TaskState::removed); return;
    case TriggerDecision::run: break;
  }
  const Result<bool> past = past_.allow(decision.task);
  if (!past) {
    store_error_ = past.error();
  } else if (*past) {
    go(decision.task, index);
  } else {
    if (parked_.empty()) timers_.add(clock_.now() + kPastCheck, TimerQueue::Kind::past_check);
    parked_.push_back(decision);
  }
}

/// A stop has dealt with it, or it was acted upon before the run was taken up again.
bool RunLoop::was_done(const RunPlan::Decision& decision, InstanceIndex index) const {
  if (seeded_bug(SeededBug::done_run_again)) return false;
  const Instance& instance = instances_[index];
  return instance.expanded ? untouched(decision.task).empty() : instance.state != TaskState::none;
}

void RunLoop::recheck_past() {
  past_.look_again();
  for (const RunPlan::Decision& decision : std::exchange(parked_, {})) apply(decision);
}

void RunLoop::go(TaskIndex task, InstanceIndex index) {
  if (dag_->task(task).mapping) {
    expand(task);
  } else {
    schedule(index);
  }
}

void RunLoop::schedule(InstanceIndex index, std::shared_ptr<const TaskOutcome> answer) {
  journal_.transition(index, TaskState::scheduled, std::move(answer));
  line_up(index);
  flush_if_full();
}

void RunLoop::line_up(InstanceIndex index) {
  const TaskIndex task = instances_[index].task;
  ready_.push(index, weights_.empty() ? 0 : weights_[task.value], admission_.needs_of(task));
}

void RunLoop::start(InstanceIndex index) {
  Instance& instance = instances_[index];
  admission_.started(instance);
  journal_.transition(index, TaskState::queued);
  // Who runs inline never waits, and need not know since when it does.
  if (instance.generation == 0 && !task_of(instance).op->traits.inline_execution) instance.first_start = clock_.now();
  if (!std::exchange(instance.keeps_try, false)) {
    ++instance.try_number;
    desk_.forget_answer(index);
  }
  ++instance.generation;
  instance.stop_reason = StopReason::none;
  journal_.transition(index, TaskState::running);

  const Task& task = task_of(instance);
  auto input = resolver_.resolve({&task, instance.map_index, instance.try_number}, progress_.items_of(instance));
  if (!input) {
    admission_.ended(instance);
    more_to_start_ = true;  // somebody who was refused may have its place
    fail(index, failed_input(std::move(input).error()));
    return;
  }
  tell_callbacks(index, CallbackMoment::execute, nullptr);
  TaskCall& call = to_start_.emplace_back();
  call.run = run_;
  call.task = &task;
  call.instance = index;
  call.map_index = instance.map_index;
  call.try_number = instance.try_number;
  call.max_tries = instance.tries_before + task.retry.retries + 1;
  call.reschedules = static_cast<int>(instance.reschedules);
  if (instance.generation > 1) call.waited = clock_.now() - instance.first_start;
  call.params = std::move(input->params);
  call.context = std::move(input->context);
  call.answer = desk_.answer_of(index);
  if (seeded_bug(SeededBug::effect_before_commit)) {
    hand_over(TaskCall{call});
    to_start_.pop_back();
  }
}

// ---- mapping ----

/// What becomes of a task or group whose lists nobody published: upstream_failed if a producer failed, skipped if one
/// was skipped. Nothing if the lists are there.
std::optional<TaskState> RunLoop::inherited(const Mapping& mapping) const {
  std::optional<TaskState> worst;
  for (const ContextRead& read : mapping.reads) {
    if (read.producers.empty() || progress_.context().find(read, {})) continue;
    for (const TaskIndex producer : read.producers) {
      const TaskState state = instances_[InstanceTable::of(producer)].state;
      const bool broke = state == TaskState::failed || state == TaskState::lost;
      if (broke || state == TaskState::upstream_failed) return TaskState::upstream_failed;
      if (state == TaskState::skipped) worst = TaskState::skipped;
    }
  }
  return worst;
}

/// Those of an expanded task that nothing was decided about yet: of a run that was taken up again it may be some.
std::vector<InstanceIndex> RunLoop::untouched(TaskIndex task) const {
  std::vector<InstanceIndex> found;
  const std::uint32_t count = progress_.expansion_of(task)->size();
  for (std::uint32_t k = 0; k < count; ++k) {
    const InstanceIndex index = instances_.of(task, static_cast<std::int32_t>(k));
    if (instances_[index].state == TaskState::none) found.push_back(index);
  }
  return found;
}

void RunLoop::expand(TaskIndex task) {
  const InstanceIndex whole = InstanceTable::of(task);
  const Mapping& mapping = *dag_->task(task).mapping;
  if (instances_[whole].expanded) {
    for (const InstanceIndex index : untouched(task)) schedule(index);
    return;
  }
  if (const auto state = inherited(mapping)) return finish(whole, *state);
  auto items = resolver_.items_of(mapping, &dag_->task(task));
  if (!items) return fail(whole, failed_input(std::move(items).error()));
  const std::uint32_t count = (*items)->size();
  if (count == 0) {
    finish_empty(task);
    finish(whole, TaskState::skipped);
    return;
  }
  told_expanded(task, progress_.expand(task, count), *items);
  for (std::int32_t k = 0; k < static_cast<std::int32_t>(count); ++k) schedule(instances_.of(task, k));
}

void RunLoop::expand_group(GroupIndex group) {
  const Mapping& mapping = *dag_->group(group).mapping;
  if (stopping_.asked())
    return plan_.close_group(group, TriggerDecision::skip);  // its setups never were, nor what it is made of
  if (const auto state = inherited(mapping)) {
    const bool skipped = *state == TaskState::skipped;
    return plan_.close_group(group, skipped ? TriggerDecision::skip : TriggerDecision::upstream_failed);
  }
  auto items = resolver_.items_of(mapping, nullptr);
  if (!items) {
    for (const TaskIndex first : open_roots_of(group)) {
      if (is_finished(instances_[InstanceTable::of(first)].state)) continue;  // the failure of another stopped the run
      plan_.claim(first, -1);
      fail(InstanceTable::of(first), failed_input(items.error()));
    }
    return plan_.close_group(group, TriggerDecision::upstream_failed);
  }
  const std::uint32_t count = (*items)->size();
  if (count == 0) {
    for (const TaskIndex task : dag_->tasks_of(group)) {
      if (!is_finished(instances_[InstanceTable::of(task)].state)) finish_empty(task);
    }
    return plan_.close_group(group, TriggerDecision::skip);
  }
  for (const TaskIndex task : progress_.expand_group(group, count)) {
    told_expanded(task, progress_.add_instances(task, count), *items);
  }
}

/// The tasks of a group that wait for nobody in it, and have not ended.
std::vector<TaskIndex> RunLoop::open_roots_of(GroupIndex group) const {
  const auto is_open = [&](TaskIndex t) { return !is_finished(instances_[InstanceTable::of(t)].state); };
  std::vector<TaskIndex> roots = dag_->tasks_of(group);
  std::erase_if(roots, [&](TaskIndex task) {
    const auto upstream = dag_->upstream(task);
    const auto waits_for = [&](TaskIndex up) { return dag_->is_in(up, group) && is_open(up); };
    return !is_open(task) || std::any_of(upstream.begin(), upstream.end(), waits_for);
  });
  return roots;
}

void RunLoop::told_expanded(TaskIndex task, InstanceIndex first, const std::shared_ptr<const MappedItems>& items) {
  journal_.expanded(task, first, items->size());
  progress_.expansion_of(task)->keep_items(items);
}

/// Mapped over nothing: it is skipped, and what it publishes is an empty list.
void RunLoop::finish_empty(TaskIndex task) {
  journal_.expanded(task, InstanceTable::of(task), 0);
  progress_.publish_empty(task);
}

/// A mapped task whose lists need nobody has its instances from the beginning, also if none of them runs.
void RunLoop::never_runs(TaskIndex task, InstanceIndex index, TaskState state) {
  if (instances_[index].expanded) {
    for (const InstanceIndex one : untouched(task)) finish(one, state);
    return;
  }
  const auto& mapping = dag_->task(task).mapping;
  if (!mapping || !mapping->reads.empty()) return finish(index, state);
  const auto items = resolver_.items_of(*mapping, &dag_->task(task));
  if (!items || (*items)->size() == 0) return finish(index, state);
  const std::uint32_t count = (*items)->size();
  told_expanded(task, progress_.expand(task, count), *items);
  for (std::int32_t k = 0; k < static_cast<std::int32_t>(count); ++k) finish(instances_.of(task, k), state);
}

}  // namespace leeward
