#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/model/dag_spec.hpp"

namespace leeward {

/// Where the arrows of a group really begin and end: at its leaves and at its roots. Learns the arrows between tasks
/// one by one. Lives while one Dag is built.
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

  struct Ends {
    /// The tasks that wait for none of the group, in spec order.
    std::vector<std::uint32_t> roots;
    /// The tasks for which none of the group waits, in spec order. A teardown is none: what it cleans up after takes
    /// its place, setups left out. So a group of setups and teardowns alone has no leaves.
    std::vector<std::uint32_t> leaves;
    bool only_setups = false;  ///< and teardowns
  };
  /// Found out once, for any number of arrows. REQUIRES: every arrow inside the group is known. Stays where it is.
  [[nodiscard]] const Ends& of(GroupIndex group);

 private:
  [[nodiscard]] std::uint32_t depth_of(GroupIndex group) const { return group.valid() ? depth_[group.value] : 0; }
  [[nodiscard]] std::vector<std::uint32_t> members_of(GroupIndex group) const;
  [[nodiscard]] Ends find(GroupIndex group) const;
  /// Adds to the leaves what the teardowns clean up after.
  void replace(std::vector<std::uint32_t> teardowns, GroupIndex group, std::vector<std::uint32_t>& leaves) const;

  const DagSpec& spec_;
  std::vector<std::uint32_t> depth_;         ///< of each group; outermost: 1
  std::vector<std::uint32_t> end_;           ///< of each group: one past the last group within it
  std::vector<std::uint32_t> members_;       ///< tasks by their innermost group, groups in order
  std::vector<std::uint32_t> first_member_;  ///< of each group, and one past the last
  /// By task: how deep the innermost group is that is around the task and an upstream of it, a downstream of it, a
  /// downstream of it that is no teardown.
  std::vector<std::uint32_t> before_, after_, work_after_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> before_teardown_;
  std::unordered_map<std::uint32_t, Ends> found_;  ///< by group
};

}  // namespace leeward
