#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace leeward {

/// A number that counts one kind of thing only, so that a task's index is never taken for an instance's.
template <class Tag>
struct Index {
  std::uint32_t value = UINT32_MAX;

  [[nodiscard]] constexpr bool valid() const noexcept { return value != UINT32_MAX; }
  friend constexpr auto operator<=>(const Index&, const Index&) = default;
};

/// A task of a Dag, in spec order.
using TaskIndex = Index<struct TaskIndexTag>;
/// A task instance of one run: a task, or one map index of an expanded task.
using InstanceIndex = Index<struct InstanceIndexTag>;
/// A task group of a Dag, in spec order, an outer one before those in it.
using GroupIndex = Index<struct GroupIndexTag>;

}  // namespace leeward

template <class Tag>
struct std::hash<leeward::Index<Tag>> {
  std::size_t operator()(const leeward::Index<Tag>& i) const noexcept { return std::hash<std::uint32_t>{}(i.value); }
};
