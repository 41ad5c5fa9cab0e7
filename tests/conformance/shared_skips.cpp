// Branching, short circuits and latest-only, as the shared file has them.
#include "core/base/time_format.hpp"
#include "tests/conformance/graph.hpp"
#include "tests/conformance/group.hpp"
#include "tests/conformance/plugin_run.hpp"
#include "tests/support/staged_run.hpp"

namespace leeward::conformance {
namespace {

using test::Stage;
using test::StagedRun;

/// Runs a graph; what its tasks came to.
using Play = std::function<std::map<std::string, TaskState>(const Graph&)>;

Play scripted(Steps steps) {
  return [steps = std::move(steps)](const Graph& graph) {
    Stage stage;
    StagedRun run(stage, dag_of(graph), test::run_info(), script_of(steps));
    run.run();
    std::map<std::string, TaskState> states;
    for (const std::string& task : tasks_of(graph)) states[task] = run.state(task);
    return states;
  };
}

Play with_plugins(const std::string& task, const std::string& members) {
  return [=](const Graph& graph) { return run_with_plugins(spec_of(graph, {{task, members}}), test::run_info()); };
}

/// Which tasks end up skipped, where no rule skips any: those that the operator itself skipped. Without its setups a
/// teardown's rule skips nothing either.
std::string directly_skipped(Graph graph, const Play& play) {
  graph.rules.clear();
  graph.setups.clear();
  graph.other_rule = "all_done";
  std::set<std::string> skipped;
  for (const auto& [task, state] : play(graph)) {
    if (state == TaskState::skipped) skipped.insert(task);
  }
  return joined(skipped);
}

/// The tasks' states at the end; null: not touched by the operator, so that its rule decides, which is another case's.
std::string different_states(const std::map<std::string, TaskState>& actual, const Json& expected) {
  std::string differs;
  for (const Json& state : expected) {
    const std::string task{state.key()};
    if (!state.is_null()) {
      differs += difference(task, std::string(to_string(actual.at(task))), std::string(state.string()));
    }
  }
  return differs;
}

Verdict check_skips(const Graph& graph, const Play& play, const Json& skips, const Json& states) {
  const auto words = words_in(skips);
  return {difference("skipped by it", directly_skipped(graph, play), joined({words.begin(), words.end()})) +
              different_states(play(graph), states),
          {}};
}

Verdict check_bad_branch(const Graph& graph, const std::string& branch, const Steps& steps) {
  Stage stage;
  StagedRun run(stage, dag_of(graph), test::run_info(), script_of(steps));
  run.run();
  const auto outcome = run.history(branch).back().outcome;
  return {difference("the branch", std::string(to_string(run.state(branch))), "failed") +
              difference("its error", outcome && outcome->error ? outcome->error->code : "", "branch.unknown_task"),
          {}};
}

Verdict check_branch(const Json& test_case) {
  const Graph graph = graph_in(test_case);
  const std::string branch{test_case["branch_task"].string()};
  Steps steps;
  steps[branch] = ending(OutcomeKind::success);
  steps[branch].outcome.branch = words_in(test_case["branch_returns"]);
  const Json expect = test_case["expect"];
  if (expect["error_contains"]) return check_bad_branch(graph, branch, steps);
  return check_skips(graph, scripted(steps), expect["directly_skipped"], expect["final_states"]);
}

Verdict check_branch_operator(const Json& test_case) {
  const std::string branch{test_case["branch_task"].string()};
  const std::string members =
      R"("operator": "branch", "with": {"cases": [{"if": {"value": 1, "equals": 2}, "then": null}], "else": )" +
      std::string(test_case["branch_returns"].text()) + "}";
  const Json expect = test_case["expect"];
  return check_skips(graph_in(test_case), with_plugins(branch, members), expect["directly_skipped"],
                     expect["final_states"]);
}

/// Some of these cases name the task, the others call it so.
std::string circuit_of(const Json& test_case) {
  return std::string(test_case["short_circuit"] ? test_case["short_circuit"].string() : "short_circuit");
}

bool is_truthy(const Json& value) {
  if (value.is_boolean()) return value.boolean();
  return value.size() > 0;  // the lists among the cases
}

Verdict check_short_circuit(const Json& test_case) {
  const bool all = test_case["ignore_downstream_trigger_rules"].boolean();
  Steps steps;
  auto& step = steps[circuit_of(test_case)] = ending(OutcomeKind::success);
  if (!is_truthy(test_case["callable_returns"])) {
    step.outcome.skip_downstream = all ? SkipDownstream::all : SkipDownstream::direct;
  }
  const Json expect = test_case["expect"];
  return check_skips(graph_in(test_case), scripted(steps), expect["directly_skipped"], expect["states_after"]);
}

Verdict check_short_circuit_operator(const Json& test_case) {
  const std::string members = R"("operator": "short_circuit", "with": {"value": )" +
                              std::string(test_case["callable_returns"].text()) +
                              R"(, "ignore_downstream_trigger_rules": )" +
                              std::string(test_case["ignore_downstream_trigger_rules"].text()) + "}";
  const Json expect = test_case["expect"];
  return check_skips(graph_in(test_case), with_plugins(circuit_of(test_case), members), expect["directly_skipped"],
                     expect["states_after"]);
}

/// Runs of a schedule, the last of which is the latest as the clock stands: the case's dates, shifted to today. A
/// scheduled run is the latest from its own date until that of the next.
Verdict check_latest_only(const Json& test_case) {
  constexpr std::int64_t kHourNs = 3'600'000'000'000;
  const std::string operator_name = R"("operator": "latest_only")";
  if (test_case["run_type"].string() == "manual") {
    RunInfo info = test::run_info("manual");
    info.latest_window = {Timestamp{0}, Timestamp{kHourNs}};  // long ago
    const Graph graph{{{"latest", "downstream"}}, {}, {}, {}, {}, {}};
    const auto states = run_with_plugins(spec_of(graph, {{"latest", operator_name}}), info);
    return {difference("downstream", std::string(to_string(states.at("downstream"))), "success"), {}};
  }
  const std::int64_t period = test_case["schedule_seconds"].integer().value() * (kHourNs / 3'600);
  std::vector<std::pair<Timestamp, Json>> runs;
  for (const Json& run : test_case["expect"]) runs.emplace_back(parse_timestamp(run.key()).value(), run);
  const std::int64_t shift = SystemClock{}.wall().unix_ns - kHourNs - runs.back().first.unix_ns;
  Verdict verdict;
  for (const auto& [date, states] : runs) {
    const Timestamp shifted{date.unix_ns + shift};
    RunInfo info = test::run_info("scheduled", shifted);
    info.run_type = "scheduled";
    info.latest_window = {shifted, Timestamp{shifted.unix_ns + period}};
    const auto actual = run_with_plugins(spec_of(graph_in(test_case), {{"latest", operator_name}}), info);
    verdict.differs += different_states(actual, states);
  }
  return verdict;
}

}  // namespace

Group shared_branching() { return {"branching", check_branch}; }

Group shared_branch_operator() {
  const std::string kRefused = "the operator is given its ids in the spec, and the loader refuses unknown ones";
  Group group{"branching", check_branch_operator, {{"br-010", kRefused}, {"br-011", kRefused}, {"br-012", kRefused}}};
  group.of = "operator branch";
  return group;
}

Group shared_short_circuit() { return {"short_circuit", check_short_circuit}; }

Group shared_short_circuit_operator() {
  Group group{"short_circuit", check_short_circuit_operator};
  group.of = "operator short_circuit";
  return group;
}

Group shared_latest_only() { return {"latest_only", check_latest_only}; }

}  // namespace leeward::conformance
