#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/json.hpp"
#include "core/model/dag.hpp"
#include "tests/support/simulated_executor.hpp"

namespace leeward::conformance {

/// A Dag by its edges, and what is special about its tasks.
struct Graph {
  std::vector<std::pair<std::string, std::string>> edges;
  std::vector<std::string> tasks;            ///< those that no edge names
  std::map<std::string, std::string> rules;  ///< trigger rules; all_success where none is named
  std::set<std::string> setups;
  std::map<std::string, bool> teardowns;  ///< whether their failure fails the run
  std::string other_rule;  ///< of the tasks without a rule that are neither setup nor teardown; empty: all_success
};

/// From the members that cases of the shared file have in common: edges, trigger_rules, setups, teardowns.
[[nodiscard]] Graph graph_in(const Json& test_case);

/// In the order in which edges name them first, then the others.
[[nodiscard]] std::vector<std::string> tasks_of(const Graph& graph);

[[nodiscard]] std::shared_ptr<const Dag> dag_of(const Graph& graph, const std::function<void(Task&)>& adjust = {});

/// What single tasks do; all others take a second and succeed.
using Steps = std::map<std::string, test::SimulatedExecutor::Step>;
[[nodiscard]] test::SimulatedExecutor::Script script_of(Steps steps);

/// An attempt that takes a second and ends like this, or never.
[[nodiscard]] test::SimulatedExecutor::Step ending(OutcomeKind kind);
[[nodiscard]] test::SimulatedExecutor::Step never_ending();

/// The strings of a list, of one string alone, and none of null.
[[nodiscard]] std::vector<std::string> words_in(const Json& json);

/// "" if they are the same, else what came and what was expected.
[[nodiscard]] std::string difference(const std::string& of, const std::string& actual, const std::string& expected);
[[nodiscard]] std::string joined(const std::set<std::string>& words);

}  // namespace leeward::conformance
