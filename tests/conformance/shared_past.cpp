// Retries, and what a run makes of the one before it, as the shared file has them.
#include <optional>

#include "tests/conformance/graph.hpp"
#include "tests/conformance/group.hpp"
#include "tests/support/staged_run.hpp"

namespace leeward::conformance {
namespace {

using test::Stage;
using test::StagedRun;

constexpr std::int64_t kDayNs = 86'400'000'000'000;

Duration seconds_in(const Json& json) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(json.number()));
}

/// Fifty tasks, since each has a jitter of its own, fail until their retries are used up.
Verdict check_backoff(const Json& test_case) {
  const int try_number = test_case["try_number"] ? static_cast<int>(*test_case["try_number"].integer()) : 1;
  Graph graph;
  for (int i = 0; i < 50; ++i) graph.tasks.push_back("t" + std::to_string(i));
  const auto dag = dag_of(graph, [&](Task& task) {
    task.retry.retries = try_number;
    task.retry.delay = seconds_in(test_case["retry_delay_s"]);
    task.retry.exponential_backoff = test_case["multiplier"].number();
    const Json most = test_case["max_retry_delay_s"];
    if (most.is_number()) task.retry.max_delay = seconds_in(most);
  });
  Stage stage;
  StagedRun run(stage, dag, test::run_info(), [](const TaskCall&) { return ending(OutcomeKind::retry); });
  run.run(std::chrono::hours{24 * 365});
  const Duration least = seconds_in(test_case["expect"]["min_s"]);
  const Duration most = seconds_in(test_case["expect"]["max_s"]);
  std::size_t seen = 0;
  for (const Event& event : run.events()) {
    if (event.to != TaskState::up_for_retry || event.try_number != try_number) continue;
    ++seen;
    if (event.delay < least || event.delay > most) {
      return {"a delay of " + std::to_string(event.delay / std::chrono::milliseconds{1}) + " ms", {}};
    }
  }
  return {difference("delays", std::to_string(seen), "50"), {}};
}

/// How the task, and the one below it, stood in the run before: words of the shared file, null and absent included.
struct Past {
  bool has_run = true;
  bool has_task = true;
  Json task;
  Json downstream;
};

/// What they did then: a task without a state stood below one that did not end.
Steps steps_of(const Past& past) {
  Steps steps;
  const auto tell = [&](const std::string& task, const Json& state) {
    if (!state.exists()) return;
    if (state.is_null()) {
      steps["above_" + task] = never_ending();
    } else if (state.string() == "skipped") {
      steps[task] = ending(OutcomeKind::skipped);
    } else if (state.string() == "failed") {
      steps[task] = ending(OutcomeKind::failed);
    } else if (state.string() != "success") {
      steps[task] = never_ending();
    }
  };
  tell("t", past.task);
  tell("below", past.downstream);
  return steps;
}

Past past_of(const Json& test_case) {
  Past past;
  past.task = test_case["previous_same_task"];
  past.has_run = !(past.task.is_string() && past.task.string() == "__no_previous_run__");
  past.has_task = !test_case["task_new_in_dag"];
  past.downstream =
      test_case["previous_direct_downstream"] ? test_case["previous_direct_downstream"] : test_case["downstream"];
  return past;
}

bool is_set(const Json& flag) { return flag.is_boolean() && flag.boolean(); }

std::shared_ptr<const Dag> dag_for(const Json& test_case, bool has_task) {
  Graph graph{{{"above_t", "t"}, {"t", "below"}, {"above_below", "below"}}, {}, {}, {}, {}, {}};
  if (!has_task) graph = Graph{{}, {"another"}, {}, {}, {}, {}};
  const bool dependents = test_case["downstream"].exists();  // the cases about those alone
  return dag_of(graph, [&](Task& task) {
    if (task.id != "t") return;
    task.wait_for_downstream = dependents || is_set(test_case["wait_for_downstream"]);
    task.depends_on_past = task.wait_for_downstream || is_set(test_case["depends_on_past"]);
    task.ignore_first_depends_on_past = is_set(test_case["ignore_first_depends_on_past"]);
  });
}

/// What the rules say today of a task that stood like this yesterday. Yesterday's run is left open while today's asks.
Verdict check_past(const Json& test_case) {
  const Past past = past_of(test_case);
  Stage stage;
  StagedRun today(stage, dag_for(test_case, true), test::run_info("today", {test::FakeClock::kStart.unix_ns + kDayNs}),
                  script_of({}));
  StagedRun yesterday(stage, dag_for(test_case, past.has_task), test::run_info("yesterday"), script_of(steps_of(past)));
  if (past.has_run) {
    yesterday.executor().at(std::chrono::minutes{10}, [&] { today.run(std::chrono::minutes{40}); });
    yesterday.run();
  }
  if (today.events().empty()) today.run(std::chrono::hours{2});
  const Json expect = test_case["expect"];
  for (const char* word : {"schedulable", "dep_met", "done"}) {
    if (expect[word]) return {difference("t", today.decision("t"), expect[word].boolean() ? "run" : "wait"), {}};
  }
  return {"the case says nothing that is known here", {}};
}

}  // namespace

Group shared_retry_backoff() { return {"retry_backoff", check_backoff}; }
Group shared_depends_on_past() { return {"depends_on_past", check_past}; }

}  // namespace leeward::conformance
