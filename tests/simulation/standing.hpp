#pragma once

#include <cstdint>
#include <map>
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
    std::uint16_t tries = 0;
    int ends = 0;
    Timestamp since{};
    Duration delay{};  ///< with since: when it is scheduled again, if it waits for its time
  };

  explicit Standing(const Dag& dag) : dag_(dag) {
    for (std::uint32_t i = 0; i < dag.size(); ++i) instances_[InstanceIndex{i}] = {TaskIndex{i}, -1};
  }

  void apply(const Event& event);

  [[nodiscard]] const std::map<InstanceIndex, Instance>& all() const noexcept { return instances_; }
  [[nodiscard]] const Instance& at(InstanceIndex index) const { return instances_.at(index); }
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
  struct Range {
    InstanceIndex first;
    std::uint32_t count = 0;
  };
  const Dag& dag_;
  std::map<InstanceIndex, Instance> instances_;
  std::map<TaskIndex, Range> expanded_;
};

}  // namespace leeward::test
