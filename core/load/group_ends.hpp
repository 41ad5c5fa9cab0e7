#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/model/dag_spec.hpp"

namespace leeward {

/// Where the arrows of a group really begin and end: at its leaves and at its roots. Learns the arrows between tasks
/// one by one; what it says of a group holds once it knows every arrow inside that group. Lives while one Dag is built.
///
/// Costs nothing for a spec without groups. Airflow: TaskGroup.get_roots, get_leaves.
class GroupEnds {
 public:
  /// The spec must outlive it and keep its tasks and groups.
  explicit GroupEnds(const DagSpec& spec);

  void add_arrow(std::uint32_t from, std::uint32_t to);

  /// The innermost group around both; invalid if there is none.
  [[nodiscard]] GroupIndex common(GroupIndex a, GroupIndex b) const;
  [[nodiscard]] bool is_within(GroupIndex inner, GroupIndex outer) const { return common(inner, outer) == outer; }
  [[nodiscard]] bool has_tasks(GroupIndex group) const;
  /// And teardowns.
  [[nodiscard]] bool holds_only_setups(GroupIndex group) const;

  /// The tasks that wait for none of the group, in spec order.
  [[nodiscard]] std::vector<std::uint32_t> roots_of(GroupIndex group) const;
  /// The tasks for which none of the group waits, in spec order. A teardown is none: what it cleans up after takes its
  /// place, setups left out. So a group of setups and teardowns alone has no leaves.
  [[nodiscard]] std::vector<std::uint32_t> leaves_of(GroupIndex group) const;

 private:
  [[nodiscard]] std::uint32_t depth_of(GroupIndex group) const { return group.valid() ? depth_[group.value] : 0; }
  [[nodiscard]] std::vector<std::uint32_t> members_of(GroupIndex group) const;
  void replace_teardown(std::uint32_t teardown, GroupIndex group, std::vector<std::uint32_t>& leaves) const;

  const DagSpec& spec_;
  std::vector<std::uint32_t> depth_;         ///< of each group; outermost: 1
  std::vector<std::uint32_t> end_;           ///< of each group: one past the last group within it
  std::vector<std::uint32_t> members_;       ///< tasks by their innermost group, groups in order
  std::vector<std::uint32_t> first_member_;  ///< of each group, and one past the last
  /// By task: how deep the innermost group is that is around the task and an upstream of it, a downstream of it, a
  /// downstream of it that is no teardown.
  std::vector<std::uint32_t> before_, after_, work_after_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> before_teardown_;
};

}  // namespace leeward
