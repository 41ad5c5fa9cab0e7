// What takes too many tasks, or too many variants, to be told by a file.
#include <algorithm>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "core/model/instance_name.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/scripted_catalog.hpp"
#include "tests/support/staged_run.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

SimulatedExecutor::Step ending(OutcomeKind kind, Duration takes = 1s) {
  SimulatedExecutor::Step step;
  step.takes = takes;
  step.outcome.kind = kind;
  return step;
}

/// The most instances that were at work at the same time, from the events.
std::size_t most_at_work(const StagedRun& run) {
  std::size_t now = 0;
  std::size_t most = 0;
  for (const Event& event : run.events()) {
    if (event.kind != EventKind::task_transition) continue;
    if (event.from == TaskState::running) --now;
    if (event.to == TaskState::running) most = std::max(most, ++now);
  }
  return most;
}

}  // namespace

TEST_CASE("The join of a diamond after a branch does what its rule makes of one success and one skip", "[scenarios]") {
  //          left (followed, 5 s)
  //  pick <                      > join
  //          right (skipped at 1 s)
  struct Expected {
    std::string decision;
    Duration when;
  };
  const std::map<std::string, Expected> kExpected{
      {"all_success", {"skipped", 1s}},
      {"all_failed", {"skipped", 1s}},
      {"all_done", {"run", 6s}},
      {"all_skipped", {"skipped", 6s}},
      {"all_done_min_one_success", {"skipped", 1s}},
      {"one_success", {"run", 6s}},
      {"one_failed", {"skipped", 6s}},
      {"one_done", {"run", 6s}},
      {"none_failed", {"run", 6s}},
      {"none_failed_min_one_success", {"run", 6s}},
      {"none_skipped", {"skipped", 1s}},
      {"always", {"run", 0s}},
      {"all_done_setup_success", {"run", 6s}},
  };
  REQUIRE(kExpected.size() == trigger_rule_words().size());
  for (const auto& [rule, expected] : kExpected) {
    DYNAMIC_SECTION(rule) {
      Stage stage;
      const auto dag = dag_of("pick; left <- pick; right <- pick; join <- left right [" + rule + "]");
      StagedRun run(stage, dag, run_info(), [](const TaskCall& call) {
        auto step = ending(OutcomeKind::success, call.task->id == "left" ? 5s : 1s);
        if (call.task->id == "pick") step.outcome.branch = {"left"};
        return step;
      });
      run.run();
      CHECK(run.state("right") == TaskState::skipped);
      CHECK(run.decision("join") == expected.decision);
      CHECK(run.decided_at("join") == expected.when);
      CHECK(run.state() == RunState::success);
    }
  }
}

TEST_CASE("A mapped group of 1,000 instances with 3 failures goes on with the other 997", "[scenarios]") {
  const auto dag =
      scripted_dag(R"({"dag_id": "crowd", "groups": {"g": {"expand": {"i": "{list}"}, "depends_on": ["make"]}},
    "tasks": [{"task_id": "make", "operator": "scripted", "output_key": "list"},
              {"task_id": "get", "group": "g", "operator": "scripted"},
              {"task_id": "put", "group": "g", "operator": "scripted", "depends_on": ["get"], "output_key": "put"},
              {"task_id": "strict", "operator": "scripted", "depends_on": ["g"]},
              {"task_id": "lenient", "operator": "scripted", "depends_on": ["g"], "trigger_rule": "all_done",
               "with": {"put": "{put}"}, "output_key": "end"}]})");
  std::string list = "[0";
  for (int i = 1; i < 1'000; ++i) list += "," + std::to_string(i);
  Stage stage;
  std::size_t received = 0;
  StagedRun run(stage, dag, run_info(), [&](const TaskCall& call) {
    auto step = ending(OutcomeKind::success);
    const bool fails = call.map_index == 3 || call.map_index == 500 || call.map_index == 999;
    if (call.task->id == "make") step.outcome.value = Value{list + "]"};
    if (call.task->id == "g.get" && fails) step = ending(OutcomeKind::failed);
    if (call.task->id == "g.put") step.outcome.value = Value{std::to_string(call.map_index)};
    if (call.task->id == "lenient") received = JsonDocument::of(call.params)->root()["put"].size();
    return step;
  });
  run.run();
  std::map<std::string, int> ended;
  for (int i = 0; i < 1'000; ++i) {
    ++ended["get " + std::string(to_string(run.state(instance_name("g.get", i))))];
    ++ended["put " + std::string(to_string(run.state(instance_name("g.put", i))))];
  }
  CHECK(ended == std::map<std::string, int>{
                     {"get failed", 3}, {"get success", 997}, {"put success", 997}, {"put upstream_failed", 3}});
  CHECK(run.state("strict") == TaskState::upstream_failed);
  CHECK(run.state("lenient") == TaskState::success);
  CHECK(received == 997);
  CHECK(run.state() == RunState::failed);
}

TEST_CASE("A pool of 2 never has 3 of 20 tasks at work, and takes them by priority", "[scenarios]") {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "t" + std::to_string(i) + ";";
  Dag::Header header;
  header.pools = {"default_pool", "narrow"};
  const auto dag = dag_of(
      text,
      [](Task& task) {
        task.pool = 1;
        task.priority_weight = std::stoi(task.id.substr(1)) * 7 % 20;  // each weight once, in no order
      },
      std::move(header));
  PoolTable pools({{"narrow", {2, true}}});
  RunEngine::Options options;
  options.pools = &pools;
  Stage stage;
  StagedRun run(
      stage, dag, run_info(), [](const TaskCall&) { return ending(OutcomeKind::success); }, options);
  run.run();
  CHECK(run.state() == RunState::success);
  CHECK(most_at_work(run) == 2);
  CHECK(stage.clock.now().since_start == 10s);
  std::vector<int> weights;
  for (const TaskCall& call : run.executor().started()) weights.push_back(call.task->priority_weight);
  CHECK(weights.size() == 20);
  CHECK(std::is_sorted(weights.rbegin(), weights.rend()));
}

TEST_CASE("1,000 sensors wait without a thread, poked again and again until it is time", "[scenarios]") {
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += "s" + std::to_string(i) + ";";
  Stage stage;
  StagedRun run(stage, dag_of(text + "other"), run_info(), [&](const TaskCall& call) {
    const bool is_time = stage.clock.now().since_start >= 10min;
    if (call.task->id == "other" || is_time) return ending(OutcomeKind::success, 0s);
    auto step = ending(OutcomeKind::reschedule, 0s);
    step.outcome.retry_after = 1min;
    return step;
  });
  run.executor().limit_threads(4);
  run.run();
  CHECK(run.state() == RunState::success);
  CHECK(most_at_work(run) <= 4);
  CHECK(run.executor().started().size() == 1'000 * 11 + 1);
  CHECK(run.reached_at("other", TaskState::success) == 0s);
  int most_reschedules = 0;
  for (const TaskCall& call : run.executor().started()) {
    CHECK(call.try_number == 1);
    most_reschedules = std::max(most_reschedules, call.reschedules);
  }
  CHECK(most_reschedules == 10);
}
