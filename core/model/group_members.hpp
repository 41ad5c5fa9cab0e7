#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/ids.hpp"

namespace leeward {

class Dag;

/// Which tasks stand in each group, those of inner groups included.
///
/// The tasks are laid out group by group, a group's own first and then those of the groups in it; so each group is one
/// range, however deep the groups nest. Owned by a Dag, immutable, thread-safe, and empty for a Dag without groups.
class GroupMembers {
 public:
  GroupMembers() = default;
  /// REQUIRES: the tasks and groups of `dag` are there. Keeps no reference to it.
  explicit GroupMembers(const Dag& dag);

  /// In no order that means anything.
  [[nodiscard]] std::span<const TaskIndex> of(GroupIndex g) const noexcept {
    return {tasks_.data() + ranges_[g.value].first, ranges_[g.value].count};
  }
  /// Whether a task that stands in `inner` stands in `outer`. REQUIRES: there is such a task.
  [[nodiscard]] bool is_within(GroupIndex inner, GroupIndex outer) const noexcept {
    return ranges_[inner.value].first - ranges_[outer.value].first < ranges_[outer.value].count;
  }

 private:
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  std::vector<Range> ranges_;  ///< by group
  std::vector<TaskIndex> tasks_;
};

}  // namespace leeward
