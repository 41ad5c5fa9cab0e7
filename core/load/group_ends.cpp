#include "core/load/group_ends.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_set>
#include <utility>

namespace leeward {

GroupEnds::GroupEnds(const DagSpec& spec) : spec_(spec) {
  const std::size_t groups = spec.groups.size();
  if (groups == 0) return;
  depth_.resize(groups);
  end_.resize(groups);
  for (std::uint32_t g = 0; g < groups; ++g) {
    depth_[g] = depth_of(spec.groups[g].in_group) + 1;
    end_[g] = g + 1;
  }
  for (std::size_t g = groups; g-- > 0;) {  // each group comes right before those in it
    const GroupIndex around = spec.groups[g].in_group;
    if (around.valid()) end_[around.value] = std::max(end_[around.value], end_[g]);
  }
  first_member_.assign(groups + 1, 0);
  for (const TaskSpec& task : spec.tasks) {
    if (task.in_group.valid()) ++first_member_[task.in_group.value + 1];
  }
  std::partial_sum(first_member_.begin(), first_member_.end(), first_member_.begin());
  members_.resize(first_member_.back());
  auto next = first_member_;
  for (std::uint32_t t = 0; t < spec.tasks.size(); ++t) {
    if (spec.tasks[t].in_group.valid()) members_[next[spec.tasks[t].in_group.value]++] = t;
  }
  before_.assign(spec.tasks.size(), 0);
  after_.assign(spec.tasks.size(), 0);
  work_after_.assign(spec.tasks.size(), 0);
}

GroupIndex GroupEnds::common(GroupIndex a, GroupIndex b) const {
  while (a != b) {
    GroupIndex& deeper = depth_of(a) >= depth_of(b) ? a : b;
    deeper = spec_.groups[deeper.value].in_group;
  }
  return a;
}

void GroupEnds::add_arrow(std::uint32_t from, std::uint32_t to) {
  if (depth_.empty()) return;
  const std::uint32_t depth = depth_of(common(spec_.tasks[from].in_group, spec_.tasks[to].in_group));
  before_[to] = std::max(before_[to], depth);
  after_[from] = std::max(after_[from], depth);
  if (spec_.tasks[to].is_teardown()) {
    before_teardown_[to].push_back(from);
  } else {
    work_after_[from] = std::max(work_after_[from], depth);
  }
}

bool GroupEnds::has_tasks(GroupIndex group) const {
  return first_member_[group.value] < first_member_[end_[group.value]];
}

std::vector<std::uint32_t> GroupEnds::members_of(GroupIndex group) const {
  std::vector<std::uint32_t> members(members_.begin() + first_member_[group.value],
                                     members_.begin() + first_member_[end_[group.value]]);
  std::sort(members.begin(), members.end());
  return members;
}

const GroupEnds::Ends& GroupEnds::of(GroupIndex group) {
  const auto known = found_.find(group.value);
  return known != found_.end() ? known->second : found_.emplace(group.value, find(group)).first->second;
}

GroupEnds::Ends GroupEnds::find(GroupIndex group) const {
  Ends ends;
  ends.only_setups = true;
  std::vector<std::uint32_t> teardowns;
  for (const std::uint32_t t : members_of(group)) {
    const TaskSpec& task = spec_.tasks[t];
    if (!task.is_setup && !task.is_teardown()) ends.only_setups = false;
    if (before_[t] < depth_of(group)) ends.roots.push_back(t);
    if (after_[t] < depth_of(group)) (task.is_teardown() ? teardowns : ends.leaves).push_back(t);
  }
  if (teardowns.empty()) return ends;
  replace(std::move(teardowns), group, ends.leaves);
  std::sort(ends.leaves.begin(), ends.leaves.end());
  ends.leaves.erase(std::unique(ends.leaves.begin(), ends.leaves.end()), ends.leaves.end());
  return ends;
}

void GroupEnds::replace(std::vector<std::uint32_t> teardowns, GroupIndex group,
                        std::vector<std::uint32_t>& leaves) const {
  std::unordered_set<std::uint32_t> seen{teardowns.begin(), teardowns.end()};
  while (!teardowns.empty()) {
    const auto before = before_teardown_.find(teardowns.back());
    teardowns.pop_back();
    if (before == before_teardown_.end()) continue;
    for (const std::uint32_t t : before->second) {
      if (!is_within(spec_.tasks[t].in_group, group) || !seen.insert(t).second) continue;
      if (spec_.tasks[t].is_teardown()) {
        teardowns.push_back(t);
      } else if (!spec_.tasks[t].is_setup && work_after_[t] < depth_of(group)) {
        leaves.push_back(t);
      }
    }
  }
}

}  // namespace leeward
