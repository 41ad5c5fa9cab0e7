#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/model/dag.hpp"
#include "core/model/event.hpp"

namespace leeward::test {

/// Where every instance of a run stands, event by event.
class Standing {
 public:
  struct Instance {
    TaskIndex task;
    int map_index = -1;
    TaskState state = TaskState::none;
    int tries = 0;
    int tries_before = 0;       ///< those before its task was cleared
    int ends = 0;               ///< since then
    std::uint64_t decided = 0;  ///< the sequence of the event with which it left `none`
    Timestamp since{};
    Duration delay{};  ///< with since: when it is scheduled again, if it waits for its time
  };

  explicit Standing(const Dag& dag) : dag_(dag) {
    for (std::uint32_t i = 0; i < dag.size(); ++i) instances_[InstanceIndex{i}] = {TaskIndex{i}, -1};
  }

  void apply(const Event& event);

  /// Those that stand for a task now.
  [[nodiscard]] const std::map<InstanceIndex, Instance>& all() const noexcept { return instances_; }
  [[nodiscard]] const Instance& at(InstanceIndex index) const { return instances_.at(index); }
  /// Of each instance of a task that was ever cleared, by map index.
  [[nodiscard]] const std::map<std::pair<TaskIndex, int>, int>& tries_before() const noexcept { return tries_before_; }
  [[nodiscard]] bool is_expanded(TaskIndex task) const { return expanded_.contains(task); }
  /// Its one instance, or those it was expanded to, by map index.
  [[nodiscard]] std::vector<Instance> instances_of(TaskIndex task) const;
  /// Whether none of its instances will change any more.
  [[nodiscard]] bool is_over(TaskIndex task) const;
  /// Whether the two stand in one mapped group, where index k of the one looks at index k of the other only.
  [[nodiscard]] bool share_index(TaskIndex a, TaskIndex b) const;
  /// The instances of `other` that index `map_index` of `task` looks at (-1: the task as a whole).
  [[nodiscard]] std::vector<Instance> seen_by(TaskIndex task, int map_index, TaskIndex other) const;

 private:
  void clear(TaskIndex task);
  [[nodiscard]] Instance fresh(TaskIndex task, int map_index) const;
  struct Range {
    InstanceIndex first;
    std::uint32_t count = 0;
  };
  const Dag& dag_;
  std::map<InstanceIndex, Instance> instances_;
  std::map<TaskIndex, Range> expanded_;
  std::map<std::pair<TaskIndex, int>, int> tries_before_;  ///< by map index, of tasks that were cleared
};

}  // namespace leeward::test
