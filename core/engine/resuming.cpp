#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/base/seeded_bug.hpp"
#include "core/engine/run_loop.hpp"
#include "core/engine/verdict.hpp"

// From the events of a process that is gone back to a run that goes on.
//
// First everything is put where the history left it, which writes nothing and may fail. Only then the run is taken up
// in the store, and what was left half done is gone on with: those are events like any others. Decisions that had
// fallen without being acted upon need no care: the plan, fed in the old order, makes them again.

namespace leeward {
namespace {

Error is_over(RunState how) {
  return {"resume.finished", "the run is over (" + std::string(to_string(how)) +
                                 "), there is nothing to go on with; clear the tasks that are to run again"};
}

Error another_length(const std::string& task_id, std::uint32_t was, std::uint32_t is) {
  return {"resume.expansion", "task \"" + task_id + "\" was expanded to " + std::to_string(was) +
                                  " instances, and what it is mapped over comes to " + std::to_string(is) +
                                  " now; clear the task to have it expanded anew"};
}

}  // namespace

Result<RunState> RunLoop::resume(std::span<const Event> so_far) {
  const Result<RunStanding> standing = RunStanding::of(*dag_, so_far);
  if (!standing) return standing.error();
  if (Status restored = restore(*standing, so_far); !restored) return std::move(restored).error();
  if (Status reopened = journal_.reopen(standing->next_sequence()); !reopened) return std::move(reopened).error();
  if (standing->state() == RunState::queued) journal_.run_started();
  for (const auto& [task, first, count] : progress_.take_added()) journal_.expanded(task, first, count);
  end_interruptions();
  if (stopping_.asked()) {
    carry_out_stop();
  } else {
    for (InstanceIndex i{0}; i.value < instances_.size(); ++i.value) {
      if (instances_[i].state == TaskState::scheduled) line_up(i);
      if (instances_[i].state == TaskState::scheduled && seeded_bug(SeededBug::started_twice)) line_up(i);
    }
  }
  for (const GroupIndex group : std::exchange(without_items_, {})) expand_group(group);
  on_due_timers();
  return go_on();
}

/// Fails before anything has changed.
Status RunLoop::restore(const RunStanding& standing, std::span<const Event> so_far) {
  const RunState state = standing.state();
  if (state != RunState::running && state != RunState::queued) return is_over(state);
  if (!seeded_bug(SeededBug::cleared_decided_early)) expect_groups();
  if (Status replayed = progress_.replay(standing, so_far); !replayed) return replayed;
  for (InstanceIndex i{0}; i.value < standing.instances().size(); ++i.value) adopt(i, standing.instances()[i.value]);
  adopt_stop(standing);
  if (const auto limit = dag_->header().dagrun_timeout) {
    const Duration left = state == RunState::running ? left_of(*limit, standing.started_at()) : *limit;
    timers_.add(clock_.now() + left, TimerQueue::Kind::run_timeout);
  }
  return find_items();
}

/// As at the beginning of a run, groups whose lists need nobody have their instances before anything is decided, also
/// those whose expansion counts no more, because they were cleared. The other groups have their turn in decide(), after
/// the decisions that have fallen.
void RunLoop::expect_groups() {
  for (GroupIndex group = progress_.take_group(); group.valid(); group = progress_.take_group()) {
    const auto items = resolver_.items_of(*dag_->group(group).mapping, nullptr);
    if (items && (*items)->size() > 0) {
      progress_.expect_instances(group, (*items)->size());
      continue;
    }
    if (items) plan_.close_group(group, TriggerDecision::skip);
    without_items_.push_back(group);
  }
}

// ---- where everything stood ----

void RunLoop::adopt(InstanceIndex index, const RunStanding::Instance& stood) {
  Instance& instance = instances_[index];
  // Whatever it did before its task was cleared or expanded, others stand for it.
  if (stood.replaced && !seeded_bug(SeededBug::cleared_taken_up)) {
    instance.expanded = true;
    return;
  }
  instance.state = stood.state;
  if (!seeded_bug(SeededBug::tries_forgotten)) instance.try_number = stood.try_number;
  instance.tries_before = stood.tries_before;
  instance.keeps_try = stood.keeps_try;
  instance.reschedules = stood.reschedules;
  instance.generation = stood.starts;
  if (stood.starts > 0) instance.first_start = clock_.now() + -since(stood.first_start);
  const bool forgets = seeded_bug(SeededBug::answer_forgotten);
  if (stood.answer && !is_finished(stood.state) && !forgets) desk_.keep_answer(index, stood.answer->value);
  if (waits_for_its_time(stood.state)) {
    timers_.add(clock_.now() + left_of(stood.delay, stood.since), TimerQueue::Kind::again, index, stood.starts);
  }
  if (stood.state != TaskState::awaiting_input) return;
  const auto& request = stood.outcome->input;
  desk_.ask(index, request);
  if (!request->timeout) return;
  const Duration left = left_of(*request->timeout, stood.since);
  timers_.add(clock_.now() + left, TimerQueue::Kind::input_timeout, index, stood.starts);
}

void RunLoop::adopt_stop(const RunStanding& standing) {
  if (standing.stop_reason() == RunEndReason::none || seeded_bug(SeededBug::stop_forgotten)) return;
  static_cast<void>(stopping_.ask(standing.stop_reason(), standing.teardowns_go_on()));
  // Whoever cancels a run that was cancelled before the process ended, cancels it for the second time.
  if (standing.stop_reason() == RunEndReason::canceled) cancels_asked_.fetch_add(1, std::memory_order_relaxed);
}

/// By the wall clock, which may have been set meanwhile: never less than nothing.
Duration RunLoop::since(Timestamp then) const {
  if (seeded_bug(SeededBug::wait_not_clamped)) return Duration{clock_.wall().unix_ns - then.unix_ns};
  return std::max(Duration::zero(), Duration{clock_.wall().unix_ns - then.unix_ns});
}

/// So a clock that was set back makes nobody wait longer than at first, and one that was set forward lets go of no more
/// than what waits.
Duration RunLoop::left_of(Duration delay, Timestamp began) const {
  if (seeded_bug(SeededBug::wait_starts_anew)) return delay;
  return std::max(Duration::zero(), delay - since(began));
}

/// For those who still need what they are mapped over.
Status RunLoop::find_items() {
  std::unordered_map<GroupIndex, std::shared_ptr<const MappedItems>> of_groups;
  for (TaskIndex task{0}; task.value < dag_->size(); ++task.value) {
    Expansion* expansion = progress_.expansion_of(task);
    if (!expansion || expansion->open() == 0) continue;
    const Task& mapped = dag_->task(task);
    const GroupIndex group = mapped.mapped_group;
    std::shared_ptr<const MappedItems> items = group.valid() ? of_groups[group] : nullptr;
    if (!items) {
      auto made = group.valid() ? resolver_.items_of(*dag_->group(group).mapping, nullptr)
                                : resolver_.items_of(*mapped.mapping, &mapped);
      if (!made) return Error{"resume.expansion", "task \"" + mapped.id + "\": " + made.error().message};
      items = std::move(made).value();
      if (group.valid()) of_groups[group] = items;
    }
    if (items->size() != expansion->size()) return another_length(mapped.id, expansion->size(), items->size());
    expansion->keep_items(std::move(items));
  }
  return done();
}

// ---- what was left half done ----

/// Whoever was at work is started again, as the same try; or is lost, if that must not be.
void RunLoop::end_interruptions() {
  std::vector<InstanceIndex> lost;
  for (InstanceIndex i{0}; i.value < instances_.size(); ++i.value) {
    Instance& instance = instances_[i];
    const bool was_started = is_in_flight(instance.state);
    if (!was_started && instance.state != TaskState::queued) continue;
    const bool once = task_of(instance).op->traits.at_most_once && !seeded_bug(SeededBug::once_started_again);
    if (was_started && once) {
      lost.push_back(i);
      continue;
    }
    if (was_started && !goes_on(instance.task)) {
      end_interrupted(i);
      continue;
    }
    instance.keeps_try = instance.keeps_try || (was_started && !seeded_bug(SeededBug::crash_uses_up_try));
    journal_.transition(i, TaskState::scheduled);
  }
  // After all others: the failure of one may stop them.
  for (const InstanceIndex i : lost) {
    const Instance& instance = instances_[i];
    fail(i, lost_attempt(task_of(instance).id, instance.map_index), TaskState::lost);
  }
}

}  // namespace leeward
