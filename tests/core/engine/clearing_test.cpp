#include "core/engine/clearing.hpp"

#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "core/store/run_invariants.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/interrupted_run.hpp"
#include "tests/support/scripted_catalog.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

/// What is cleared, in words: "reopened a b", or the error's code.
std::string cleared(const Dag& dag, const InterruptedRun& run, const ClearRequest& request) {
  const auto events = clear(dag, RunStanding::of(dag, run.events()).value(), request, FakeClock::kStart);
  if (!events) return events.error().code;
  std::string text;
  for (const Event& event : *events) {
    text += text.empty() ? "" : " ";
    text += event.kind == EventKind::run_reopened ? "reopened" : dag.task(event.task).id;
  }
  return text;
}

void clear_in(InterruptedRun& run, const Dag& dag, const ClearRequest& request) {
  run.record(clear(dag, RunStanding::of(dag, run.events()).value(), request, FakeClock::kStart).value());
}

/// Fails the tries of tasks that are said to, by "task#try", and takes a second for everything.
struct Failing {
  std::map<std::string, OutcomeKind> tries;
  SimulatedExecutor::Step operator()(const TaskCall& call) const {
    SimulatedExecutor::Step step;
    step.takes = 1s;
    const auto found = tries.find(call.task->id + "#" + std::to_string(call.try_number));
    if (found != tries.end()) {
      step.outcome = TaskOutcome::failed("x", "as told");
      step.outcome.kind = found->second;
    }
    return step;
  }
};

}  // namespace

TEST_CASE("Clearing takes the chosen tasks, and if asked what comes after them", "[engine]") {
  const auto dag = dag_of("a; b <- a; c <- b; d <- a");
  InterruptedRun run(dag, Failing{{{"b#1", OutcomeKind::failed}}});
  REQUIRE(*run.go_on() == RunState::failed);
  CHECK(cleared(*dag, run, {{"b"}}) == "reopened b");
  CHECK(cleared(*dag, run, {{"b"}, true}) == "reopened b c");
  CHECK(cleared(*dag, run, {{"a"}, true}) == "reopened a b c d");
  CHECK(cleared(*dag, run, {{"a"}, true, true}) == "reopened b c");
  CHECK(cleared(*dag, run, {{"a"}, false, true}) == "clear.nothing");
  CHECK(cleared(*dag, run, {{"e"}}) == "clear.unknown_task");
  run.forget_after(4);
  CHECK(cleared(*dag, run, {{"a"}}) == "reopened a");
  CHECK(cleared(*dag, run, {{"b"}}) == "clear.nothing");
}

TEST_CASE("A run that a crash left and that is cleared has its whole dagrun_timeout again", "[engine]") {
  Dag::Header header;
  header.dagrun_timeout = 60s;
  const auto dag = dag_of("a; b <- a", {}, header);
  InterruptedRun run(dag, Failing{});
  REQUIRE(*run.go_on() == RunState::success);
  run.forget_after(4);
  run.pass(24h);
  clear_in(run, *dag, {{"a"}});
  CHECK(broken_invariants(dag->size(), run.events()).empty());
  REQUIRE(*run.go_on() == RunState::success);
  CHECK(run.starts() == "a#2 b#1");
}

TEST_CASE("A cleared task runs again, with new tries and all its retries, and the rest stays as it was", "[engine]") {
  const auto dag = dag_of("a; b <- a; c <- b; d <- b", [](Task& task) { task.retry = {1, 5s, 0, {}}; });
  const auto retry = OutcomeKind::retry;
  InterruptedRun run(dag, Failing{{{"b#1", retry}, {"b#2", retry}, {"b#3", retry}, {"c#2", retry}}});
  REQUIRE(*run.go_on() == RunState::failed);
  REQUIRE(run.states() == "a success after 1, b failed after 2, c upstream_failed after 0, d upstream_failed after 0");
  SECTION("alone: those after it had their decision") {
    clear_in(run, *dag, {{"b"}});
    CHECK(run.shown().state == RunState::queued);
    REQUIRE(*run.go_on() == RunState::failed);
    CHECK(run.starts() == "b#3 b#4");
    CHECK(run.states() == "a success after 1, b success after 4, c upstream_failed after 0, d upstream_failed after 0");
  }
  SECTION("with those after it, and a crash on the way") {
    clear_in(run, *dag, {{"b"}, true});
    const std::size_t before = run.events().size();
    REQUIRE(*run.go_on() == RunState::success);
    CHECK(run.starts() == "b#3 b#4 c#1 d#1");
    const std::string states = run.states();
    CHECK(states == "a success after 1, b success after 4, c success after 1, d success after 1");
    for (const std::size_t cut : run.batches()) {
      InterruptedRun other = run;
      other.forget_after(cut);
      if (cut == run.events().size()) continue;
      REQUIRE(cut > before);
      REQUIRE(*other.go_on() == RunState::success);
      CHECK(other.states() == states);
    }
  }
  for (const TaskCall& call : run.started()) {
    if (call.task->id == "b") CHECK(call.max_tries == 4);
  }
}

TEST_CASE("A cleared task of a group over literals is decided as at first: by index, or skipped over nothing",
          "[engine]") {
  const auto dag = scripted_dag(R"({"dag_id": "literals",
    "groups": {"pair": {"expand": {"n": [1, 2]}}, "nobody": {"expand": {"n": []}}}, "tasks": [
    {"task_id": "fails", "operator": "scripted"},
    {"task_id": "b", "operator": "scripted", "group": "pair", "depends_on": ["fails"]},
    {"task_id": "c", "operator": "scripted", "group": "nobody", "depends_on": ["fails"]}]})");
  InterruptedRun run(dag, Failing{{{"fails#1", OutcomeKind::failed}}});
  REQUIRE(*run.go_on() == RunState::failed);
  const std::string states = run.states();
  REQUIRE(states ==
          "fails failed after 1, pair.b[0] upstream_failed after 0, pair.b[1] upstream_failed after 0, "
          "nobody.c skipped after 0");
  clear_in(run, *dag, {{"pair.b", "nobody.c"}});
  REQUIRE(*run.go_on() == RunState::failed);
  CHECK(run.states() == states);
}

TEST_CASE("A cleared task that is upstream_failed again has published nothing, also over an empty list", "[engine]") {
  const auto dag = scripted_dag(R"({"dag_id": "empty",
    "groups": {"each": {"expand": {"n": "{list}"}}}, "tasks": [
    {"task_id": "list", "operator": "scripted", "output_key": "list"},
    {"task_id": "fails", "operator": "scripted"},
    {"task_id": "b", "operator": "scripted", "group": "each", "depends_on": ["list", "fails"], "output_key": "said"}]})");
  InterruptedRun run(dag, [](const TaskCall& call) {
    SimulatedExecutor::Step step;
    step.takes = call.task->id == "list" ? 2s : 1s;
    step.outcome = call.task->id == "list" ? TaskOutcome::succeeded(Value{std::string{"[]"}})
                                           : TaskOutcome::failed("x", "as told");
    return step;
  });
  REQUIRE(*run.go_on() == RunState::failed);
  REQUIRE(run.shown().context.size() == 1);
  clear_in(run, *dag, {{"each.b"}});
  REQUIRE(*run.go_on() == RunState::failed);
  CHECK(run.states() == "list success after 1, fails failed after 1, each.b upstream_failed after 0");
  CHECK(run.shown().context.size() == 1);
}

TEST_CASE("What cleared attempts have paid for is still told", "[engine]") {
  const auto dag = scripted_dag(R"({"dag_id": "paid", "tasks": [
    {"task_id": "one", "operator": "scripted"},
    {"task_id": "many", "operator": "scripted", "expand": {"n": [1, 2]}, "with": {"give": "{n}"}}]})");
  InterruptedRun run(dag, [](const TaskCall&) {
    SimulatedExecutor::Step step;
    step.outcome.model_calls.emplace_back().provider = "mock";
    return step;
  });
  REQUIRE(*run.go_on() == RunState::success);
  clear_in(run, *dag, {{"one", "many"}});
  REQUIRE(*run.go_on() == RunState::success);
  for (const TaskRecord& task : run.shown().tasks) CHECK(task.model_calls.size() == 2);
}

TEST_CASE("A branch that is not cleared still keeps skipped what it skipped", "[engine]") {
  const auto dag = dag_of("fork; left <- fork; right <- fork; join <- left right [none_failed_min_one_success]");
  InterruptedRun run(dag, [](const TaskCall& call) {
    SimulatedExecutor::Step step;
    if (call.task->id == "fork") step.outcome.branch = {"left"};
    return step;
  });
  REQUIRE(*run.go_on() == RunState::success);
  clear_in(run, *dag, {{"left", "right"}, true});
  REQUIRE(*run.go_on() == RunState::success);
  CHECK(run.starts() == "left#2 join#2");
  CHECK(run.states() == "fork success after 1, left success after 2, right skipped after 0, join success after 2");
}

TEST_CASE("A task is cleared with the setups around it and their teardowns, a setup with its teardowns", "[engine]") {
  const auto dag = dag_of("up [setup]; work <- up; more <- work; down <- up more [teardown]; after <- down; aside");
  InterruptedRun run(dag, Failing{});
  REQUIRE(*run.go_on() == RunState::success);
  CHECK(cleared(*dag, run, {{"work"}}) == "reopened up work down");
  CHECK(cleared(*dag, run, {{"more"}}) == "reopened up more down");
  CHECK(cleared(*dag, run, {{"up"}}) == "reopened up down");
  CHECK(cleared(*dag, run, {{"down"}}) == "reopened down");
  CHECK(cleared(*dag, run, {{"aside"}}) == "reopened aside");
  clear_in(run, *dag, {{"work"}});
  REQUIRE(*run.go_on() == RunState::success);
  CHECK(run.starts() == "up#2 work#2 down#2");
}

TEST_CASE("A run that was cancelled and is cleared goes on where it was stopped", "[engine]") {
  const auto dag = dag_of("a; b <- a; c <- b");
  InterruptedRun run(dag, Failing{});
  run.at(1500ms, [](RunEngine& engine) { engine.cancel(); });
  REQUIRE(*run.go_on() == RunState::canceled);
  REQUIRE(run.states() == "a success after 1, b canceled after 1, c canceled after 0");
  clear_in(run, *dag, {{"a"}, true, true});
  REQUIRE(*run.go_on() == RunState::success);
  CHECK(run.states() == "a success after 1, b success after 2, c success after 1");
  CHECK(run.shown().end_reason == RunEndReason::none);
}

namespace {

/// "make" gives a longer list with each try; `each` and the group `g` are mapped over it.
std::shared_ptr<const Dag> mapped() {
  return scripted_dag(R"({"dag_id": "mapped", "groups": {"g": {"expand": {"m": "{items}"}, "depends_on": ["make"]}},
    "tasks": [
    {"task_id": "make", "operator": "scripted", "output_key": "items"},
    {"task_id": "each", "operator": "scripted", "depends_on": ["make"], "expand": {"n": "{items}"}, "with": {"give": "{n}"}},
    {"task_id": "get", "operator": "scripted", "group": "g", "with": {"give": "{m}"}, "output_key": "got"},
    {"task_id": "put", "operator": "scripted", "group": "g", "depends_on": ["get"], "with": {"give": "{got}"}},
    {"task_id": "end", "operator": "scripted", "depends_on": ["each", "g"], "with": {"give": "{got}"}, "output_key": "all"}
  ]})");
}

SimulatedExecutor::Step mapped_does(const TaskCall& call) {
  SimulatedExecutor::Step step;
  step.takes = 1s;
  step.outcome.value = JsonDocument::of(call.params)->root()["give"].value();
  if (call.task->id == "make") step.outcome.value = Value{std::string{call.try_number == 1 ? "[1,2]" : "[1,2,3]"}};
  return step;
}

}  // namespace

TEST_CASE("A mapped task that is cleared is expanded anew, over what its list is by then", "[engine]") {
  const auto dag = mapped();
  InterruptedRun run(dag, mapped_does);
  REQUIRE(*run.go_on() == RunState::success);
  SECTION("over the same list") {
    clear_in(run, *dag, {{"each"}});
    REQUIRE(*run.go_on() == RunState::success);
    CHECK(run.starts() == "each[0]#2 each[1]#2");
  }
  SECTION("over a longer one") {
    clear_in(run, *dag, {{"make"}, true});
    REQUIRE(*run.go_on() == RunState::success);
    CHECK(run.starts() ==
          "make#2 g.get[0]#2 g.get[1]#2 g.get[2]#1 each[0]#2 each[1]#2 each[2]#1 "
          "g.put[0]#2 g.put[1]#2 g.put[2]#1 end#2");
    CHECK(run.shown().context.back().second.json() == "[1,2,3]");
  }
  SECTION("one task of a group, whose instances look at their own index of what stayed") {
    clear_in(run, *dag, {{"g.put"}});
    REQUIRE(*run.go_on() == RunState::success);
    CHECK(run.starts() == "g.put[0]#2 g.put[1]#2");
  }
  SECTION("only the list, after everybody has read it") {
    clear_in(run, *dag, {{"make"}});
    REQUIRE(*run.go_on() == RunState::success);
    CHECK(run.starts() == "make#2");
  }
  SECTION("the list and a part of the group, which then comes whole") {
    CHECK(cleared(*dag, run, {{"make", "g.put"}}) == "reopened make g.get g.put");
  }
  const std::string states = run.states();
  for (const std::size_t cut : run.batches()) {
    if (cut == run.events().size()) continue;
    INFO("cut after " << cut);
    InterruptedRun other = run;
    other.forget_after(cut);
    if (other.shown().state != RunState::running) continue;
    REQUIRE(*other.go_on() == RunState::success);
    CHECK(other.states() == states);
  }
}

TEST_CASE("A mapped task may be cleared wherever its instances stood when the process ended", "[engine]") {
  const auto dag = mapped();
  InterruptedRun run(dag, mapped_does);
  REQUIRE(*run.go_on() == RunState::success);
  int cleared_at_work = 0;
  for (const std::size_t cut : run.batches()) {
    INFO("cut after " << cut);
    InterruptedRun other = run;
    other.forget_after(cut);
    if (other.shown().state != RunState::running || cleared(*dag, other, {{"each"}}) == "clear.nothing") continue;
    clear_in(other, *dag, {{"each"}});
    REQUIRE(*other.go_on() == RunState::success);
    ++cleared_at_work;
  }
  CHECK(cleared_at_work > 0);
}

TEST_CASE("A run that was to stop when its process ended may be cleared, and its history stays sound", "[engine]") {
  const auto dag = dag_of("a; b <- a; c <- b");
  InterruptedRun run(dag, Failing{});
  run.at(1500ms, [](RunEngine& engine) { engine.cancel(); });
  REQUIRE(*run.go_on() == RunState::canceled);
  int cleared_while_stopping = 0;
  for (const std::size_t cut : run.batches()) {
    INFO("cut after " << cut);
    InterruptedRun other = run;
    other.forget_after(cut);
    const auto standing = RunStanding::of(*dag, other.events()).value();
    if (standing.state() != RunState::running || standing.stop_reason() == RunEndReason::none) continue;
    clear_in(other, *dag, {{"a"}, true});
    REQUIRE(*other.go_on() == RunState::success);
    CHECK(broken_invariants(dag->size(), other.events()).empty());
    ++cleared_while_stopping;
  }
  CHECK(cleared_while_stopping > 0);
}
