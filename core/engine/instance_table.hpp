#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/model/task_state.hpp"

namespace leeward {

/// Why an attempt at work was asked to stop.
enum class StopReason : std::uint8_t { none, timed_out, run_stopped, suspended };

/// One task instance of a run, while it runs. Small: there may be a million.
struct Instance {
  Instant first_start;  ///< of its first attempt
  Instant deadline;     ///< of the attempt at work, if its task has an execution_timeout
  TaskIndex task;
  std::int32_t map_index = -1;
  std::uint32_t generation = 0;  ///< counts its starts, so that a timer of an earlier one is recognised
  std::uint32_t reschedules = 0;
  std::uint16_t try_number = 0;    ///< of the current or last attempt, from 1
  std::uint16_t tries_before = 0;  ///< those before it was cleared
  TaskState state = TaskState::none;
  StopReason stop_reason = StopReason::none;
  bool keeps_try = false;    ///< the next start goes on with this try_number: it was rescheduled, or it got its input
  bool expanded = false;     ///< other instances stand for it
  bool holds_slots = false;  ///< of its pool
  bool idle = false;         ///< deferred, and counts against no limit
  bool has_timer = false;    ///< a timer is set that will look at the deadline
  bool interrupted = false;  ///< it is recorded as at work, and its attempt has ended
};

/// Every instance of a run: first one for each task, in spec order, then those of tasks that were expanded. Of an
/// expanded task the first one stays `none` for ever and counts no more.
class InstanceTable {
 public:
  explicit InstanceTable(std::size_t tasks) : instances_(tasks) {
    for (std::uint32_t i = 0; i < tasks; ++i) instances_[i].task = TaskIndex{i};
  }

  [[nodiscard]] Instance& operator[](InstanceIndex i) noexcept { return instances_[i.value]; }
  [[nodiscard]] const Instance& operator[](InstanceIndex i) const noexcept { return instances_[i.value]; }
  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(instances_.size()); }
  /// The one that stands for a task that is not expanded.
  [[nodiscard]] static InstanceIndex of(TaskIndex task) noexcept { return InstanceIndex{task.value}; }
  /// REQUIRES: there is such an instance.
  [[nodiscard]] InstanceIndex of(TaskIndex task, std::int32_t map_index) const {
    return map_index < 0 ? of(task) : InstanceIndex{first_.at(task).value + static_cast<std::uint32_t>(map_index)};
  }

  /// Numbers that instances had whose task was cleared since. They stand for nothing.
  void add_replaced(std::uint32_t count) {
    const std::size_t first = instances_.size();
    instances_.resize(first + count);
    for (std::size_t i = first; i < instances_.size(); ++i) instances_[i].expanded = true;
  }
  /// Instances 0..count-1 of an expanded task. Returns the first.
  InstanceIndex add(TaskIndex task, std::uint32_t count) {
    const InstanceIndex first{size()};
    instances_[task.value].expanded = true;
    first_[task] = first;
    instances_.resize(instances_.size() + count);
    for (std::uint32_t k = 0; k < count; ++k) {
      instances_[first.value + k].task = task;
      instances_[first.value + k].map_index = static_cast<std::int32_t>(k);
    }
    return first;
  }

 private:
  std::vector<Instance> instances_;
  std::unordered_map<TaskIndex, InstanceIndex> first_;  ///< of expanded tasks
};

}  // namespace leeward
