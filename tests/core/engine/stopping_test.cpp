#include "core/engine/stopping.hpp"

#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "core/engine/run_engine.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/simulated_executor.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

using States = std::map<std::string, TaskState>;

/// setup -> work -> teardown, a task that fails after five seconds, one that takes a minute, and one behind it.
struct Stopped {
  FakeClock clock;
  MemoryRunStore store;
  RunState ended = RunState::running;
  RunRecord record;

  explicit Stopped(Dag::Header header, std::optional<Duration> cancel_at = {}) {
    const auto dag = dag_of(
        "setup; work <- setup; down <- setup work [all_done_setup_success]; bad; slow; late <- slow",
        [](Task& t) {
          t.is_setup = t.id == "setup";
          t.is_teardown = t.id == "down";
        },
        std::move(header));
    SimulatedExecutor executor(clock, [](const TaskCall& call) {
      SimulatedExecutor::Step step;
      const std::string& id = call.task->id;
      step.takes = id == "bad" ? 5s : id == "slow" || id == "work" ? 60s : 1s;
      if (id == "bad") step.outcome = TaskOutcome::failed("x", "y");
      return step;
    });
    auto info = std::make_shared<RunInfo>();
    info->run_id = "r1";
    RunEngine engine(dag, info, clock, executor, store, {}, {});
    if (cancel_at) executor.at(*cancel_at, [&] { engine.cancel(); });
    ended = engine.run().value();
    record = store.load("r1").value();
  }
  [[nodiscard]] States states() const {
    States all;
    for (const TaskRecord& task : record.tasks) all[task.task_id] = task.state;
    return all;
  }
};

}  // namespace

TEST_CASE("fail_fast fails what is at work, skips the rest, and lets teardowns go on", "[engine]") {
  Dag::Header header;
  header.fail_fast = true;
  const Stopped run(std::move(header));
  CHECK(run.ended == RunState::failed);
  CHECK(run.record.end_reason == RunEndReason::fail_fast);
  CHECK(run.states() == States{{"setup", TaskState::success},
                               {"work", TaskState::failed},
                               {"down", TaskState::success},
                               {"bad", TaskState::failed},
                               {"slow", TaskState::failed},
                               {"late", TaskState::skipped}});
  CHECK(run.clock.now() == Instant{6s});
}

TEST_CASE("dagrun_timeout skips everything that is not finished, teardowns too", "[engine]") {
  Dag::Header header;
  header.dagrun_timeout = 10s;
  const Stopped run(std::move(header));
  CHECK(run.ended == RunState::failed);
  CHECK(run.record.end_reason == RunEndReason::timed_out);
  CHECK(run.states() == States{{"setup", TaskState::success},
                               {"work", TaskState::skipped},
                               {"down", TaskState::skipped},
                               {"bad", TaskState::failed},
                               {"slow", TaskState::skipped},
                               {"late", TaskState::skipped}});
}

TEST_CASE("A cancelled run still tears down what it had set up", "[engine]") {
  const Stopped run({}, Duration{3s});
  CHECK(run.ended == RunState::canceled);
  CHECK(run.record.end_reason == RunEndReason::canceled);
  CHECK(run.states() == States{{"setup", TaskState::success},
                               {"work", TaskState::canceled},
                               {"down", TaskState::success},
                               {"bad", TaskState::canceled},
                               {"slow", TaskState::canceled},
                               {"late", TaskState::canceled}});
}

TEST_CASE("The first reason to stop counts, but a cancel goes before fail_fast", "[engine]") {
  Stopping stopping;
  CHECK_FALSE(stopping.asked());
  CHECK(stopping.ask(RunEndReason::fail_fast, true));
  CHECK_FALSE(stopping.ask(RunEndReason::fail_fast, true));
  CHECK(stopping.task_state(true) == TaskState::failed);
  CHECK(stopping.ask(RunEndReason::canceled, true));
  CHECK(stopping.task_state(true) == TaskState::canceled);
  CHECK_FALSE(stopping.ask(RunEndReason::canceled, true));
  Task teardown;
  teardown.is_teardown = true;
  CHECK(stopping.goes_on(teardown));
  CHECK(stopping.ask(RunEndReason::timed_out, false));
  CHECK_FALSE(stopping.goes_on(teardown));
  CHECK(stopping.reason() == RunEndReason::canceled);
  CHECK(*stopping.run_state() == RunState::canceled);
}

TEST_CASE("A teardown that waits for its past is not forgotten when the run is stopped", "[engine]") {
  const auto dag = dag_of(
      "setup; down <- setup [all_done_setup_success]; bad",
      [](Task& t) {
        t.is_setup = t.id == "setup";
        t.is_teardown = t.depends_on_past = t.id == "down";
      },
      [] {
        Dag::Header header;
        header.fail_fast = true;
        return header;
      }());
  FakeClock clock;
  MemoryRunStore store;
  const auto info = [](const char* id, std::int64_t days) {
    auto run = std::make_shared<RunInfo>();
    run->run_id = id;
    run->dag_id = "test";
    run->logical_date.unix_ns = FakeClock::kStart.unix_ns + days * 86'400'000'000'000;
    return run;
  };
  // Yesterday's run is told by its events alone: its teardown succeeds while today's waits for it.
  const auto yesterday = info("r0", -1);
  REQUIRE(store.begin(yesterday, dag));
  std::uint64_t sequence = 0;
  const auto tell = [&](TaskState from, TaskState to) {
    Event event;
    event.sequence = sequence++;
    event.from = from;
    event.to = to;
    event.task = TaskIndex{1};
    event.instance = InstanceIndex{1};
    REQUIRE(store.append(*yesterday, {&event, 1}));
  };
  SimulatedExecutor executor(clock, [](const TaskCall& call) {
    SimulatedExecutor::Step step;
    step.takes = call.task->id == "bad" ? 3s : 1s;
    if (call.task->id == "bad") step.outcome = TaskOutcome::failed("x", "y");
    return step;
  });
  executor.at(10s, [&] { tell(TaskState::none, TaskState::skipped); });
  REQUIRE(*RunEngine(dag, info("r1", 0), clock, executor, store, {}, {}).run() == RunState::failed);
  const auto record = store.load("r1").value();
  CHECK(record.end_reason == RunEndReason::fail_fast);
  CHECK(record.tasks[1].state == TaskState::success);
}

TEST_CASE("A group that cannot be expanded fails once under fail_fast, however many roots it has", "[engine]") {
  Dag::Header header;
  header.fail_fast = true;
  auto mapping = std::make_shared<Mapping>();
  mapping->keys.emplace_back().name = "item";
  mapping->keys.back().items.value.json_after = "7";
  header.groups.push_back({"g", "", {}, mapping});
  const auto dag = dag_of(
      "x; y", [](Task& t) { t.group = t.mapped_group = GroupIndex{0}; }, std::move(header));
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall&) { return SimulatedExecutor::Step{}; });
  MemoryRunStore store;
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  CHECK(*RunEngine(dag, info, clock, executor, store, {}, {}).run() == RunState::failed);
  CHECK(store.load("r1")->tasks[0].state == TaskState::failed);
  CHECK(store.load("r1")->tasks[1].state == TaskState::skipped);
}

TEST_CASE("What was never set up is not torn down", "[engine]") {
  const Stopped run({}, Duration{500ms});
  CHECK(run.states().at("setup") == TaskState::canceled);
  CHECK(run.states().at("down") == TaskState::upstream_failed);
}
