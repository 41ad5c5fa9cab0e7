#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "core/engine/run_engine.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/recording_observer.hpp"
#include "tests/support/simulated_executor.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

// What an instance can wait for without anybody at work on it: a person's answer, the previous run, another run's
// slots.

namespace {

std::shared_ptr<const RunInfo> run_info(std::string run_id = "r1", Timestamp logical_date = FakeClock::kStart) {
  auto info = std::make_shared<RunInfo>();
  info->run_id = std::move(run_id);
  info->dag_id = "test";
  info->logical_date = logical_date;
  return info;
}

SimulatedExecutor::Step takes_a_second(const TaskCall&) {
  SimulatedExecutor::Step step;
  step.takes = 1s;
  return step;
}

/// Asks when it is first called, and returns the answer when it is called with it.
SimulatedExecutor::Step ask(const TaskCall& call, std::optional<Duration> timeout = {}) {
  SimulatedExecutor::Step step = takes_a_second(call);
  if (call.answer) {
    step.outcome = TaskOutcome::succeeded(*call.answer);
    return step;
  }
  InputRequest request;
  request.options = {"Approve", "Reject"};
  request.defaults = {"Reject"};
  request.respondents = {"ann"};
  request.timeout = timeout;
  step.outcome.kind = OutcomeKind::awaiting_input;
  step.outcome.input = std::make_shared<const InputRequest>(std::move(request));
  return step;
}

Value choose(const std::string& option) { return Value{R"({"chosen_options":[")" + option + R"("]})"}; }

}  // namespace

TEST_CASE("Who awaits input holds nothing, keeps nobody waiting, and goes on with the answer", "[engine]") {
  const auto dag = dag_of("review; other; last <- review");
  FakeClock clock;
  SimulatedExecutor executor(
      clock, [](const TaskCall& call) { return call.task->id == "review" ? ask(call) : takes_a_second(call); });
  MemoryRunStore store;
  RunEngine::Options options;
  options.max_active_tasks = 1;
  RunEngine engine(dag, run_info(), clock, executor, store, {}, options);
  std::map<std::string, std::string> told;
  const auto say = [&](const std::string& task, Value said, const std::string& user, const std::string& name) {
    engine.answer(task, -1, std::move(said), user,
                  [&told, name](Status s) { told[name] = s ? "done" : s.error().code; });
  };
  executor.at(10s, [&] { say("review", choose("Approve"), "bob", "stranger"); });
  executor.at(11s, [&] { say("review", choose("Aprove"), "ann", "slip"); });
  executor.at(12s, [&] { say("other", choose("Approve"), "ann", "wrong task"); });
  executor.at(20s, [&] { say("review", choose("Approve"), "ann", "right"); });
  executor.at(20s, [&] { say("review", choose("Reject"), "ann", "too late"); });
  REQUIRE(*engine.run() == RunState::success);
  say("review", choose("Approve"), "ann", "over");
  CHECK(told == std::map<std::string, std::string>{{"stranger", "input.forbidden"},
                                                   {"slip", "input.answer"},
                                                   {"wrong task", "input.nothing_asked"},
                                                   {"right", "done"},
                                                   {"too late", "input.nothing_asked"},
                                                   {"over", "input.nothing_asked"}});
  const auto record = store.load("r1");
  CHECK(record->tasks[0].outcome->value.json() ==
        R"({"chosen_options":["Approve"],"params_input":{},"responded_by":"ann","timed_out":false})");
  CHECK(record->tasks[0].attempts == 1);
  CHECK(record->tasks[1].ended_at->unix_ns - record->started_at->unix_ns == Duration{2s}.count());
  CHECK(clock.now() == Instant{22s});
}

TEST_CASE("Without an answer in time the defaults are chosen", "[engine]") {
  const auto dag = dag_of("review");
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall& call) { return ask(call, Duration{1min}); });
  MemoryRunStore store;
  RunEngine engine(dag, run_info(), clock, executor, store, {}, {});
  REQUIRE(*engine.run() == RunState::success);
  CHECK(store.load("r1")->tasks[0].outcome->value.json() ==
        R"({"chosen_options":["Reject"],"params_input":{},"responded_by":null,"timed_out":true})");
  CHECK(clock.now() == Instant{62s});
}

TEST_CASE("A cancel ends what awaits input", "[engine]") {
  const auto dag = dag_of("review");
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall& call) { return ask(call); });
  MemoryRunStore store;
  RunEngine engine(dag, run_info(), clock, executor, store, {}, {});
  executor.at(5s, [&] { engine.cancel(); });
  CHECK(*engine.run() == RunState::canceled);
  CHECK(store.load("r1")->tasks[0].state == TaskState::canceled);
}

TEST_CASE("depends_on_past waits until the previous run's task has ended well", "[engine]") {
  const auto dag = dag_of("a; b <- a", [](Task& t) {
    t.depends_on_past = t.id == "a";
    t.wait_for_downstream = t.id == "a";
  });
  FakeClock clock;
  MemoryRunStore store;
  const auto yesterday = run_info("r0", Timestamp{FakeClock::kStart.unix_ns - 86'400'000'000'000});
  SimulatedExecutor executor(clock, takes_a_second);

  SECTION("there was none") {
    RunEngine engine(dag, run_info(), clock, executor, store, {}, {});
    CHECK(*engine.run() == RunState::success);
    CHECK(clock.now() == Instant{2s});
  }
  SECTION("it went well, downstream too") {
    REQUIRE(*RunEngine(dag, yesterday, clock, executor, store, {}, {}).run() == RunState::success);
    CHECK(*RunEngine(dag, run_info(), clock, executor, store, {}, {}).run() == RunState::success);
    CHECK(clock.now() == Instant{4s});
  }
  SECTION("its downstream failed: waits, and does not count as stuck") {
    SimulatedExecutor failing(clock, [](const TaskCall& call) {
      SimulatedExecutor::Step step = takes_a_second(call);
      if (call.task->id == "b") step.outcome = TaskOutcome::failed("x", "y");
      return step;
    });
    REQUIRE(*RunEngine(dag, yesterday, clock, failing, store, {}, {}).run() == RunState::failed);
    RunEngine engine(dag, run_info(), clock, executor, store, {}, {});
    executor.at(1h, [&] { engine.cancel(); });
    CHECK(*engine.run() == RunState::canceled);
    CHECK(executor.started().empty());
    CHECK(clock.now() == Instant{1h});
  }
}

TEST_CASE("A task that the previous run did not have waits, unless it ignores its first depends_on_past", "[engine]") {
  const bool ignores = GENERATE(true, false);
  FakeClock clock;
  MemoryRunStore store;
  SimulatedExecutor executor(clock, takes_a_second);
  const auto yesterday = run_info("r0", Timestamp{FakeClock::kStart.unix_ns - 86'400'000'000'000});
  REQUIRE(*RunEngine(dag_of("old"), yesterday, clock, executor, store, {}, {}).run() == RunState::success);
  const auto dag = dag_of("fresh", [&](Task& t) {
    t.depends_on_past = true;
    t.ignore_first_depends_on_past = ignores;
  });
  RunEngine engine(dag, run_info(), clock, executor, store, {}, {});
  executor.at(1h, [&] { engine.cancel(); });
  CHECK(*engine.run() == (ignores ? RunState::success : RunState::canceled));
}

TEST_CASE("A pool's slots are never overdrawn, and priorities decide who gets them", "[engine]") {
  const auto dag = dag_of("a; b; c; d; wide", [](Task& t) {
    t.priority_weight = t.id == "c" ? 9 : t.id == "wide" ? 5 : 1;
    t.pool_slots = t.id == "wide" ? 2 : 1;
  });
  FakeClock clock;
  std::size_t most = 0;
  SimulatedExecutor* self = nullptr;
  SimulatedExecutor executor(clock, [&](const TaskCall& call) {
    most = std::max(most, self->in_flight() + 1);
    return takes_a_second(call);
  });
  self = &executor;
  PoolTable pools({{"default_pool", {2, true}}});
  MemoryRunStore store;
  RunEngine::Options options;
  options.pools = &pools;
  REQUIRE(*RunEngine(dag, run_info(), clock, executor, store, {}, options).run() == RunState::success);
  Names order;
  for (const TaskCall& call : executor.started()) order.push_back(call.task->id);
  // The wide one does not fit beside c; as in Airflow, a lighter one that does goes before it.
  CHECK(order == Names{"c", "a", "wide", "b", "d"});
  CHECK(most == 2);
  CHECK(pools.take("default_pool", 2));
}

TEST_CASE("A deferred attempt keeps its pool's slots, unless the pool does not include it", "[engine]") {
  const bool include = GENERATE(true, false);
  const auto dag = dag_of("a; b");
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall& call) {
    SimulatedExecutor::Step step = takes_a_second(call);
    step.defers = true;
    return step;
  });
  PoolTable pools({{"default_pool", {1, include}}});
  MemoryRunStore store;
  RecordingObserver observer;
  RunEngine::Options options;
  options.pools = &pools;
  REQUIRE(*RunEngine(dag, run_info(), clock, executor, store, {&observer}, options).run() == RunState::success);
  CHECK(clock.now() == Instant{include ? 2s : 1s});
  Names told;
  for (const Event& event : observer.events()) told.push_back(summary(*dag, event));
  CHECK(std::count(told.begin(), told.end(), "a running -> deferred") == 1);
  CHECK(std::count(told.begin(), told.end(), "a deferred -> success") == 1);
  CHECK(pools.take("default_pool", 1));
}

TEST_CASE("Who is deferred and only waits for others counts against no limit", "[engine]") {
  const auto dag = dag_of("waits; works", [](Task& t) { t.priority_weight = t.id == "waits" ? 2 : 1; });
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall& call) {
    SimulatedExecutor::Step step = takes_a_second(call);
    if (call.task->id != "waits") return step;
    step.defers = step.idles = true;
    step.takes = 10s;
    return step;
  });
  PoolTable pools({{"default_pool", {1, true}}});
  MemoryRunStore store;
  RunEngine::Options options;
  options.pools = &pools;
  options.max_active_tasks = 1;
  REQUIRE(*RunEngine(dag, run_info(), clock, executor, store, {}, options).run() == RunState::success);
  CHECK(executor.started()[1].task->id == "works");
  CHECK(clock.now() == Instant{10s});
  CHECK(pools.take("default_pool", 1));
}

TEST_CASE("A new try asks a person anew", "[engine]") {
  const auto dag = dag_of("review", [](Task& t) { t.retry = {1, Duration{0}, 0, {}}; });
  FakeClock clock;
  int answered = 0;
  SimulatedExecutor executor(clock, [&](const TaskCall& call) {
    SimulatedExecutor::Step step = ask(call, Duration{1s});
    if (call.answer && ++answered == 1) step.outcome = TaskOutcome::retryable("x", "y");
    return step;
  });
  MemoryRunStore store;
  REQUIRE(*RunEngine(dag, run_info(), clock, executor, store, {}, {}).run() == RunState::success);
  CHECK(executor.started().size() == 4);
  CHECK_FALSE(executor.started()[2].answer);
}

TEST_CASE("Slots past 16 bits are counted as they are", "[engine]") {
  const auto dag = dag_of("a; b", [](Task& t) { t.pool_slots = 65'537; });
  FakeClock clock;
  SimulatedExecutor executor(clock, takes_a_second);
  PoolTable pools({{"default_pool", {100'000, true}}});
  MemoryRunStore store;
  RunEngine::Options options;
  options.pools = &pools;
  REQUIRE(*RunEngine(dag, run_info(), clock, executor, store, {}, options).run() == RunState::success);
  CHECK(clock.now() == Instant{2s});
}

TEST_CASE("A sensor that looks again and again keeps one timer for its execution_timeout", "[engine]") {
  const auto dag = dag_of("sensor", [](Task& t) { t.execution_timeout = 5s; });
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall& call) {
    SimulatedExecutor::Step step = takes_a_second(call);
    step.outcome.kind = OutcomeKind::reschedule;
    step.outcome.retry_after = 0s;
    if (call.reschedules == 20) step.never_ends = true;
    return step;
  });
  MemoryRunStore store;
  CHECK(*RunEngine(dag, run_info(), clock, executor, store, {}, {}).run() == RunState::failed);
  CHECK(store.load("r1")->tasks[0].outcome->error->code == "task.timed_out");
  CHECK(clock.now() == Instant{25s});  // 20 looks, and five seconds for the last one
}

TEST_CASE("A task's own limit holds for its instances, and for nobody else", "[engine]") {
  const auto dag = dag_of("each; other", [](Task& t) {
    if (t.id != "each") return;
    t.max_active_tis_per_dagrun = 2;
    auto mapping = std::make_shared<Mapping>();
    mapping->keys.emplace_back().name = "item";
    mapping->keys.back().items.value.json_after = "[1,2,3,4,5]";
    t.mapping = std::move(mapping);
  });
  FakeClock clock;
  SimulatedExecutor executor(clock, takes_a_second);
  MemoryRunStore store;
  REQUIRE(*RunEngine(dag, run_info(), clock, executor, store, {}, {}).run() == RunState::success);
  CHECK(clock.now() == Instant{3s});
  CHECK(executor.started()[2].task->id == "other");
}

TEST_CASE("A run that makes way gives its thread away while it only waits, and goes on as it was", "[engine]") {
  const auto dag = dag_of("again; idle", [](Task& task) { task.retry = {1, 5s, 0, {}}; });
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall& call) {
    SimulatedExecutor::Step step = takes_a_second(call);
    if (call.task->id == "idle") {
      step.takes = 20s;
      step.defers = step.idles = true;
    } else if (call.try_number == 1) {
      step.outcome = TaskOutcome::retryable("x", "not yet");
    }
    return step;
  });
  MemoryRunStore store;
  RunEngine engine{dag, run_info(), clock, executor, store, {}, {}};
  engine.make_way();
  REQUIRE(*engine.run() == RunState::running);
  CHECK(engine.rests());
  CHECK(clock.wall().unix_ns == FakeClock::kStart.unix_ns + Duration{1s}.count());  // not while one was at work
  CHECK(engine.wakes_at() == clock.now() + 5s);
  clock.advance(5s);
  engine.make_way();
  REQUIRE(*engine.go_on() == RunState::running);
  CHECK(store.load("r1")->tasks[0].state == TaskState::success);
  CHECK_FALSE(engine.wakes_at());
  REQUIRE(*engine.go_on() == RunState::success);  // nobody wants its thread any more
  CHECK_FALSE(engine.rests());
  CHECK(executor.started().size() == 3);
}
