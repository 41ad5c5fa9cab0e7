#include <string>

#include <catch2/catch.hpp>

#include "tests/support/dag_of.hpp"
#include "tests/support/interrupted_run.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

RunEngine::Options graces() {
  RunEngine::Options options;
  options.suspend_grace = 10s;
  options.cancel_grace = 5s;
  return options;
}

void suspend(RunEngine& engine) { engine.suspend(); }

SimulatedExecutor::Step takes(Duration time) {
  SimulatedExecutor::Step step;
  step.takes = time;
  return step;
}

}  // namespace

TEST_CASE("A run that is suspended lets attempts end, starts nothing, and goes on another day", "[engine]") {
  const auto dag = dag_of("short; long; next <- short");
  InterruptedRun run(
      dag, [](const TaskCall& call) { return takes(call.task->id == "long" ? 60s : 5s); }, graces());
  run.at(3s, suspend);
  REQUIRE(*run.go_on() == RunState::running);
  CHECK(run.took() == 13s);  // the grace is over, and `long` ends as soon as it is asked to
  CHECK(run.starts() == "short#1 long#1");
  CHECK(run.states() == "short success after 1, long running after 1, next none after 0");
  CHECK(run.shown().state == RunState::running);
  REQUIRE(*run.go_on() == RunState::success);
  CHECK(run.starts() == "long#1 next#1");
  CHECK(run.states() == "short success after 1, long success after 1, next success after 1");
}

TEST_CASE("What is put off with what it waited for is started again another day", "[engine]") {
  const auto dag = dag_of("waits; works");
  bool stops = true;
  InterruptedRun run(
      dag,
      [&stops](const TaskCall& call) {
        SimulatedExecutor::Step step = takes(5s);
        if (stops && call.task->id == "waits") step.outcome.kind = OutcomeKind::canceled;
        return step;
      },
      graces());
  run.at(3s, suspend);
  REQUIRE(*run.go_on() == RunState::running);
  CHECK(run.states() == "waits running after 1, works success after 1");
  stops = false;
  REQUIRE(*run.go_on() == RunState::success);
  CHECK(run.starts() == "waits#1");
}

TEST_CASE("What does not end when it is asked to is left behind, and one that succeeds all the same has", "[engine]") {
  const auto dag = dag_of("hangs; late");
  InterruptedRun run(
      dag,
      [](const TaskCall& call) {
        SimulatedExecutor::Step step = takes(call.task->id == "late" ? 16s : 600s);
        step.ignores_cancel = true;
        return step;
      },
      graces());
  run.at(3s, suspend);
  REQUIRE(*run.go_on() == RunState::running);
  CHECK(run.took() == 18s);
  CHECK(run.states() == "hangs running after 1, late success after 1");
}

TEST_CASE("What may run at most once and fails when it is asked to stop has failed, and is not lost", "[engine]") {
  static const OperatorInfo once = [] {
    OperatorInfo made;
    made.name = "once";
    made.traits.at_most_once = true;
    return made;
  }();
  const auto dag = dag_of("often; single", [](Task& task) {
    if (task.id == "single") task.op = &once;
  });
  InterruptedRun run(
      dag,
      [](const TaskCall&) {
        SimulatedExecutor::Step step = takes(12s);
        step.outcome = TaskOutcome::failed("x", "in the middle of it");
        step.ignores_cancel = true;
        return step;
      },
      graces());
  run.at(1s, suspend);
  REQUIRE(*run.go_on() == RunState::running);
  CHECK(run.states() == "often running after 1, single failed after 1");
}

TEST_CASE("Who suspends a second time waits for nobody", "[engine]") {
  const auto dag = dag_of("a");
  InterruptedRun run(
      dag, [](const TaskCall&) { return takes(60s); }, graces());
  run.at(3s, suspend);
  run.at(4s, suspend);
  REQUIRE(*run.go_on() == RunState::running);
  CHECK(run.took() == 4s);
  CHECK(run.states() == "a running after 1");
}

TEST_CASE("What only waits does not keep a suspended run, and is not started by it", "[engine]") {
  const auto dag = dag_of("again; later", [](Task& task) { task.retry = {1, 5s, 0, {}}; });
  InterruptedRun run(
      dag,
      [](const TaskCall& call) {
        SimulatedExecutor::Step step = takes(1s);
        if (call.try_number == 1) step.outcome = TaskOutcome::retryable("x", "not yet");
        if (call.task->id == "later") step.takes = 8s;
        return step;
      },
      graces());
  run.at(3s, suspend);
  REQUIRE(*run.go_on() == RunState::running);
  CHECK(run.took() == 8s);
  CHECK(run.states() == "again up_for_retry after 1, later up_for_retry after 1");
  REQUIRE(*run.go_on() == RunState::success);
  CHECK(run.starts() == "again#2 later#2");
}

TEST_CASE("A run can be cancelled while it is being suspended", "[engine]") {
  const auto dag = dag_of("a; b <- a; up [setup]; down <- up a [teardown]");
  InterruptedRun run(
      dag, [](const TaskCall& call) { return takes(call.task->id == "up" ? 1s : 60s); }, graces());
  run.at(3s, suspend);
  SECTION("while attempts may still end") {
    run.at(4s, [](RunEngine& engine) { engine.cancel(); });
  }
  SECTION("and after some were asked to stop for later") {
    run.at(13s, [](RunEngine& engine) { engine.cancel(); });
  }
  REQUIRE(*run.go_on() == RunState::running);  // the teardown is still to come
  CHECK(run.states() == "a canceled after 1, b canceled after 0, up success after 1, down none after 0");
  REQUIRE(*run.go_on() == RunState::canceled);
  CHECK(run.starts() == "down#1");
}

TEST_CASE("A suspended run hears no answer, and says so", "[engine]") {
  const auto dag = dag_of("a");
  InterruptedRun run(
      dag,
      [](const TaskCall&) {
        SimulatedExecutor::Step step = takes(1s);
        step.outcome.kind = OutcomeKind::awaiting_input;
        step.outcome.input = std::make_shared<const InputRequest>();
        return step;
      },
      graces());
  std::string told;
  run.at(3s, suspend);
  run.at(3s, [&](RunEngine& engine) {
    engine.answer("b", -1, {}, "ann", [&](const Status& status) { told = status.error().code; });
  });
  REQUIRE(*run.go_on() == RunState::running);
  CHECK(run.took() == 3s);
  CHECK(told == "input.nothing_asked");
}
