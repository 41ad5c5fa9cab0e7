#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace leeward {

/// The arrows between tasks while a Dag is built: finds cycles and says who is upstream of whom. Plain numbers, the
/// tasks' places in the spec. Immutable once made.
class TaskGraph {
 public:
  struct Edge {
    std::uint32_t from;
    std::uint32_t to;
    std::uint32_t origin;  ///< the caller's own number for it, kept
  };
  struct Pair {
    std::uint32_t upstream;
    std::uint32_t task;
  };

  /// Of arrows that are there more than once the first is kept. REQUIRES: all within `tasks`, no task to itself.
  TaskGraph(std::size_t tasks, std::vector<Edge> edges);

  [[nodiscard]] const std::vector<Edge>& edges() const noexcept { return edges_; }
  [[nodiscard]] bool has_edge(std::uint32_t from, std::uint32_t to) const noexcept;

  /// One cycle for each knot of tasks that depend on each other, as its edges in order, the first from the task that
  /// stands first in the spec. Empty if the graph is a DAG.
  [[nodiscard]] std::vector<std::vector<Edge>> cycles() const;

  /// REQUIRES: no cycles. Each task's place in one topological order.
  [[nodiscard]] std::vector<std::uint32_t> positions() const;

  /// REQUIRES: no cycles. For each pair, whether the one is an ancestor of the other. All pairs are asked at once
  /// because 64 ancestors are followed in one sweep over the part of the order that matters.
  [[nodiscard]] std::vector<bool> are_upstream(const std::vector<Pair>& pairs) const;

 private:
  /// Up to 64 ancestors whose descendants are found together.
  struct Sweep {
    std::vector<std::uint32_t> ancestors;  ///< positions, rising
    std::uint32_t last = 0;                ///< no position behind this one is asked about
    std::size_t pairs = 0;                 ///< how many pairs it answers
  };

  [[nodiscard]] std::vector<std::uint32_t> sorted() const;
  /// The shortest way from `start` back to itself within its knot. `arrived_by` notes the edges on the way.
  [[nodiscard]] std::vector<Edge> shortest_cycle(std::uint32_t start, const std::vector<std::uint32_t>& knots,
                                                 std::vector<std::uint32_t>& arrived_by) const;
  [[nodiscard]] Sweep next_sweep(const std::vector<Pair>& pairs, std::span<const std::uint32_t> rest) const;
  void spread(const Sweep& sweep, std::vector<std::uint64_t>& reached_by) const;

  std::size_t tasks_;
  std::vector<Edge> edges_;                ///< by `from`, then by `to`
  std::vector<std::uint32_t> first_edge_;  ///< of each task, and one past the last
  std::vector<std::uint32_t> order_;       ///< topological; shorter than `tasks_` if there is a cycle
  std::vector<std::uint32_t> position_;    ///< in `order_`, by task
};

}  // namespace leeward
