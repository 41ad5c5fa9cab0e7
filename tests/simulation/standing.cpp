#include "tests/simulation/standing.hpp"

#include <algorithm>

namespace leeward::test {

void Standing::apply(const Event& event) {
  if (event.kind == EventKind::task_expanded && event.count > 0) {
    expanded_[event.task] = {event.instance, event.count};
    instances_.erase(InstanceIndex{event.task.value});
    for (std::uint32_t k = 0; k < event.count; ++k) {
      instances_[InstanceIndex{event.instance.value + k}] = fresh(event.task, static_cast<int>(k));
    }
  }
  if (event.kind == EventKind::task_cleared) clear(event.task);
  if (event.kind != EventKind::task_transition) return;
  Instance& instance = instances_[event.instance];
  instance.state = event.to;
  instance.tries = event.try_number;
  instance.since = event.at;
  instance.delay = event.delay;
  if (event.from == TaskState::none) instance.decided = event.sequence;
  if (is_finished(event.to)) ++instance.ends;
}

void Standing::clear(TaskIndex task) {
  for (const Instance& instance : instances_of(task)) tries_before_[{task, instance.map_index}] = instance.tries;
  if (const auto range = expanded_.extract(task)) {
    for (std::uint32_t k = 0; k < range.mapped().count; ++k) {
      instances_.erase(InstanceIndex{range.mapped().first.value + k});
    }
  }
  instances_[InstanceIndex{task.value}] = fresh(task, -1);
}

Standing::Instance Standing::fresh(TaskIndex task, int map_index) const {
  Instance instance{task, map_index};
  const auto before = tries_before_.find({task, map_index});
  if (before != tries_before_.end()) instance.tries = instance.tries_before = before->second;
  return instance;
}

std::vector<Standing::Instance> Standing::instances_of(TaskIndex task) const {
  const auto range = expanded_.find(task);
  if (range == expanded_.end()) return {instances_.at(InstanceIndex{task.value})};
  std::vector<Instance> all;
  for (std::uint32_t k = 0; k < range->second.count; ++k) {
    all.push_back(instances_.at(InstanceIndex{range->second.first.value + k}));
  }
  return all;
}

bool Standing::is_over(TaskIndex task) const {
  const auto all = instances_of(task);
  return std::all_of(all.begin(), all.end(), [](const Instance& i) { return is_finished(i.state); });
}

bool Standing::share_index(TaskIndex a, TaskIndex b) const {
  const GroupIndex group = dag_.task(a).mapped_group;
  return group.valid() && group == dag_.task(b).mapped_group;
}

std::vector<Standing::Instance> Standing::seen_by(TaskIndex task, int map_index, TaskIndex other) const {
  std::vector<Instance> all = instances_of(other);
  if (map_index < 0 || !share_index(task, other) || !is_expanded(other)) return all;
  return {all[static_cast<std::size_t>(map_index)]};
}

}  // namespace leeward::test
