#include "core/model/group_members.hpp"

#include "core/model/dag.hpp"

namespace leeward {

GroupMembers::GroupMembers(const Dag& dag) {
  const auto& groups = dag.header().groups;
  if (groups.empty()) return;
  ranges_.resize(groups.size());
  std::vector<std::uint32_t> next(groups.size());  // where its next own task, then its next inner group goes
  for (const Task& task : dag.tasks()) {
    if (task.group.valid()) ++next[task.group.value];
  }
  for (std::size_t g = groups.size(); g-- > 0;) {  // the inner ones first
    ranges_[g].count += next[g];
    if (groups[g].parent.valid()) ranges_[groups[g].parent.value].count += ranges_[g].count;
  }
  std::uint32_t end = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::uint32_t& place = groups[g].parent.valid() ? next[groups[g].parent.value] : end;
    ranges_[g].first = place;
    place += ranges_[g].count;
    next[g] += ranges_[g].first;
  }
  tasks_.resize(end);
  for (std::size_t g = 0; g < groups.size(); ++g) next[g] = ranges_[g].first;
  for (TaskIndex t{0}; t.value < dag.size(); ++t.value) {
    if (const GroupIndex g = dag.task(t).group; g.valid()) tasks_[next[g.value]++] = t;
  }
}

}  // namespace leeward
