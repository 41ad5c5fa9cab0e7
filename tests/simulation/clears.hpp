#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/engine/clearing.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/standing.hpp"

namespace leeward::test {

/// Some tasks, or all of them; perhaps with what comes after them, perhaps only those that failed.
[[nodiscard]] ClearRequest random_clear(const Dag& dag, Dice& dice);

/// Which tasks have to be cleared then, worked out the slow way: from the definition, over all pairs of tasks.
[[nodiscard]] std::set<TaskIndex> should_clear(const Dag& dag, const ClearRequest& request, const Standing& standing);

/// What the oracle has to know of a run's clears: it works out what came after the last of them.
struct AfterClears {
  std::set<TaskIndex> kept;  ///< had begun by then, and were not cleared by it
  /// Of each instance of a task that was ever cleared, by map index.
  std::map<std::pair<TaskIndex, int>, int> tries_before;
};
[[nodiscard]] AfterClears after_clears(const Dag& dag, const std::vector<Event>& events);

}  // namespace leeward::test
