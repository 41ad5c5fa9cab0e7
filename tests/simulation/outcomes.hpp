#pragma once

#include <optional>
#include <vector>

#include "tests/simulation/dice.hpp"
#include "tests/simulation/random_dag.hpp"
#include "tests/support/simulated_executor.hpp"

namespace leeward::test {

/// One call of an operator: what it says, and when.
struct Act {
  SimulatedExecutor::Step step;            ///< a success comes without its value: that is for who runs it
  std::optional<Duration> answered_after;  ///< of awaiting_input; nothing: nobody ever answers
};

/// What every attempt of a scenario does. A pure function of the seed, the task, the map index and the try, so that the
/// order in which the engine asks changes nothing. Must not outlive the scenario.
class Outcomes {
 public:
  explicit Outcomes(const RandomScenario& scenario) : scenario_(scenario) {}

  /// The calls of one try, in order: all but the last one only put it off (reschedule, awaiting_input).
  [[nodiscard]] std::vector<Act> acts(TaskIndex task, int map_index, int try_number) const;

 private:
  [[nodiscard]] Act last_act(Dice& dice, TaskIndex task) const;
  void say_where_to_go(Dice& dice, TaskIndex task, TaskOutcome& outcome) const;

  const RandomScenario& scenario_;
};

/// Direct downstreams of the task that stand for a whole group: every root of it is among them.
[[nodiscard]] std::vector<GroupIndex> groups_below(const Dag& dag, TaskIndex task);

}  // namespace leeward::test
