#pragma once

#include <optional>

#include "core/model/dag.hpp"
#include "core/model/task_state.hpp"

namespace leeward {

/// Whether and how a run is stopped before its tasks are done, and who goes on all the same. Pure.
class Stopping {
 public:
  /// Asks for a stop. True if that changes anything: the first reason counts, but a cancel goes before fail_fast, and
  /// whatever comes later may still end the teardowns that were to go on.
  bool ask(RunEndReason reason, bool teardowns_go_on) noexcept;

  [[nodiscard]] bool asked() const noexcept { return reason_ != RunEndReason::none; }
  [[nodiscard]] bool teardowns_go_on() const noexcept { return teardowns_go_on_; }
  [[nodiscard]] bool goes_on(const Task& task) const noexcept {
    return !asked() || (teardowns_go_on_ && task.is_teardown);
  }
  [[nodiscard]] RunEndReason reason() const noexcept { return reason_; }
  /// What the run becomes; nothing while its tasks decide that.
  [[nodiscard]] std::optional<RunState> run_state() const noexcept;
  /// What an instance becomes that does not come to its own end. Airflow: fail_fast fails what is at work and skips the
  /// rest, dagrun_timeout skips all. REQUIRES: asked().
  [[nodiscard]] TaskState task_state(bool was_at_work) const noexcept;

 private:
  RunEndReason reason_ = RunEndReason::none;
  bool teardowns_go_on_ = false;
};

}  // namespace leeward
