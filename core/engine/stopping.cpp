#include "core/engine/stopping.hpp"

namespace leeward {

bool Stopping::ask(RunEndReason reason, bool teardowns_go_on) noexcept {
  if (!asked()) {
    reason_ = reason;
    teardowns_go_on_ = teardowns_go_on;
    return true;
  }
  const bool overrides = reason == RunEndReason::canceled && reason_ == RunEndReason::fail_fast && teardowns_go_on_;
  const bool ends_teardowns = teardowns_go_on_ && !teardowns_go_on;
  if (overrides) reason_ = reason;
  if (ends_teardowns) teardowns_go_on_ = false;
  return overrides || ends_teardowns;
}

std::optional<RunState> Stopping::run_state() const noexcept {
  if (!asked()) return std::nullopt;
  return reason_ == RunEndReason::canceled ? RunState::canceled : RunState::failed;
}

TaskState Stopping::task_state(bool was_at_work) const noexcept {
  if (reason_ == RunEndReason::canceled) return TaskState::canceled;
  return was_at_work && reason_ == RunEndReason::fail_fast ? TaskState::failed : TaskState::skipped;
}

}  // namespace leeward
