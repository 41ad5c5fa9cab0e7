#include "core/model/task_state.hpp"

#include <array>
#include <cstddef>

namespace leeward {
namespace {

using enum TaskState;

constexpr std::array<std::string_view, 15> kStateWords = {
    "none",     "scheduled",      "queued",          "running",      "success",
    "failed",   "skipped",        "upstream_failed", "up_for_retry", "up_for_reschedule",
    "deferred", "awaiting_input", "removed",         "canceled",     "lost"};
constexpr std::array<std::string_view, 5> kRunWords = {"queued", "running", "success", "failed", "canceled"};
static_assert(kStateWords.size() == static_cast<std::size_t>(lost) + 1);
static_assert(kRunWords.size() == static_cast<std::size_t>(RunState::canceled) + 1);

constexpr std::array<std::string_view, 5> kReasonWords = {"none", "timed_out", "fail_fast", "canceled", "deadlock"};
static_assert(kReasonWords.size() == static_cast<std::size_t>(RunEndReason::deadlock) + 1);

constexpr std::uint16_t bit(TaskState state) { return static_cast<std::uint16_t>(1u << static_cast<unsigned>(state)); }

template <class... States>
constexpr std::uint16_t any_of(States... states) {
  return static_cast<std::uint16_t>((0u | ... | bit(states)));
}

constexpr std::uint16_t kFinished = any_of(success, failed, skipped, upstream_failed, removed, canceled, lost);

/// The transition table: for each state, the set of states it may become. What waits may always be cancelled, and may
/// be skipped when the run's time is over; what was at work when the process ended is scheduled again; what is finished
/// stays.
constexpr std::array<std::uint16_t, kStateWords.size()> kMayBecome = [] {
  std::array<std::uint16_t, kStateWords.size()> to{};
  const std::uint16_t given_up = any_of(skipped, canceled);
  const auto set = [&](TaskState from, std::uint16_t states) { to[static_cast<std::size_t>(from)] = states; };
  set(none, any_of(scheduled, failed, upstream_failed, removed) | given_up);
  set(scheduled, any_of(queued) | given_up);
  set(queued, any_of(running, scheduled) | given_up);
  const std::uint16_t said = any_of(success, failed, up_for_retry, up_for_reschedule, awaiting_input);
  const std::uint16_t interrupted = any_of(scheduled, lost);
  set(running, any_of(deferred) | said | interrupted | given_up);
  set(up_for_retry, any_of(scheduled) | given_up);
  set(up_for_reschedule, any_of(scheduled) | given_up);
  set(deferred, said | interrupted | given_up);
  set(awaiting_input, any_of(scheduled, failed) | given_up);
  return to;
}();

}  // namespace

std::string_view to_string(TaskState state) noexcept { return kStateWords[static_cast<std::size_t>(state)]; }

std::string_view to_string(RunState state) noexcept { return kRunWords[static_cast<std::size_t>(state)]; }

std::string_view to_string(RunEndReason reason) noexcept { return kReasonWords[static_cast<std::size_t>(reason)]; }

std::optional<TaskState> task_state_of(std::string_view word) noexcept {
  for (std::size_t i = 0; i < kStateWords.size(); ++i) {
    if (kStateWords[i] == word) return static_cast<TaskState>(i);
  }
  return std::nullopt;
}

bool is_finished(TaskState state) noexcept { return (kFinished & bit(state)) != 0; }

bool may_become(TaskState from, TaskState to) noexcept {
  return (kMayBecome[static_cast<std::size_t>(from)] & bit(to)) != 0;
}

}  // namespace leeward
