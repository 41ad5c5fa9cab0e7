#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/model/task_outcome.hpp"
#include "core/model/task_state.hpp"

namespace leeward {

enum class EventKind : std::uint8_t {
  run_started,
  run_finished,     ///< `run_state` tells how, `end_reason` why
  task_expanded,    ///< `count` instances, from `instance` on
  task_transition,  ///< `from` to `to`; with `outcome` when an attempt ended
  run_stopping,     ///< a stop was asked for, `end_reason` says why; `count` is 1 if teardowns go on, else 0
  run_reopened,     ///< somebody cleared instances of a run that had ended: it is queued again
  task_cleared,     ///< the task and all its instances are as if they had never run, but for their try numbers
};

/// One fact about a run. A run's truth is its list of events; log lines, pages and metrics are readers of it.
///
/// Small and flat: a run of 100,000 tasks makes half a million of them.
struct Event {
  std::uint64_t sequence = 0;  ///< from 0, without gaps, within the run
  Timestamp at;
  EventKind kind = EventKind::task_transition;
  TaskState from = TaskState::none;
  TaskState to = TaskState::none;
  RunState run_state = RunState::running;
  RunEndReason end_reason = RunEndReason::none;
  std::uint16_t try_number = 0;  ///< from 1; 0 before the first attempt
  TaskIndex task;
  InstanceIndex instance;
  std::int32_t map_index = -1;
  std::uint32_t count = 0;
  Duration delay{};  ///< up_for_retry and up_for_reschedule: until the next attempt
  std::shared_ptr<const TaskOutcome> outcome;
};

}  // namespace leeward
