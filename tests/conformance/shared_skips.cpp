// Branching and short circuits, as the shared file has them.
#include "tests/conformance/graph.hpp"
#include "tests/conformance/group.hpp"
#include "tests/support/staged_run.hpp"

namespace leeward::conformance {
namespace {

using test::Stage;
using test::StagedRun;

/// Which tasks end up skipped, where no rule skips any: those that the operator itself skipped. Without its setups a
/// teardown's rule skips nothing either.
std::string directly_skipped(Graph graph, const Steps& steps) {
  graph.rules.clear();
  graph.setups.clear();
  graph.other_rule = "all_done";
  Stage stage;
  StagedRun run(stage, dag_of(graph), test::run_info(), script_of(steps));
  run.run();
  std::set<std::string> skipped;
  for (const std::string& task : tasks_of(graph)) {
    if (run.state(task) == TaskState::skipped) skipped.insert(task);
  }
  return joined(skipped);
}

std::string expected_skips(const Json& test_case) {
  const auto words = words_in(test_case["expect"]["directly_skipped"]);
  return joined({words.begin(), words.end()});
}

/// The tasks' states at the end; null: not touched by the operator, so that its rule decides, which is another case's.
std::string different_states(const Graph& graph, const Steps& steps, const Json& states) {
  Stage stage;
  StagedRun run(stage, dag_of(graph), test::run_info(), script_of(steps));
  run.run();
  std::string differs;
  for (const Json& state : states) {
    const std::string task{state.key()};
    if (!state.is_null()) {
      differs += difference(task, std::string(to_string(run.state(task))), std::string(state.string()));
    }
  }
  return differs;
}

Verdict check_branch(const Json& test_case) {
  const Graph graph = graph_in(test_case);
  const std::string branch{test_case["branch_task"].string()};
  Steps steps;
  steps[branch] = ending(OutcomeKind::success);
  steps[branch].outcome.branch = words_in(test_case["branch_returns"]);
  const Json expect = test_case["expect"];
  if (!expect["error_contains"]) {
    return {difference("skipped by the branch", directly_skipped(graph, steps), expected_skips(test_case)) +
                different_states(graph, steps, expect["final_states"]),
            {}};
  }
  Stage stage;
  StagedRun run(stage, dag_of(graph), test::run_info(), script_of(steps));
  run.run();
  const auto outcome = run.history(branch).back().outcome;
  return {difference("the branch", std::string(to_string(run.state(branch))), "failed") +
              difference("its error", outcome && outcome->error ? outcome->error->code : "", "branch.unknown_task"),
          {}};
}

bool is_truthy(const Json& value) {
  if (value.is_boolean()) return value.boolean();
  return value.size() > 0;  // the lists among the cases
}

/// Some of these cases name the task, the others call it so.
Verdict check_short_circuit(const Json& test_case) {
  const Graph graph = graph_in(test_case);
  const std::string task{test_case["short_circuit"] ? test_case["short_circuit"].string() : "short_circuit"};
  const bool all = test_case["ignore_downstream_trigger_rules"].boolean();
  Steps steps;
  steps[task] = ending(OutcomeKind::success);
  if (!is_truthy(test_case["callable_returns"])) {
    steps[task].outcome.skip_downstream = all ? SkipDownstream::all : SkipDownstream::direct;
  }
  return {difference("skipped by it", directly_skipped(graph, steps), expected_skips(test_case)) +
              different_states(graph, steps, test_case["expect"]["states_after"]),
          {}};
}

}  // namespace

Group shared_branching() { return {"branching", check_branch}; }
Group shared_short_circuit() { return {"short_circuit", check_short_circuit}; }

}  // namespace leeward::conformance
