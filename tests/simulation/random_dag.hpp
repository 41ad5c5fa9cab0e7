#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/exec/pool_table.hpp"
#include "core/model/dag.hpp"

namespace leeward::test {

/// What a task's operator does with its downstreams when it succeeds.
enum class Role : std::uint8_t { plain, branch, short_circuit };

/// A DAG of the seed's choice, and what its run meets.
struct RandomScenario {
  std::uint64_t seed = 0;
  std::shared_ptr<const Dag> dag;
  std::vector<Role> roles;  ///< by task
  std::map<std::string, PoolTable::Pool, std::less<>> pools;
  std::size_t max_active_tasks = 0;    ///< the engine's own limit
  std::optional<Duration> cancels_at;  ///< a user's cancel
  bool asks_people = false;            ///< some attempts await input
  bool defers = false;                 ///< some attempts let go of their thread

  /// Whether something may stop the run before its tasks end: then how they end is a matter of time.
  [[nodiscard]] bool may_stop() const { return cancels_at || dag->header().dagrun_timeout || dag->header().fail_fast; }
};

/// Up to a dozen tasks in some shape (chain, fan, layers, tree, diamonds, anything), with any trigger rules, retries,
/// timeouts, mappings, groups, setups, branches and limits that a loader would let pass.
[[nodiscard]] RandomScenario random_scenario(std::uint64_t seed);

/// For whoever has to find out what went wrong: one line for each task.
[[nodiscard]] std::string describe(const RandomScenario& scenario);

}  // namespace leeward::test
