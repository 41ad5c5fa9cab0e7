#include <string>

#include <catch2/catch.hpp>

#include "core/engine/run_engine.hpp"
#include "core/load/template_parser.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/simulated_executor.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

constexpr CallbackMoment kMoments[] = {CallbackMoment::execute, CallbackMoment::success, CallbackMoment::failure,
                                       CallbackMoment::retry, CallbackMoment::skipped};
constexpr const char* kWords[] = {"execute", "success", "failure", "retry", "skipped"};

/// A notifier for each moment, whose params name it.
std::vector<Callback> all_callbacks(const std::string& owner) {
  std::vector<Callback> callbacks;
  for (std::size_t i = 0; i < std::size(kMoments); ++i) {
    Callback& callback = callbacks.emplace_back();
    callback.moment = kMoments[i];
    callback.call.id = owner;
    callback.call.op = &scripted_info();
    callback.with = std::make_shared<ValueTemplate>(ValueTemplate{{}, std::string{"\""} + kWords[i] + "\"", nullptr});
  }
  return callbacks;
}

std::shared_ptr<const Dag> with_callbacks(std::string_view text) {
  Dag::Header header;
  header.callbacks = all_callbacks("test");
  return dag_of(
      text,
      [](Task& t) {
        t.retry.retries = 1;
        t.callbacks = std::make_shared<const std::vector<Callback>>(all_callbacks(t.id));
      },
      std::move(header));
}

bool is_callback(const TaskCall& call) { return call.params.json().front() == '"'; }

/// What was called, in order: "a execute", "test success".
Names called(const SimulatedExecutor& executor) {
  Names names;
  for (const TaskCall& call : executor.started()) {
    if (!is_callback(call)) continue;
    const std::string_view word = call.params.json();
    names.push_back(call.task->id + " " + std::string{word.substr(1, word.size() - 2)});
  }
  return names;
}

class FailedCallbacks final : public Observer {
 public:
  void on_events(const RunInfo&, const Dag&, std::span<const Event>) override {}
  void on_callback_failed(const RunInfo&, std::string_view task_id, CallbackMoment moment,
                          const TaskError& error) override {
    told.push_back(std::string{task_id} + "/" + kWords[static_cast<int>(moment)] + ": " + error.code);
  }
  Names told;
};

/// Runs a DAG of one task, `a`, whose attempts end like this, and callbacks like that.
Names run(std::vector<TaskOutcome> outcomes, TaskOutcome of_callbacks, RunState expected, FailedCallbacks& failed) {
  const auto dag = with_callbacks("a");
  FakeClock clock;
  std::size_t attempt = 0;
  SimulatedExecutor executor(clock, [&](const TaskCall& call) {
    SimulatedExecutor::Step step;
    step.takes = 1s;
    step.outcome = is_callback(call) ? of_callbacks : outcomes[attempt++];
    return step;
  });
  MemoryRunStore store;
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  CHECK(*RunEngine(dag, info, clock, executor, store, {&failed}, {}).run() == expected);
  CHECK(store.load("r1")->tasks.size() == 1);
  return called(executor);
}

TaskOutcome skipped() {
  TaskOutcome outcome;
  outcome.kind = OutcomeKind::skipped;
  return outcome;
}

}  // namespace

TEST_CASE("Each end of an attempt calls its own callbacks, and the run's end the DAG's", "[engine]") {
  FailedCallbacks failed;
  CHECK(run({TaskOutcome::succeeded({})}, {}, RunState::success, failed) ==
        Names{"a execute", "a success", "test success"});
  CHECK(run({TaskOutcome::retryable("x", "y"), TaskOutcome::succeeded({})}, {}, RunState::success, failed) ==
        Names{"a execute", "a retry", "a execute", "a success", "test success"});
  CHECK(run({TaskOutcome::failed("x", "y")}, {}, RunState::failed, failed) ==
        Names{"a execute", "a failure", "test failure"});
  CHECK(run({skipped()}, {}, RunState::success, failed) == Names{"a execute", "a skipped", "test success"});
  CHECK(failed.told.empty());
}

TEST_CASE("A callback that fails is told, and changes nothing", "[engine]") {
  FailedCallbacks failed;
  CHECK(run({TaskOutcome::succeeded({})}, TaskOutcome::failed("mail.refused", "no"), RunState::success, failed) ==
        Names{"a execute", "a success", "test success"});
  std::sort(failed.told.begin(), failed.told.end());
  CHECK(failed.told == Names{"/success: mail.refused", "a/execute: mail.refused", "a/success: mail.refused"});
}

TEST_CASE("A task that is skipped or failed by its upstreams calls nobody", "[engine]") {
  const auto dag = with_callbacks("a; b <- a; c <- a [all_failed]");
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall& call) {
    SimulatedExecutor::Step step;
    if (call.task->id == "a" && !is_callback(call)) step.outcome = skipped();
    return step;
  });
  MemoryRunStore store;
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  REQUIRE(RunEngine(dag, info, clock, executor, store, {}, {}).run());
  CHECK(called(executor) == Names{"a execute", "a skipped", "test success"});
}

TEST_CASE("A callback that has not ended in its time is told as failed", "[engine]") {
  const auto dag = with_callbacks("a");
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall& call) {
    SimulatedExecutor::Step step;
    step.never_ends = is_callback(call) && call.params.json() == "\"success\"" && call.task->id == "test";
    return step;
  });
  MemoryRunStore store;
  FailedCallbacks failed;
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  CHECK(*RunEngine(dag, info, clock, executor, store, {&failed}, {}).run() == RunState::success);
  CHECK(failed.told == Names{"/success: callback.timed_out"});
  CHECK(clock.now() == Instant{30s});
}

TEST_CASE("Callbacks wait for threads, and take none that a task was promised", "[engine]") {
  const auto dag = dag_of("a; b <- a", [](Task& t) {
    t.execution_timeout = 2s;
    if (t.id == "a") t.callbacks = std::make_shared<const std::vector<Callback>>(all_callbacks("a"));
  });
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall&) {
    SimulatedExecutor::Step step;
    step.takes = 1s;
    return step;
  });
  executor.limit_threads(1);
  MemoryRunStore store;
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  CHECK(*RunEngine(dag, info, clock, executor, store, {}, {}).run() == RunState::success);
  CHECK(clock.now() == Instant{4s});  // two tasks and two callbacks, one after the other
}

TEST_CASE("A DAG's callback is told why the run failed, and who did", "[engine]") {
  Dag::Header header;
  Callback& callback = header.callbacks.emplace_back();
  callback.call.id = "test";
  callback.call.op = &scripted_info();
  const auto with = std::make_shared<ValueTemplate>();
  ValueTemplate::Slot& slot = with->slots.emplace_back();
  Errors errors;
  slot.value = parse_template("{error.code} {error.message}", errors);
  REQUIRE(errors.empty());
  callback.with = with;
  const auto dag = dag_of("a; b; c <- b", {}, std::move(header));
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall& call) {
    SimulatedExecutor::Step step;
    if (call.task->id == "b") step.outcome = TaskOutcome::failed("x", "y");
    return step;
  });
  MemoryRunStore store;
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  CHECK(*RunEngine(dag, info, clock, executor, store, {}, {}).run() == RunState::failed);
  CHECK(executor.started().back().params.json() == R"("run.failed failed: b")");
}
