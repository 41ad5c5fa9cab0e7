#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/dag_of.hpp"
#include "tests/support/interrupted_run.hpp"
#include "tests/support/scripted_catalog.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

// A run that one process began and another goes on with.

namespace {

SimulatedExecutor::Step takes(Duration time, TaskOutcome outcome = {}) {
  SimulatedExecutor::Step step;
  step.takes = time;
  step.outcome = std::move(outcome);
  return step;
}

SimulatedExecutor::Step takes_a_second(const TaskCall&) { return takes(1s); }

/// A task that may not be started twice.
const OperatorInfo& once_info() {
  static const OperatorInfo info = [] {
    OperatorInfo made;
    made.name = "once";
    made.traits.at_most_once = true;
    return made;
  }();
  return info;
}

std::shared_ptr<const InputRequest> question(std::optional<Duration> timeout) {
  InputRequest request;
  request.options = {"Approve", "Reject"};
  request.defaults = {"Reject"};
  request.timeout = timeout;
  return std::make_shared<const InputRequest>(std::move(request));
}

/// Asks first, and returns the answer when it is called with it.
SimulatedExecutor::Step asks(const TaskCall& call, std::optional<Duration> timeout = {}) {
  if (call.answer) return takes(1s, TaskOutcome::succeeded(*call.answer));
  TaskOutcome outcome;
  outcome.kind = OutcomeKind::awaiting_input;
  outcome.input = question(timeout);
  return takes(1s, std::move(outcome));
}

/// A list, a task mapped over it whose second instance fails once, a mapped group over it, a branch, an empty list, a
/// sensor, and a setup with its teardown.
std::shared_ptr<const Dag> everything() {
  return scripted_dag(
      R"({"dag_id": "all", "groups": {"g": {"expand": {"m": "{items}"}, "depends_on": ["list"]}}, "tasks": [
    {"task_id": "list", "operator": "scripted", "output_key": "items", "with": {"give": [1, 2, 3]}},
    {"task_id": "each", "operator": "scripted", "expand": {"n": "{items}"}, "with": {"give": "{n}"},
     "output_key": "doubled", "retries": 1, "retry_delay": "5s", "depends_on": ["list"]},
    {"task_id": "get", "operator": "scripted", "group": "g", "with": {"give": "{m}"}, "output_key": "got"},
    {"task_id": "put", "operator": "scripted", "group": "g", "depends_on": ["get"], "with": {"give": "{got}"},
     "output_key": "put"},
    {"task_id": "none", "operator": "scripted", "expand": {"n": []}, "with": {"give": "{n}"}, "output_key": "nothing"},
    {"task_id": "fork", "operator": "scripted", "depends_on": ["each", "g"]},
    {"task_id": "left", "operator": "scripted", "depends_on": ["fork"]},
    {"task_id": "right", "operator": "scripted", "depends_on": ["fork"]},
    {"task_id": "join", "operator": "scripted", "depends_on": ["left", "right"], "output_key": "sum",
     "trigger_rule": "none_failed_min_one_success", "with": {"give": "{doubled}"}},
    {"task_id": "look", "operator": "scripted"},
    {"task_id": "create", "operator": "scripted", "setup": true, "depends_on": ["look"]},
    {"task_id": "work", "operator": "scripted", "depends_on": ["create"]},
    {"task_id": "destroy", "operator": "scripted", "depends_on": ["work"], "teardown": "create"}
  ]})");
}

SimulatedExecutor::Step everything_does(const TaskCall& call) {
  const std::string& id = call.task->id;
  TaskOutcome outcome;
  if (JsonDocument::of(call.params)->root()["give"].exists()) {
    outcome.value = JsonDocument::of(call.params)->root()["give"].value();
  }
  if (id == "each" && call.map_index == 1 && call.try_number == 1) outcome = TaskOutcome::retryable("x", "not yet");
  if (id == "fork") outcome.branch = {"left"};
  if (id == "look" && call.reschedules < 2) {
    outcome.kind = OutcomeKind::reschedule;
    outcome.retry_after = 3s;
  }
  if (id == "work") outcome = TaskOutcome::failed("y", "for good");
  return takes(1s, std::move(outcome));
}

}  // namespace

TEST_CASE("Wherever a run is cut, another process brings it to the same end", "[engine]") {
  const auto dag = everything();
  InterruptedRun whole(dag, everything_does);
  REQUIRE(*whole.go_on() == RunState::failed);
  const std::vector<std::size_t> cuts = whole.batches();
  REQUIRE(cuts.size() > 10);
  for (const std::size_t cut : cuts) {
    if (cut == whole.events().size()) continue;  // that is its end
    INFO("cut after " << cut << " events");
    InterruptedRun run = whole;
    run.forget_after(cut);
    REQUIRE(*run.go_on() == RunState::failed);
    CHECK(run.states() == whole.states());
    CHECK(run.took() <= whole.took());
    REQUIRE_FALSE(run.told().empty());
    CHECK(run.told().front().sequence == cut);
    REQUIRE(run.shown().context.size() == whole.shown().context.size());
    for (const TaskCall& call : run.started()) {
      for (std::size_t i = 0; i < cut; ++i) {
        const Event& event = whole.events()[i];
        const bool was_done = event.instance == call.instance && is_finished(event.to);
        if (was_done) FAIL_CHECK(call.task->id << " was done and is started again");
      }
    }
  }
}

TEST_CASE("An attempt that the process's end interrupted is started again as the same try", "[engine]") {
  const auto dag = dag_of("a; b <- a", [](Task& task) { task.retry.retries = 1; });
  InterruptedRun run(dag, takes_a_second);
  REQUIRE(*run.go_on() == RunState::success);
  run.forget_after(4);  // the run's start, and a scheduled, queued, running
  REQUIRE(run.events().back().to == TaskState::running);
  REQUIRE(*run.go_on() == RunState::success);
  CHECK(run.starts() == "a#1 b#1");
  CHECK(run.states() == "a success after 1, b success after 1");
  CHECK(summary(*dag, run.told().front()) == "a running -> scheduled");
}

TEST_CASE("What may run at most once and was at work is lost, which counts as failed", "[engine]") {
  const auto dag = dag_of("a; b <- a; c <- a [one_failed]", [](Task& task) {
    if (task.id == "a") task.op = &once_info();
    task.retry.retries = 3;
  });
  InterruptedRun run(dag, takes_a_second);
  REQUIRE(*run.go_on() == RunState::success);
  run.forget_after(4);
  REQUIRE(*run.go_on() == RunState::failed);
  CHECK(run.starts() == "c#1");
  CHECK(run.states() == "a lost after 1, b upstream_failed after 0, c success after 1");
  CHECK(run.shown().tasks.front().outcome->error->code == "task.lost");
}

TEST_CASE("What waits has as long to go as the wall clock says, and never longer than at first", "[engine]") {
  const auto dag = dag_of("a", [](Task& task) {
    task.retry.retries = 1;
    task.retry.delay = 100s;
  });
  InterruptedRun run(dag, [](const TaskCall& call) {
    return call.try_number == 1 ? takes(1s, TaskOutcome::retryable("x", "not yet")) : takes(1s);
  });
  REQUIRE(*run.go_on() == RunState::success);
  run.forget_after(5);
  REQUIRE(run.events().back().to == TaskState::up_for_retry);
  const auto [passes, takes] = GENERATE(table<Duration, Duration>(
      {{0s, 101s}, {40s, 61s}, {100s, 1s}, {24h * 365, 1s}, {-40s, 101s}, {-24h * 365, 101s}}));
  run.pass(passes);
  REQUIRE(*run.go_on() == RunState::success);
  CHECK(run.took() == takes);
  CHECK(run.states() == "a success after 2");
}

TEST_CASE("A dagrun_timeout counts from the run's start, not from when it was taken up", "[engine]") {
  Dag::Header header;
  header.dagrun_timeout = 60s;
  const auto dag = dag_of("a", {}, header);
  InterruptedRun run(dag, [](const TaskCall&) { return takes(50s); });
  REQUIRE(*run.go_on() == RunState::success);
  run.forget_after(4);
  SECTION("while it lasts") {
    run.pass(30s);
    REQUIRE(*run.go_on() == RunState::failed);
    CHECK(run.took() == 30s);
    CHECK(run.starts() == "a#1");
  }
  SECTION("and when it is over before anything can start") {
    run.pass(90s);
    REQUIRE(*run.go_on() == RunState::failed);
    CHECK(run.starts().empty());
  }
  CHECK(run.states() == "a skipped after 1");
  CHECK(run.shown().end_reason == RunEndReason::timed_out);
}

TEST_CASE("A question is still open afterwards, and an answer that was recorded is given", "[engine]") {
  const auto dag = dag_of("a");
  const std::optional<Duration> timeout = 100s;
  InterruptedRun run(dag, [&](const TaskCall& call) { return asks(call, timeout); });
  const auto say = [](RunEngine& engine) {
    engine.answer("a", -1, Value{std::string{R"({"chosen_options":["Approve"]})"}}, "ann", [](const Status&) {});
  };
  run.at(10s, say);
  REQUIRE(*run.go_on() == RunState::success);
  const std::string approved{run.shown().tasks.front().outcome->value.json()};
  SECTION("asked, and answered afterwards") {
    run.forget_after(5);
    REQUIRE(run.events().back().to == TaskState::awaiting_input);
    run.at(10s, say);
    REQUIRE(*run.go_on() == RunState::success);
    CHECK(run.shown().tasks.front().outcome->value.json() == approved);
  }
  SECTION("asked, and nobody answers in what is left of the time") {
    run.forget_after(5);
    run.pass(30s);
    REQUIRE(*run.go_on() == RunState::success);
    CHECK(run.took() == 71s);
    CHECK_THAT(std::string(run.shown().tasks.front().outcome->value.json()), Catch::Contains("Reject"));
  }
  SECTION("answered, and at work with it") {
    run.forget_after(8);
    REQUIRE(run.events().back().to == TaskState::running);
    REQUIRE(*run.go_on() == RunState::success);
    CHECK(run.shown().tasks.front().outcome->value.json() == approved);
  }
  CHECK(run.starts() == "a#1");
}

TEST_CASE("A stop that was asked for goes on, teardowns and all", "[engine]") {
  const auto dag = dag_of("up [setup]; work <- up; more <- work; down <- up work [teardown]");
  InterruptedRun run(dag, [](const TaskCall&) { return takes(10s); });
  run.at(15s, [](RunEngine& engine) { engine.cancel(); });
  REQUIRE(*run.go_on() == RunState::canceled);
  REQUIRE(run.states() == "up success after 1, work canceled after 1, more canceled after 0, down success after 1");
  const auto stopping = std::find_if(run.events().begin(), run.events().end(),
                                     [](const Event& event) { return event.kind == EventKind::run_stopping; });
  REQUIRE(stopping != run.events().end());
  const std::string states = run.states();
  run.forget_after(stopping->sequence + 1);
  SECTION("by itself") {
    REQUIRE(*run.go_on() == RunState::canceled);
    CHECK(run.starts() == "down#1");
    CHECK(run.states() == states);
  }
  SECTION("and a second cancel ends the teardowns, too") {
    run.at(5s, [](RunEngine& engine) { engine.cancel(); });
    REQUIRE(*run.go_on() == RunState::canceled);
    CHECK(run.states() == "up success after 1, work canceled after 1, more canceled after 0, down canceled after 1");
  }
}

TEST_CASE("A run that is over, or is another DAG's, is not gone on with", "[engine]") {
  const auto dag = dag_of("a; b <- a");
  InterruptedRun run(dag, takes_a_second);
  REQUIRE(*run.go_on() == RunState::success);
  CHECK(run.go_on().error().code == "resume.finished");
  run.forget_after(4);
  FakeClock clock;
  SimulatedExecutor executor(clock, takes_a_second);
  MemoryRunStore store;
  std::vector<Event> events = run.events();
  const auto resume = [&](const std::shared_ptr<const Dag>& other) {
    RunEngine engine(other, std::make_shared<RunInfo>(), clock, executor, store, {}, {});
    return engine.resume(events).error().code;
  };
  events[2].sequence = 7;
  CHECK(resume(dag) == "resume.history");
  events = run.events();
  events[3].instance = InstanceIndex{9};
  CHECK(resume(dag) == "resume.history");
  events = run.events();
  CHECK(resume(dag) == "store.unknown_run");
}

TEST_CASE("A list that has another length than it was expanded to is an error that says so", "[engine]") {
  const auto dag = everything();
  InterruptedRun run(dag, everything_does);
  REQUIRE(*run.go_on() == RunState::failed);
  std::vector<Event> events = run.events();
  const auto listed =
      std::find_if(events.begin(), events.end(), [](const Event& event) { return event.to == TaskState::success; });
  REQUIRE(dag->task(listed->task).id == "list");
  const auto expanded = std::find_if(events.begin(), events.end(), [](const Event& event) {
    return event.kind == EventKind::task_expanded && event.count == 3;
  });
  run.forget_after(expanded->sequence + 8);
  events = run.events();
  events[listed->sequence].outcome = std::make_shared<TaskOutcome>(TaskOutcome::succeeded(Value{std::string{"[1]"}}));
  FakeClock clock;
  SimulatedExecutor executor(clock, takes_a_second);
  MemoryRunStore store;
  RunEngine engine(dag, std::make_shared<RunInfo>(), clock, executor, store, {}, {});
  const auto ended = engine.resume(events);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == "resume.expansion");
  CHECK_THAT(ended.error().message, Catch::Contains("expanded to 3 instances"));
}
