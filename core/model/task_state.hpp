#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace leeward {

/// Where a task instance stands. The words are Airflow's, plus `canceled` and `lost`.
enum class TaskState : std::uint8_t {
  none,
  scheduled,
  queued,
  running,
  success,
  failed,
  skipped,
  upstream_failed,
  up_for_retry,
  up_for_reschedule,
  deferred,
  awaiting_input,
  removed,
  canceled,
  lost,
};

enum class RunState : std::uint8_t { queued, running, success, failed, canceled };

/// Why a run ended before its tasks did; `none`: it did not.
enum class RunEndReason : std::uint8_t { none, timed_out, fail_fast, canceled, deadlock };

[[nodiscard]] std::string_view to_string(TaskState state) noexcept;
[[nodiscard]] std::string_view to_string(RunState state) noexcept;
[[nodiscard]] std::string_view to_string(RunEndReason reason) noexcept;
[[nodiscard]] std::optional<TaskState> task_state_of(std::string_view word) noexcept;

/// An operator is at work on it: running or deferred.
[[nodiscard]] constexpr bool is_in_flight(TaskState state) noexcept {
  return state == TaskState::running || state == TaskState::deferred;
}

/// Nobody is at work on it, and a time is set at which it is scheduled again.
[[nodiscard]] constexpr bool waits_for_its_time(TaskState state) noexcept {
  return state == TaskState::up_for_retry || state == TaskState::up_for_reschedule;
}

/// No transition leaves it within the run.
[[nodiscard]] bool is_finished(TaskState state) noexcept;

/// The one transition table: may an instance go from one state to the other?
[[nodiscard]] bool may_become(TaskState from, TaskState to) noexcept;

}  // namespace leeward
