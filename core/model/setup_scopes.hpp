#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/ids.hpp"

namespace leeward {

class Dag;

/// Which tasks each setup guards, beyond those directly downstream of it: the tasks that may not run until the setup
/// has succeeded, whatever their trigger rule says of their own upstreams. Airflow: get_upstreams_only_setups.
///
/// A setup guards the tasks between it and its teardowns (the teardowns directly downstream of it), or, if it has none,
/// everything downstream of it; teardowns are guarded by none. Owned by a Dag, immutable, thread-safe, and empty for a
/// Dag without setups.
class SetupScopes {
 public:
  /// What finding them all may cost, in steps from task to task: a thousand setups may each guard two thousand tasks.
  static constexpr std::size_t kMaxSteps = 2'000'000;

  SetupScopes() = default;
  /// REQUIRES: the edges and the order of `dag` are there. Keeps no reference to it.
  explicit SetupScopes(const Dag& dag);

  /// Valid if finding them all would have cost more than that: the setup that cost the most until then. The builder
  /// refuses such a DAG.
  [[nodiscard]] TaskIndex too_heavy() const noexcept { return too_heavy_; }

  /// In spec order. Both empty for tasks that have nothing to do with setups.
  [[nodiscard]] std::span<const TaskIndex> setups_of(TaskIndex t) const noexcept { return setups_.row(t); }
  [[nodiscard]] std::span<const TaskIndex> guarded_by(TaskIndex setup) const noexcept { return guarded_.row(setup); }

 private:
  struct Rows {
    std::vector<std::uint32_t> start;  ///< empty: every row is
    std::vector<TaskIndex> members;
    [[nodiscard]] std::span<const TaskIndex> row(TaskIndex t) const noexcept {
      if (start.empty()) return {};
      return {members.data() + start[t.value], start[t.value + 1] - start[t.value]};
    }
  };
  static Rows turned(const Rows& rows, std::size_t tasks);

  Rows setups_, guarded_;
  TaskIndex too_heavy_;
};

}  // namespace leeward
