#include "core/engine/priority_weights.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <climits>
#include <cstdint>
#include <functional>

namespace leeward {
namespace {

using Sums = std::vector<std::int64_t>;

/// The same graph, looked at in one of its two directions.
struct Direction {
  const Dag& dag;
  bool down;
  [[nodiscard]] std::span<const TaskIndex> next(TaskIndex t) const {
    return down ? dag.downstream(t) : dag.upstream(t);
  }
  [[nodiscard]] std::span<const TaskIndex> before(TaskIndex t) const {
    return down ? dag.upstream(t) : dag.downstream(t);
  }
  /// Every task after all that come after it.
  void last_to_first(const std::function<void(TaskIndex)>& visit) const {
    const auto order = dag.topological_order();
    if (down) {
      std::for_each(order.rbegin(), order.rend(), visit);
    } else {
      std::for_each(order.begin(), order.end(), visit);
    }
  }
};

bool all_tasks(const Dag& dag, const std::function<bool(TaskIndex)>& holds) {
  for (TaskIndex t{0}; t.value < dag.size(); ++t.value) {
    if (!holds(t)) return false;
  }
  return true;
}

/// No task can be reached on two ways: then the sums of the next ones add up.
bool ways_never_meet(const Direction& to) {
  return all_tasks(to.dag, [&](TaskIndex t) { return to.next(t).size() <= 1; }) ||
         all_tasks(to.dag, [&](TaskIndex t) { return to.before(t).size() <= 1; });
}

Sums sums_of_ways(const Direction& to) {
  Sums sums(to.dag.size());
  to.last_to_first([&](TaskIndex t) {
    sums[t.value] = to.dag.task(t).priority_weight;
    for (const TaskIndex next : to.next(t)) sums[t.value] += sums[next.value];
  });
  return sums;
}

/// The weights of up to 512 tasks, by the bits that stand for them. Where they differ, what each byte of bits weighs is
/// looked up: as many steps whatever the weights are.
class BlockWeights {
 public:
  using Block = std::array<std::uint64_t, 8>;
  static constexpr std::uint32_t kBits = 512;

  void look_at(const Dag& dag, std::uint32_t base) {
    const auto weight_of = [&](std::uint32_t i) -> std::int64_t {
      return base + i < dag.size() ? dag.task(TaskIndex{base + i}).priority_weight : 0;
    };
    usual_ = weight_of(0);
    all_equal_ = true;
    for (std::uint32_t i = 1; i < kBits && base + i < dag.size(); ++i)
      all_equal_ = all_equal_ && weight_of(i) == usual_;
    if (all_equal_) return;
    bytes_.resize(kBits / 8);
    for (std::uint32_t b = 0; b < bytes_.size(); ++b) {
      for (std::uint32_t bits = 1; bits < 256; ++bits) {
        const auto lowest = static_cast<std::uint32_t>(std::countr_zero(bits));
        bytes_[b][bits] = bytes_[b][bits & (bits - 1)] + weight_of(b * 8 + lowest);
      }
    }
  }
  [[nodiscard]] std::int64_t sum(const Block& members) const {
    std::int64_t sum = 0;
    for (std::uint32_t w = 0; w < members.size(); ++w) {
      if (all_equal_) {
        sum += usual_ * std::popcount(members[w]);
        continue;
      }
      std::uint64_t rest = members[w];
      for (std::uint32_t b = w * 8; rest != 0; ++b, rest >>= 8) sum += bytes_[b][rest & 255];
    }
    return sum;
  }

 private:
  std::int64_t usual_ = 0;
  bool all_equal_ = true;
  std::vector<std::array<std::int64_t, 256>> bytes_;  ///< where weights differ: what each byte of a block weighs
};

/// Follows 512 tasks at a time up to all who lead to them, a bit each.
Sums sums_of_sets(const Direction& to) {
  Sums sums(to.dag.size());
  std::vector<BlockWeights::Block> reached(to.dag.size());
  BlockWeights weights;
  for (std::uint32_t base = 0; base < to.dag.size(); base += BlockWeights::kBits) {
    weights.look_at(to.dag, base);
    to.last_to_first([&](TaskIndex t) {
      BlockWeights::Block bits{};
      const std::uint32_t own = t.value - base;  // huge if the task stands before the block
      if (own < BlockWeights::kBits) bits[own / 64] |= 1ULL << (own % 64);
      for (const TaskIndex next : to.next(t)) {
        for (std::size_t w = 0; w < bits.size(); ++w) bits[w] |= reached[next.value][w];
      }
      reached[t.value] = bits;
      sums[t.value] += weights.sum(bits);
    });
  }
  return sums;
}

Sums sums_of(const Dag& dag, bool down) {
  const Direction to{dag, down};
  return ways_never_meet(to) ? sums_of_ways(to) : sums_of_sets(to);
}

}  // namespace

std::vector<int> priority_weights(const Dag& dag) {
  const auto anybody = [&](WeightRule rule) {
    return std::any_of(dag.tasks().begin(), dag.tasks().end(), [&](const Task& t) { return t.weight_rule == rule; });
  };
  const Sums down = anybody(WeightRule::downstream) ? sums_of(dag, true) : Sums{};
  const Sums up = anybody(WeightRule::upstream) ? sums_of(dag, false) : Sums{};
  std::vector<int> weights(dag.size());
  for (std::uint32_t t = 0; t < dag.size(); ++t) {
    const Task& task = dag.task(TaskIndex{t});
    std::int64_t weight = task.priority_weight;
    if (task.weight_rule == WeightRule::downstream) weight = down[t];
    if (task.weight_rule == WeightRule::upstream) weight = up[t];
    weights[t] = static_cast<int>(std::clamp<std::int64_t>(weight, INT_MIN, INT_MAX));
  }
  return weights;
}

}  // namespace leeward
