#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/engine/input_resolver.hpp"
#include "core/engine/instance_table.hpp"
#include "core/exec/executor.hpp"
#include "core/observe/event_bus.hpp"

namespace leeward {

/// Calls the notifiers of tasks and of the Dag. They tell and decide nothing: one that fails is told to the observers,
/// and that is all. Called only from RunEngine's loop; all references must outlive it.
class CallbackRunner {
 public:
  /// The calls' instance numbers are apart from those of task instances: from here on.
  static constexpr std::uint32_t kFirst = 0x8000'0000;

  CallbackRunner(std::shared_ptr<const RunInfo> run, InputResolver& resolver, Executor& executor, EventBus& observers)
      : run_(std::move(run)), resolver_(resolver), executor_(executor), observers_(observers) {}

  /// What has happened, and to whom.
  struct News {
    CallbackMoment moment = CallbackMoment::failure;
    std::string_view state;
    std::string_view task_id{};            ///< empty: to the Dag
    const TaskOutcome* outcome = nullptr;  ///< null: none
    int map_index = -1;
    int try_number = 1;
    const MappedItems* items = nullptr;
  };
  /// Makes the calls for it. When the news is recorded, start() starts them, and tell_failures() tells the observers of
  /// those that could not be made.
  void tell(std::span<const Callback> callbacks, const News& news);
  /// Starts those there are threads for, but for `reserved` ones; the others wait for the next call.
  void start(std::size_t reserved);
  void tell_failures();
  /// How many threads those that wait will want.
  [[nodiscard]] std::size_t waiting() const noexcept { return to_start_.size(); }

  /// True if this was the end of a callback, and nobody else's.
  [[nodiscard]] bool take(const Completion& completion);
  [[nodiscard]] bool idle() const noexcept { return at_work_.empty() && to_start_.empty(); }
  /// Asks those at work to stop, and tells them and those that never started as failed, code callback.timed_out.
  void give_up();

 private:
  struct AtWork {
    const Callback* callback = nullptr;
    std::string_view task_id;
  };
  void failed(const AtWork& work, const TaskError& error);

  const std::shared_ptr<const RunInfo> run_;
  InputResolver& resolver_;
  Executor& executor_;
  EventBus& observers_;
  std::vector<TaskCall> to_start_;
  std::vector<std::pair<AtWork, TaskError>> failures_;  ///< of calls that could not be made
  std::unordered_map<InstanceIndex, AtWork> at_work_;
  std::uint32_t next_ = kFirst;
};

}  // namespace leeward
