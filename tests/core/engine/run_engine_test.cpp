#include "core/engine/run_engine.hpp"

#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "core/store/memory_run_store.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/forwarding_store.hpp"
#include "tests/support/recording_observer.hpp"
#include "tests/support/simulated_executor.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

// Most of what the engine does is told by tests/scenarios; here is what a scenario cannot say.

namespace {

std::shared_ptr<const RunInfo> run_info() {
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  info->dag_id = "test";
  return info;
}

SimulatedExecutor::Step succeed(const TaskCall&) {
  SimulatedExecutor::Step step;
  step.takes = 1s;
  return step;
}

/// A store whose disk is full after so many events.
class FullStore final : public ForwardingStore {
 public:
  explicit FullStore(std::size_t room) : ForwardingStore(memory_), room_(room) {}
  Status append(const RunInfo& run, std::span<const Event> events) override {
    if (stored_ + events.size() > room_) return Error{"store.full", "no room"};
    stored_ += events.size();
    return inner().append(run, events);
  }

 private:
  MemoryRunStore memory_;
  std::size_t room_;
  std::size_t stored_ = 0;
};

}  // namespace

TEST_CASE("The engine records every transition of a task, in order and on time", "[engine]") {
  const auto dag = dag_of("a; b <- a");
  FakeClock clock;
  SimulatedExecutor executor(clock, succeed);
  MemoryRunStore store;
  RecordingObserver observer;
  RunEngine engine(dag, run_info(), clock, executor, store, {&observer}, {});
  REQUIRE(engine.run());
  const auto record = store.load("r1");
  REQUIRE(record);
  CHECK(record->state == RunState::success);
  Names told;
  for (const Event& event : observer.events()) told.push_back(summary(*dag, event));
  CHECK(told == Names{"run started", "a none -> scheduled", "a scheduled -> queued", "a queued -> running",
                      "a running -> success", "b none -> scheduled", "b scheduled -> queued", "b queued -> running",
                      "b running -> success", "run success"});
  for (std::size_t i = 0; i < observer.events().size(); ++i) CHECK(observer.events()[i].sequence == i);
  CHECK(record->tasks[1].ended_at->unix_ns - record->started_at->unix_ns == Duration{2s}.count());
}

TEST_CASE("Nothing starts and nobody is told before the store has recorded it", "[engine]") {
  const auto dag = dag_of("a; b <- a");
  FakeClock clock;
  SimulatedExecutor executor(clock, succeed);
  RecordingObserver observer;
  SECTION("no room for the first task") {
    FullStore store(1);
    RunEngine engine(dag, run_info(), clock, executor, store, {&observer}, {});
    CHECK(engine.run().error().code == "store.full");
    CHECK(executor.started().empty());
    CHECK(observer.events().empty());
  }
  SECTION("no room for the second task") {
    FullStore store(4);
    RunEngine engine(dag, run_info(), clock, executor, store, {&observer}, {});
    CHECK(engine.run().error().code == "store.full");
    CHECK(executor.started().size() == 1);
    CHECK(observer.events().size() == 4);
  }
}

TEST_CASE("No more attempts run at once than allowed, the heavier ones first", "[engine]") {
  const auto dag = dag_of("a; b; c; d", [](Task& t) { t.priority_weight = t.id == "c" ? 5 : 1; });
  FakeClock clock;
  std::size_t most = 0;
  SimulatedExecutor* self = nullptr;
  SimulatedExecutor executor(clock, [&](const TaskCall& call) {
    most = std::max(most, self->in_flight() + 1);
    return succeed(call);
  });
  self = &executor;
  MemoryRunStore store;
  RunEngine::Options options;
  options.max_active_tasks = 2;
  RunEngine engine(dag, run_info(), clock, executor, store, {}, options);
  REQUIRE(engine.run());
  CHECK(most == 2);
  Names order;
  for (const TaskCall& call : executor.started()) order.push_back(call.task->id);
  CHECK(order == Names{"c", "a", "b", "d"});
}

TEST_CASE("A task that waits for a thread has not started, and its execution_timeout does not run", "[engine]") {
  const auto dag = dag_of("a; b; c; d", [](Task& t) { t.execution_timeout = 2s; });
  FakeClock clock;
  SimulatedExecutor executor(clock, succeed);
  executor.limit_threads(1);
  MemoryRunStore store;
  RunEngine engine(dag, run_info(), clock, executor, store, {}, {});
  CHECK(*engine.run() == RunState::success);
  CHECK(clock.now() == Instant{4s});
}

TEST_CASE("A cancel before the run starts cancels all of it", "[engine]") {
  const auto dag = dag_of("a; b <- a");
  FakeClock clock;
  SimulatedExecutor executor(clock, succeed);
  MemoryRunStore store;
  RunEngine engine(dag, run_info(), clock, executor, store, {}, {});
  engine.cancel();
  REQUIRE(engine.run());
  const auto record = store.load("r1");
  REQUIRE(record);
  CHECK(record->state == RunState::canceled);
  CHECK(executor.started().empty());
  for (const TaskRecord& task : record->tasks) CHECK(task.state == TaskState::canceled);
}

TEST_CASE("An attempt that was given up may end later without effect", "[engine]") {
  //  slow (hangs, then ends while its second attempt runs)
  const auto dag = dag_of("slow", [](Task& t) {
    t.execution_timeout = 1s;
    t.retry.retries = 1;
    t.retry.delay = 1s;
  });
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall& call) {
    SimulatedExecutor::Step step;
    step.takes = call.try_number == 1 ? Duration{12200ms} : Duration{500ms};
    step.ignores_cancel = true;
    step.outcome = TaskOutcome::succeeded(Value{std::to_string(call.try_number)});
    return step;
  });
  MemoryRunStore store;
  RunEngine engine(dag, run_info(), clock, executor, store, {}, {});
  REQUIRE(engine.run());
  const auto record = store.load("r1");
  REQUIRE(record);
  CHECK(record->state == RunState::success);
  CHECK(record->tasks[0].attempts == 2);
  CHECK(record->tasks[0].outcome->value.json() == "2");
}

TEST_CASE("A run of no tasks succeeds", "[engine]") {
  const auto dag = dag_of("");
  FakeClock clock;
  SimulatedExecutor executor(clock, succeed);
  MemoryRunStore store;
  RunEngine engine(dag, run_info(), clock, executor, store, {}, {});
  CHECK(*engine.run() == RunState::success);
}
