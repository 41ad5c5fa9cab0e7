// The state of a run and how attempts end, as the shared file has them.
#include <algorithm>
#include <map>
#include <sstream>

#include "tests/conformance/graph.hpp"
#include "tests/conformance/group.hpp"
#include "tests/support/staged_run.hpp"

namespace leeward::conformance {
namespace {

using test::Stage;
using test::StagedRun;

/// What a task does to end like this; nothing if others make it so.
std::optional<test::SimulatedExecutor::Step> step_for(const Json& state) {
  if (state.is_null()) return never_ending();
  if (state.string() == "success") return ending(OutcomeKind::success);
  if (state.string() == "failed") return ending(OutcomeKind::failed);
  if (state.string() == "skipped") return ending(OutcomeKind::skipped);
  return std::nullopt;
}

/// A task that has ended while something above it has not can only have started by itself.
void free_what_ended(Graph& graph, const Json& states) {
  for (const auto& [from, to] : graph.edges) {
    if (states[from].is_null() && !states[to].is_null()) graph.rules[to] = "always";
  }
}

bool stand_so(const std::map<std::string, TaskState>& now, const Json& states) {
  return std::all_of(states.begin(), states.end(), [&](const Json& state) {
    const auto found = now.find(std::string(state.key()));
    const TaskState actual = found == now.end() ? TaskState::none : found->second;
    return state.is_null() ? !is_finished(actual) : to_string(actual) == state.string();
  });
}

/// How the run stood when its tasks first stood like this. It is finished if that is all that was still to be told.
std::string run_state_when(const StagedRun& run, const Json& states) {
  std::map<std::string, TaskState> now;
  const auto& events = run.events();
  for (auto event = events.begin(); event != events.end(); ++event) {
    if (event->kind != EventKind::task_transition) continue;
    now[run.dag().task(event->task).id] = event->to;
    if (!stand_so(now, states)) continue;
    const bool ended = event + 1 != events.end() && (event + 1)->kind == EventKind::run_finished;
    return std::string(to_string(ended ? (event + 1)->run_state : RunState::running));
  }
  std::string text = "its tasks never stood so, but:";
  for (const auto& [task, state] : now) text += " " + task + " " + std::string(to_string(state));
  return text;
}

/// The tasks stand as the case says; how does the run?
Verdict check_states(const Json& test_case) {
  Graph graph = graph_in(test_case);
  const Json states = test_case["task_states"];
  for (const Json& state : states) graph.tasks.emplace_back(state.key());
  free_what_ended(graph, states);
  Steps steps;
  for (const Json& state : states) {
    if (const auto step = step_for(state)) steps[std::string(state.key())] = *step;
  }
  Stage stage;
  StagedRun run(stage, dag_of(graph), test::run_info(), script_of(steps));
  run.run();
  return {difference("run", run_state_when(run, states), std::string(test_case["expect"]["dagrun_state"].string())),
          {}};
}

/// "s1 >> w1 >> t1_": setups, work, teardowns, and teardowns whose failure fails the run.
Graph graph_of_lines(const Json& lines) {
  Graph graph;
  for (const Json& line : lines) {
    std::istringstream words{std::string(line.string())};
    std::string before;
    for (std::string word; words >> word;) {
      if (word == ">>") continue;
      if (!before.empty()) graph.edges.emplace_back(before, word);
      if (word.front() == 's') graph.setups.insert(word);
      if (word.front() == 't') graph.teardowns.emplace(word, word.back() == '_');
      before = word;
    }
  }
  graph.other_rule = "all_done";  // so that a failure stays where it is
  return graph;
}

/// Which tasks decide? Those whose failure, and nobody else's, fails the run. A failed setup takes its work with it,
/// whatever the rules, and so tells nothing.
Verdict check_deciders(const Json& test_case) {
  const Graph graph = graph_of_lines(test_case["graph"]);
  std::set<std::string> deciders;
  for (const std::string& task : tasks_of(graph)) {
    if (graph.setups.contains(task)) continue;
    Stage stage;
    StagedRun run(stage, dag_of(graph), test::run_info(), script_of({{task, ending(OutcomeKind::failed)}}));
    run.run();
    if (run.state() == RunState::failed) deciders.insert(task);
  }
  const auto words = words_in(test_case["expect"]["tasks_that_decide_dagrun_state"]);
  return {difference("deciding", joined(deciders), joined({words.begin(), words.end()})), {}};
}

Verdict check_run_state(const Json& test_case) {
  return test_case["graph"] ? check_deciders(test_case) : check_states(test_case);
}

/// What an attempt does for each thing that can be raised.
test::SimulatedExecutor::Step step_of_raised(std::string_view raised) {
  if (raised == "AirflowSkipException") return ending(OutcomeKind::skipped);
  if (raised == "AirflowFailException" || raised == "AirflowSensorTimeout") return ending(OutcomeKind::failed);
  if (raised == "AirflowTaskTimeout") return never_ending();  // and its execution_timeout stops it
  if (raised == "AirflowRescheduleException") return ending(OutcomeKind::reschedule);
  if (raised == "AirflowTaskTerminated") return ending(OutcomeKind::canceled);  // though nobody asked for it
  auto step = ending(OutcomeKind::retry);
  if (raised == "TaskDeferred") {
    step = ending(OutcomeKind::success);
    step.defers = true;
  } else if (raised == "DownstreamTasksSkipped") {
    step = ending(OutcomeKind::success);
    step.outcome.skip_downstream = SkipDownstream::direct;
  }
  return step;
}

/// What becomes of the first attempt.
Verdict check_exception(const Json& test_case) {
  const auto step = step_of_raised(test_case["raised"].string());
  const auto dag = dag_of(Graph{{{"t", "after"}}, {}, {}, {}, {}, {}}, [&](Task& task) {
    task.retry.retries = test_case["retries_left"].boolean() ? 1 : 0;
    if (step.never_ends) task.execution_timeout = std::chrono::seconds{1};
  });
  Stage stage;
  StagedRun run(stage, dag, test::run_info(), script_of({{"t", step}}));
  run.run();
  const auto history = run.history("t");
  const auto ended =
      std::find_if(history.begin(), history.end(), [](const Event& event) { return event.from == TaskState::running; });
  if (ended == history.end()) return {"the attempt did not end", {}};
  return {difference("state", std::string(to_string(ended->to)), std::string(test_case["expect"]["state"].string())),
          {}};
}

}  // namespace

Group shared_dagrun_state() {
  return {"dagrun_state",
          check_run_state,
          {{"ds-007", "the state `restarting` is that of a running task that is cleared, and there is no clear yet"}}};
}

Group shared_exceptions() {
  const std::string kNoExit =
      "of Airflow's old runner in one process: the case says itself that today's treats every SystemExit as a failure. "
      "An operator here has no process to leave; a bash command that ends with 0 has succeeded";
  return {"exceptions", check_exception, {{"ex-020", kNoExit}, {"ex-021", kNoExit}}};
}

}  // namespace leeward::conformance
