#pragma once

#include <functional>
#include <memory>
#include <shared_mutex>

#include "host/plugin/nested_attempt.hpp"

namespace leeward {

/// The attempt of an operator that a plugin in a runner has called: same run, task and listener as its caller's; how it
/// ends is told to `told`. Whoever called may be gone before it has ended, and the run with it: so it has a task of its
/// own, and nobody hears it any more after detach(). Thread-safe.
class ForwardedAttempt final : private AttemptListener, public NestedAttempt {
 public:
  using Told = std::function<void(const TaskOutcome&)>;

  ForwardedAttempt(std::shared_ptr<Attempt> caller, int depth, Value params, Told told);

  void complete(TaskOutcome outcome) override { told_(outcome); }
  /// When this returns nobody is being told anything, and nobody will be.
  void detach();

 private:
  ForwardedAttempt(std::shared_ptr<Attempt> caller, int depth, TaskCall call, std::shared_ptr<const Task> task,
                   Told told);
  void on_log(const TaskCall& call, LogLevel level, std::string_view message, std::string_view fields_json) override;
  void on_progress(const TaskCall& call, double fraction, std::string_view note) override;
  bool on_output(const TaskCall& call, std::string_view channel, std::string_view chunk) override;

  const std::shared_ptr<Attempt> caller_;  ///< whose paid calls are counted
  const std::shared_ptr<const Task> task_;
  const Told told_;
  std::shared_mutex mutex_;    ///< guards what follows; shared while it is told something
  AttemptListener* hears_it_;  ///< null: nobody
};

}  // namespace leeward
