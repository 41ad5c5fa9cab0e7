#include "core/store/memory_run_store.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/dag_of.hpp"

using namespace leeward;
using leeward::test::dag_of;

namespace {

/// Writes a run's events by hand.
struct Script {
  std::vector<Event> events;

  Event& add(EventKind kind, std::int64_t at) {
    Event& event = events.emplace_back();
    event.sequence = events.size() - 1;
    event.at = Timestamp{at};
    event.kind = kind;
    return event;
  }
  /// One successful attempt of `instance`, all at `at`.
  void success(TaskIndex task, InstanceIndex instance, std::int64_t at, const char* value) {
    step(task, instance, at, TaskState::none, TaskState::scheduled, 0);
    step(task, instance, at, TaskState::scheduled, TaskState::queued, 0);
    step(task, instance, at, TaskState::queued, TaskState::running, 1);
    step(task, instance, at + 1, TaskState::running, TaskState::success, 1).outcome =
        std::make_shared<const TaskOutcome>(TaskOutcome::succeeded(Value{value}));
  }
  Event& step(TaskIndex task, InstanceIndex instance, std::int64_t at, TaskState from, TaskState to, int attempt) {
    Event& event = add(EventKind::task_transition, at);
    event.task = task;
    event.instance = instance;
    event.from = from;
    event.to = to;
    event.try_number = static_cast<std::uint16_t>(attempt);
    return event;
  }
};

std::shared_ptr<const RunInfo> run_info() {
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  info->dag_id = "test";
  return info;
}

}  // namespace

TEST_CASE("A store shows a run as its events tell it", "[store]") {
  const auto dag = dag_of("a; b <- a", [](Task& t) { t.output_key = "out_" + t.id; });
  const auto info = run_info();
  MemoryRunStore store;
  REQUIRE(store.begin(info, dag));
  Script script;
  script.add(EventKind::run_started, 10);
  script.success(TaskIndex{0}, InstanceIndex{0}, 20, "[1]");
  script.step(TaskIndex{1}, InstanceIndex{1}, 30, TaskState::none, TaskState::skipped, 0);
  script.add(EventKind::run_finished, 40).run_state = RunState::success;
  REQUIRE(store.append(*info, script.events));

  const auto record = store.load("r1");
  REQUIRE(record);
  CHECK(record->state == RunState::success);
  CHECK(record->started_at->unix_ns == 10);
  CHECK(record->ended_at->unix_ns == 40);
  REQUIRE(record->tasks.size() == 2);
  CHECK(record->tasks[0].state == TaskState::success);
  CHECK(record->tasks[0].attempts == 1);
  CHECK(record->tasks[0].started_at->unix_ns == 20);
  CHECK(record->tasks[0].ended_at->unix_ns == 21);
  CHECK(record->tasks[1].state == TaskState::skipped);
  CHECK(record->tasks[1].attempts == 0);
  CHECK_FALSE(record->tasks[1].started_at.has_value());
  REQUIRE(record->context.size() == 1);
  CHECK(record->context[0].first == "out_a");
  CHECK(record->context[0].second.json() == "[1]");
}

TEST_CASE("A store shows an expanded task's instances in its place, and publishes their list", "[store]") {
  const auto dag = dag_of("each; z", [](Task& t) {
    if (t.id != "each") return;
    t.output_key = "all";
    auto mapping = std::make_shared<Mapping>();
    mapping->keys.emplace_back().name = "item";
    t.mapping = std::move(mapping);
  });
  const auto info = run_info();
  MemoryRunStore store;
  REQUIRE(store.begin(info, dag));
  Script script;
  script.add(EventKind::run_started, 1);
  Event& expanded = script.add(EventKind::task_expanded, 1);
  expanded.task = TaskIndex{0};
  expanded.instance = InstanceIndex{2};
  expanded.count = 3;
  script.success(TaskIndex{0}, InstanceIndex{4}, 2, "\"c\"");
  script.step(TaskIndex{0}, InstanceIndex{3}, 2, TaskState::none, TaskState::skipped, 0);
  script.success(TaskIndex{0}, InstanceIndex{2}, 2, "\"a\"");
  REQUIRE(store.append(*info, script.events));

  const auto record = store.load("r1");
  REQUIRE(record);
  REQUIRE(record->tasks.size() == 4);
  CHECK(record->tasks[0].map_index == 0);
  CHECK(record->tasks[2].map_index == 2);
  CHECK(record->tasks[3].task_id == "z");
  CHECK(record->tasks[3].map_index == -1);
  REQUIRE(record->context.size() == 1);
  CHECK(record->context[0].second.json() == R"(["a","c"])");
}

TEST_CASE("A store knows no run that nobody began, and begins each once", "[store]") {
  MemoryRunStore store;
  CHECK(store.load("r1").error().code == "store.unknown_run");
  CHECK(store.append(*run_info(), {}).error().code == "store.unknown_run");
  REQUIRE(store.begin(run_info(), dag_of("a")));
  CHECK(store.begin(run_info(), dag_of("a")).error().code == "store.run_exists");
  CHECK(store.load("r1")->state == RunState::queued);
}

TEST_CASE("A store lists runs, the newest first, and tells their history if it keeps it", "[store]") {
  MemoryRunStore store{MemoryRunStore::Keep::events};
  const auto dag = dag_of("a");
  Script script;
  script.add(EventKind::run_started, 10);
  for (const char* id : {"r1", "r2", "r3"}) {
    auto info = std::make_shared<RunInfo>(*run_info());
    info->run_id = id;
    info->dag_id = info->run_id == "r2" ? "other" : "test";
    REQUIRE(store.begin(info, dag));
    if (info->run_id != "r3") REQUIRE(store.append(*info, script.events));
  }
  const auto ids = [&](const RunQuery& query) {
    const auto runs = store.list(query).value();
    std::string text;
    for (const RunSummary& run : runs) text += run.run_id + " ";
    return text;
  };
  CHECK(ids({}) == "r3 r2 r1 ");
  CHECK(ids({"test", {}, false, 0}) == "r3 r1 ");
  CHECK(ids({"", RunState::running, false, 0}) == "r2 r1 ");
  CHECK(ids({"", {}, true, 2}) == "r3 r2 ");
  CHECK(store.history("r1")->events.size() == 1);
  CHECK(store.history("r9").error().code == "store.unknown_run");
  CHECK(MemoryRunStore{}.history("r1").error().code == "store.unknown_run");
}

TEST_CASE("A task that was cleared stands as if it had never run, but for its attempts", "[store]") {
  const auto dag = dag_of("a; b <- a", [](Task& t) { t.output_key = "out_" + t.id; });
  const auto info = run_info();
  MemoryRunStore store;
  REQUIRE(store.begin(info, dag));
  Script script;
  script.add(EventKind::run_started, 10);
  script.success(TaskIndex{0}, InstanceIndex{0}, 20, "[1]");
  script.success(TaskIndex{1}, InstanceIndex{1}, 20, "[2]");
  script.add(EventKind::run_finished, 30).run_state = RunState::success;
  script.add(EventKind::run_reopened, 40);
  Event& cleared = script.add(EventKind::task_cleared, 40);
  cleared.task = TaskIndex{1};
  REQUIRE(store.append(*info, script.events));
  const auto record = store.load("r1");
  REQUIRE(record);
  CHECK(record->state == RunState::queued);
  CHECK_FALSE(record->ended_at.has_value());
  CHECK(record->tasks[0].state == TaskState::success);
  CHECK(record->tasks[1].state == TaskState::none);
  CHECK(record->tasks[1].attempts == 1);
  CHECK_FALSE(record->tasks[1].ended_at.has_value());
  CHECK(record->tasks[1].outcome == nullptr);
  REQUIRE(record->context.size() == 1);
  CHECK(record->context[0].first == "out_a");
}
