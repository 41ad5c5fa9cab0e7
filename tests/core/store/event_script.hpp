#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/event.hpp"
#include "core/model/run_record.hpp"

namespace leeward::test {

/// Writes a run's events by hand.
struct EventScript {
  std::vector<Event> events;
  std::uint64_t next_sequence = 0;

  /// What was written since the last call.
  [[nodiscard]] std::vector<Event> take() { return std::exchange(events, {}); }

  Event& add(EventKind kind, std::int64_t at) {
    Event& event = events.emplace_back();
    event.sequence = next_sequence++;
    event.at = Timestamp{at};
    event.kind = kind;
    return event;
  }
  Event& step(TaskIndex task, InstanceIndex instance, std::int64_t at, TaskState from, TaskState to, int attempt) {
    Event& event = add(EventKind::task_transition, at);
    event.task = task;
    event.instance = instance;
    event.from = from;
    event.to = to;
    event.try_number = static_cast<std::uint16_t>(attempt);
    return event;
  }
  void start(TaskIndex task, InstanceIndex instance, std::int64_t at, int map_index = -1) {
    step(task, instance, at, TaskState::none, TaskState::scheduled, 0).map_index = map_index;
    step(task, instance, at, TaskState::scheduled, TaskState::queued, 0).map_index = map_index;
    step(task, instance, at, TaskState::queued, TaskState::running, 1).map_index = map_index;
  }
  /// One successful attempt, from `at` to the nanosecond after.
  void success(TaskIndex task, InstanceIndex instance, std::int64_t at, std::string value, int map_index = -1) {
    start(task, instance, at, map_index);
    Event& end = step(task, instance, at + 1, TaskState::running, TaskState::success, 1);
    end.map_index = map_index;
    end.outcome = std::make_shared<const TaskOutcome>(TaskOutcome::succeeded(Value{std::move(value)}));
  }
  void expand(TaskIndex task, InstanceIndex first, std::uint32_t count, std::int64_t at) {
    Event& event = add(EventKind::task_expanded, at);
    event.task = task;
    event.instance = first;
    event.count = count;
  }
  void finish(RunState state, std::int64_t at) { add(EventKind::run_finished, at).run_state = state; }
};

inline std::shared_ptr<const RunInfo> info_of(std::string run_id, std::string dag_id = "test",
                                              Timestamp logical_date = {}) {
  auto info = std::make_shared<RunInfo>();
  info->run_id = std::move(run_id);
  info->dag_id = std::move(dag_id);
  info->logical_date = logical_date;
  return info;
}

}  // namespace leeward::test
