#include "core/engine/run_standing.hpp"

#include <algorithm>
#include <string>

namespace leeward {
namespace {

Error not_its_history(const Event& event, std::string_view what) {
  return {"resume.history", "event " + std::to_string(event.sequence) + " of the run " + std::string(what)};
}

}  // namespace

RunStanding::RunStanding(const Dag& dag) : instances_(dag.size()), tasks_(dag.size()) {
  for (std::uint32_t i = 0; i < instances_.size(); ++i) instances_[i].task = TaskIndex{i};
}

Result<RunStanding> RunStanding::of(const Dag& dag, std::span<const Event> so_far) {
  RunStanding standing(dag);
  for (const Event& event : so_far) {
    if (Status applied = standing.apply(event); !applied) return std::move(applied).error();
  }
  return standing;
}

Status RunStanding::apply(const Event& event) {
  if (event.sequence != next_sequence_) return not_its_history(event, "comes where another one should");
  ++next_sequence_;
  switch (event.kind) {
    case EventKind::task_transition: return apply_transition(event);
    case EventKind::task_expanded: return apply_expansion(event);
    case EventKind::task_cleared: return apply_clear(event);
    case EventKind::run_started:
      state_ = RunState::running;
      started_at_ = event.at;
      break;
    case EventKind::run_finished: state_ = event.run_state; break;
    case EventKind::run_stopping:
      stop_reason_ = event.end_reason;
      teardowns_go_on_ = event.count > 0;
      break;
    case EventKind::run_reopened: reopen(); break;
  }
  return done();
}

void RunStanding::reopen() {
  state_ = RunState::queued;
  started_at_ = {};
  stop_reason_ = RunEndReason::none;
  teardowns_go_on_ = false;
}

Status RunStanding::apply_transition(const Event& event) {
  if (event.instance.value >= instances_.size()) return not_its_history(event, "is about an instance there is not");
  Instance& instance = instances_[event.instance.value];
  const bool fits = instance.task == event.task && instance.map_index == event.map_index && !instance.replaced;
  if (!fits || instance.state != event.from || !may_become(event.from, event.to)) {
    return not_its_history(event, "does not go on from where its task stood");
  }
  const bool interrupted = is_in_flight(event.from) && event.to == TaskState::scheduled;
  if (event.to == TaskState::running) {
    if (instance.starts++ == 0) instance.first_start = event.at;
    if (event.try_number != instance.try_number) instance.answer = nullptr;
    instance.keeps_try = false;
  } else if (event.to == TaskState::up_for_reschedule) {
    ++instance.reschedules;
    instance.keeps_try = true;
  } else if (event.to == TaskState::awaiting_input || interrupted) {
    instance.keeps_try = true;
  } else if (event.from == TaskState::awaiting_input && event.to == TaskState::scheduled) {
    instance.answer = event.outcome;
  }
  if (event.outcome) instance.outcome = event.outcome;
  instance.state = event.to;
  instance.try_number = event.try_number;
  instance.since = event.at;
  instance.delay = event.delay;
  return done();
}

Status RunStanding::apply_expansion(const Event& event) {
  if (event.task.value >= tasks_) return not_its_history(event, "is about a task there is not");
  if (event.count == 0) return done();
  Instance& whole = instances_[event.task.value];
  if (event.instance.value != instances_.size() || whole.replaced || whole.state != TaskState::none) {
    return not_its_history(event, "expands a task that is expanded, or not the way it was");
  }
  whole.replaced = true;
  expansions_[event.task] = {event.instance, event.count};
  instances_.resize(instances_.size() + event.count);
  const auto earlier = earlier_tries_.find(event.task);
  for (std::uint32_t k = 0; k < event.count; ++k) {
    Instance& instance = instances_[event.instance.value + k];
    instance.task = event.task;
    instance.map_index = static_cast<std::int32_t>(k);
    if (earlier == earlier_tries_.end() || k >= earlier->second.size()) continue;
    instance.try_number = instance.tries_before = earlier->second[k];
  }
  return done();
}

/// Its former instances keep their numbers, and stand for nothing any more.
Status RunStanding::apply_clear(const Event& event) {
  if (event.task.value >= tasks_) return not_its_history(event, "is about a task there is not");
  cleared_at_[event.task] = event.sequence;
  if (const auto expansion = expansions_.extract(event.task)) {
    auto& tries = earlier_tries_[event.task];
    tries.resize(std::max<std::size_t>(tries.size(), expansion.mapped().count));
    for (std::uint32_t k = 0; k < expansion.mapped().count; ++k) {
      Instance& instance = instances_[expansion.mapped().first.value + k];
      tries[k] = instance.try_number;
      instance.replaced = true;
      instance.outcome = instance.answer = nullptr;
    }
  }
  Instance& whole = instances_[event.task.value];
  const std::uint16_t tries = whole.try_number;
  whole = {};
  whole.task = event.task;
  whole.try_number = whole.tries_before = tries;
  return done();
}

std::span<const RunStanding::Instance> RunStanding::instances_of(TaskIndex task) const {
  const auto found = expansions_.find(task);
  if (found == expansions_.end()) return instances().subspan(task.value, 1);
  return instances().subspan(found->second.first.value, found->second.count);
}

bool RunStanding::counts(const Event& event) const {
  if (cleared_at_.empty() || !event.task.valid()) return true;
  const auto found = cleared_at_.find(event.task);
  return found == cleared_at_.end() || event.sequence > found->second;
}

}  // namespace leeward
