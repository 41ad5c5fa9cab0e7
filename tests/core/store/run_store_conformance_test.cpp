// What every RunStore promises. After a step that promises something for ever, the process is restarted.
#include <atomic>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>

#include "core/model/outcome_codec.hpp"
#include "tests/core/store/event_script.hpp"
#include "tests/core/store/store_kits.hpp"
#include "tests/support/dag_of.hpp"

using namespace leeward;
using leeward::test::dag_of;
using leeward::test::EventScript;
using leeward::test::info_of;

#define STORE_TEST_CASE(name) \
  TEMPLATE_TEST_CASE(name, "[store]", test::MemoryStoreKit, test::SqliteStoreKit, test::OpenSqliteStoreKit)

namespace {

auto fields_of(const Event& e) {
  return std::tuple{e.sequence,   e.at.unix_ns,
                    e.kind,       e.from,
                    e.to,         e.run_state,
                    e.end_reason, e.task,
                    e.try_number, e.instance,
                    e.map_index,  e.delay.count(),
                    e.count,      e.outcome ? encode_outcome(*e.outcome) : std::string{}};
}

std::shared_ptr<const Dag> mapped_dag() {
  return dag_of("each; z", [](Task& t) {
    if (t.id != "each") return;
    t.output_key = "all";
    auto mapping = std::make_shared<Mapping>();
    mapping->keys.emplace_back().name = "item";
    t.mapping = std::move(mapping);
  });
}

/// A run of one task, from its start to its end.
std::vector<Event> whole_run(std::string value = "1") {
  EventScript script;
  script.add(EventKind::run_started, 1);
  script.success(TaskIndex{0}, InstanceIndex{0}, 2, std::move(value));
  script.finish(RunState::success, 4);
  return script.take();
}

std::string ids(const RunStore& store, const RunQuery& query) {
  const auto runs = store.list(query).value();
  std::string text;
  for (const RunSummary& run : runs) text += run.run_id + " ";
  return text;
}

}  // namespace

STORE_TEST_CASE("A store shows a run as its events tell it") {
  TestType kit;
  const auto dag = dag_of("a; b <- a", [](Task& t) { t.output_key = "out_" + t.id; });
  const auto info = info_of("r1");
  REQUIRE(kit.store().begin(info, dag));
  EventScript script;
  script.add(EventKind::run_started, 10);
  script.success(TaskIndex{0}, InstanceIndex{0}, 20, "[1]");
  script.step(TaskIndex{1}, InstanceIndex{1}, 30, TaskState::none, TaskState::skipped, 0);
  script.finish(RunState::success, 40);
  REQUIRE(kit.store().append(*info, script.events));

  kit.restart();
  const auto record = kit.store().load("r1");
  REQUIRE(record);
  CHECK(record->state == RunState::success);
  CHECK(record->started_at->unix_ns == 10);
  CHECK(record->ended_at->unix_ns == 40);
  REQUIRE(record->tasks.size() == 2);
  CHECK(record->tasks[0].state == TaskState::success);
  CHECK(record->tasks[0].operator_name == "scripted");
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

STORE_TEST_CASE("A store shows an expanded task's instances in its place, and publishes their list") {
  TestType kit;
  const auto info = info_of("r1");
  REQUIRE(kit.store().begin(info, mapped_dag()));
  EventScript script;
  script.add(EventKind::run_started, 1);
  script.expand(TaskIndex{0}, InstanceIndex{2}, 3, 1);
  script.success(TaskIndex{0}, InstanceIndex{4}, 2, "\"c\"", 2);
  script.step(TaskIndex{0}, InstanceIndex{3}, 2, TaskState::none, TaskState::skipped, 0).map_index = 1;
  script.success(TaskIndex{0}, InstanceIndex{2}, 2, "\"a\"", 0);
  REQUIRE(kit.store().append(*info, script.events));

  kit.restart();
  const auto record = kit.store().load("r1");
  REQUIRE(record);
  REQUIRE(record->tasks.size() == 4);
  CHECK(record->tasks[0].map_index == 0);
  CHECK(record->tasks[2].map_index == 2);
  CHECK(record->tasks[3].task_id == "z");
  CHECK(record->tasks[3].map_index == -1);
  REQUIRE(record->context.size() == 1);
  CHECK(record->context[0].second.json() == R"(["a","c"])");
  using States = std::vector<TaskState>;
  CHECK(kit.store().task_states("r1", "each").value() ==
        States{TaskState::success, TaskState::skipped, TaskState::success});
  CHECK(kit.store().task_states("r1", "z").value() == States{TaskState::none});
  CHECK(kit.store().task_states("r1", "y").value().empty());
}

STORE_TEST_CASE("A store knows no run that nobody began, and begins each once") {
  TestType kit;
  RunStore& store = kit.store();
  for (const Error& error : {store.load("r1").error(), store.history("r1").error(), store.run_state("r1").error(),
                             store.task_states("r1", "a").error(), store.append(*info_of("r1"), {}).error(),
                             store.reopen(info_of("r1"), dag_of("a")).error()}) {
    CHECK(error.code == "store.unknown_run");
  }
  REQUIRE(store.begin(info_of("r1"), dag_of("a")));
  CHECK(store.begin(info_of("r1"), dag_of("a")).error().code == "store.run_exists");
  CHECK(store.load("r1")->state == RunState::queued);
  REQUIRE(store.append(*info_of("r1"), whole_run()));
  kit.restart();
  CHECK(kit.store().begin(info_of("r1"), dag_of("a")).error().code == "store.run_exists");
  CHECK(kit.store().load("r1")->state == RunState::success);
}

STORE_TEST_CASE("A store lists runs, the one that began last first") {
  TestType kit;
  const auto events = whole_run();
  for (const char* id : {"r3", "r1", "r2", "r4"}) {  // whoever starts a run may choose its id
    const auto info = info_of(id, id == std::string{"r2"} ? "other" : "test", Timestamp{7});
    REQUIRE(kit.store().begin(info, dag_of("a")));
    if (info->run_id == "r1") REQUIRE(kit.store().append(*info, events));
    if (info->run_id == "r2") REQUIRE(kit.store().append(*info, std::span{events}.first(1)));
  }
  kit.restart();
  const RunStore& store = kit.store();
  CHECK(ids(store, {}) == "r4 r2 r1 r3 ");
  CHECK(ids(store, {"test", {}, false, 0}) == "r4 r1 r3 ");
  CHECK(ids(store, {"", RunState::running, false, 0}) == "r2 ");
  CHECK(ids(store, {"", {}, true, 0}) == "r4 r2 r3 ");
  CHECK(ids(store, {"", RunState::success, true, 0}).empty());
  CHECK(ids(store, {"", {}, true, 2}) == "r4 r2 ");
  CHECK(ids(store, {"test", RunState::queued, true, 1}) == "r4 ");
  const RunSummary run = store.list({"", RunState::success, false, 0}).value().at(0);
  CHECK(run.dag_id == "test");
  CHECK(run.run_type == "manual");
  CHECK(run.logical_date.unix_ns == 7);
  CHECK(run.end_reason == RunEndReason::none);
  CHECK(run.started_at->unix_ns == 1);
  CHECK(run.ended_at->unix_ns == 4);
  CHECK(store.run_state("r1").value() == RunState::success);
  CHECK(store.run_state("r3").value() == RunState::queued);
}

STORE_TEST_CASE("A store tells all that it was told of a run") {
  TestType kit;
  auto info = std::make_shared<RunInfo>();
  *info = {"r1",
           "d\xC3\xA4g",
           Timestamp{-5},
           std::pair{Timestamp{1}, Timestamp{2}},
           "scheduled",
           std::pair{Timestamp{3}, Timestamp{4}},
           Value{R"({"p":[1]})"},
           Value{R"({"c":"\u0000"})"},
           "r0/a/-1/2"};
  Dag::Header header;
  header.source = std::make_shared<const DagSource>(DagSource{"{\"tasks\": \"\xF0\x9F\x8C\x8A\"}", "dags/x.json"});
  REQUIRE(kit.store().begin(info, dag_of("a; b", {}, header)));
  REQUIRE(kit.store().begin(info_of("r2"), dag_of("a")));

  EventScript script;
  script.add(EventKind::run_started, 1'700'000'000'123'456'789);
  script.start(TaskIndex{0}, InstanceIndex{0}, 5);
  Event& retry = script.step(TaskIndex{0}, InstanceIndex{0}, 6, TaskState::running, TaskState::up_for_retry, 1);
  retry.delay = std::chrono::hours{1000};
  TaskOutcome failed = TaskOutcome::retryable("http.status", "it said \"no\"");
  failed.model_calls.push_back({"p", "m", "r", "", 200, 1, -1, 3});
  failed.branch = std::vector<std::string>{"x", "y"};
  retry.outcome = std::make_shared<const TaskOutcome>(std::move(failed));
  script.expand(TaskIndex{1}, InstanceIndex{2}, 2, 7);
  Event& stopping = script.add(EventKind::run_stopping, 8);
  stopping.end_reason = RunEndReason::fail_fast;
  stopping.count = 1;
  script.step(TaskIndex{0}, InstanceIndex{0}, 9, TaskState::up_for_retry, TaskState::canceled, 1);
  for (const std::int32_t k : {0, 1}) {
    const InstanceIndex instance{2 + static_cast<std::uint32_t>(k)};
    script.step(TaskIndex{1}, instance, 9, TaskState::none, TaskState::canceled, 0).map_index = k;
  }
  Event& finished = script.add(EventKind::run_finished, 10);
  finished.run_state = RunState::failed;
  finished.end_reason = RunEndReason::fail_fast;
  script.add(EventKind::run_reopened, 11);
  script.add(EventKind::task_cleared, 12).task = TaskIndex{1};
  REQUIRE(kit.store().append(*info, script.events));

  kit.restart();
  const RunHistory history = kit.store().history("r1").value();
  CHECK(history.info->dag_id == info->dag_id);
  CHECK(history.info->logical_date == info->logical_date);
  CHECK(history.info->data_interval == info->data_interval);
  CHECK(history.info->run_type == info->run_type);
  CHECK(history.info->latest_window == info->latest_window);
  CHECK(history.info->params.json() == info->params.json());
  CHECK(history.info->conf.json() == info->conf.json());
  CHECK(history.info->triggered_by == info->triggered_by);
  REQUIRE(history.source);
  CHECK(history.source->text == header.source->text);
  CHECK(history.source->file == header.source->file);
  REQUIRE(history.events.size() == script.events.size());
  for (std::size_t i = 0; i < history.events.size(); ++i) {
    INFO("event " << i);
    CHECK((fields_of(history.events[i]) == fields_of(script.events[i])));
  }
  const RunHistory bare = kit.store().history("r2").value();
  CHECK(bare.source == nullptr);
  CHECK(bare.events.empty());
  CHECK_FALSE(bare.info->data_interval.has_value());
  CHECK_FALSE(bare.info->latest_window.has_value());
}

STORE_TEST_CASE("A task that was cleared stands as if it had never run, but for its attempts") {
  TestType kit;
  const auto dag = dag_of("a; b <- a", [](Task& t) { t.output_key = "out_" + t.id; });
  const auto info = info_of("r1");
  REQUIRE(kit.store().begin(info, dag));
  EventScript script;
  script.add(EventKind::run_started, 10);
  script.success(TaskIndex{0}, InstanceIndex{0}, 20, "[1]");
  script.success(TaskIndex{1}, InstanceIndex{1}, 20, "[2]");
  script.finish(RunState::success, 30);
  REQUIRE(kit.store().append(*info, script.take()));

  kit.restart();
  REQUIRE(kit.store().reopen(info, dag));
  script.add(EventKind::run_reopened, 40);
  script.add(EventKind::task_cleared, 40).task = TaskIndex{1};
  REQUIRE(kit.store().append(*info, script.take()));
  kit.restart();
  CHECK(ids(kit.store(), {"", {}, true, 0}) == "r1 ");
  const auto record = kit.store().load("r1");
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

  REQUIRE(kit.store().reopen(info, dag));
  script.add(EventKind::run_started, 50);
  script.step(TaskIndex{1}, InstanceIndex{1}, 50, TaskState::none, TaskState::skipped, 1);
  script.finish(RunState::failed, 60);
  REQUIRE(kit.store().append(*info, script.take()));
  kit.restart();
  CHECK(kit.store().load("r1")->state == RunState::failed);
  CHECK(kit.store().load("r1")->started_at->unix_ns == 50);
  CHECK(kit.store().list({}).value().at(0).ended_at->unix_ns == 60);
  CHECK(kit.store().history("r1")->events.size() == 15);
}

STORE_TEST_CASE("A run is looked at while it goes on") {
  TestType kit;
  const auto dag = dag_of("a; b");
  const auto info = info_of("r1");
  REQUIRE(kit.store().begin(info, dag));
  EventScript script;
  script.add(EventKind::run_started, 1);
  script.start(TaskIndex{0}, InstanceIndex{0}, 2);
  REQUIRE(kit.store().append(*info, script.take()));
  CHECK(kit.store().load("r1")->tasks[0].state == TaskState::running);
  kit.restart();
  REQUIRE(kit.store().reopen(info, dag));
  CHECK(kit.store().load("r1")->tasks[0].state == TaskState::running);
  script.step(TaskIndex{0}, InstanceIndex{0}, 3, TaskState::running, TaskState::skipped, 1);
  REQUIRE(kit.store().append(*info, script.take()));
  CHECK(kit.store().load("r1")->tasks[0].state == TaskState::skipped);
  CHECK(kit.store().task_states("r1", "a").value() == std::vector{TaskState::skipped});
  CHECK(kit.store().run_state("r1").value() == RunState::running);
}

STORE_TEST_CASE("A store finds the runs of a DAG by their logical dates") {
  TestType kit;
  for (const auto& [id, dag_id, date] : {std::tuple{"r1", "test", 10},
                                         {"r2", "test", 30},
                                         {"r3", "other", 20},
                                         {"r5", "test", 30},
                                         {"r4", "test", 30}}) {
    REQUIRE(kit.store().begin(info_of(id, dag_id, Timestamp{date}), dag_of("a")));
  }
  kit.restart();
  const RunStore& store = kit.store();
  CHECK(store.previous_run("test", Timestamp{10}).value() == std::nullopt);
  CHECK(store.previous_run("test", Timestamp{30}).value() == "r1");
  CHECK(store.previous_run("test", Timestamp{31}).value() == "r4");
  CHECK(store.run_at("test", Timestamp{30}).value() == "r4");
  CHECK(store.run_at("test", Timestamp{20}).value() == std::nullopt);
  CHECK(store.run_at("other", Timestamp{20}).value() == "r3");
}

STORE_TEST_CASE("A store takes results as large and as deep as values may be") {
  TestType kit;
  const std::string large = json_quote(std::string(9'000'000, '"'));  // twice as long when it is quoted
  const std::string deep = std::string(256, '[') + std::string(256, ']');
  REQUIRE(is_json(deep));
  for (const auto& [id, value] : {std::pair{"r1", large}, std::pair{"r2", deep}}) {
    REQUIRE(kit.store().begin(info_of(id), dag_of("a")));
    REQUIRE(kit.store().append(*info_of(id), whole_run(value)));
  }
  kit.restart();
  CHECK((kit.store().load("r1")->tasks[0].outcome->value.json() == large));
  CHECK((kit.store().load("r2")->tasks[0].outcome->value.json() == deep));
}

STORE_TEST_CASE("A store takes ten thousand events, many at a time and one by one") {
  TestType kit;
  std::string tasks;
  for (int i = 0; i < 2'500; ++i) tasks += "t" + std::to_string(i) + ";";
  const auto dag = dag_of(tasks);
  const auto info = info_of("r1");
  EventScript script;
  script.add(EventKind::run_started, 1);
  for (std::uint32_t i = 0; i < 2'500; ++i) script.success(TaskIndex{i}, InstanceIndex{i}, i, std::to_string(i));
  const std::span<const Event> events{script.events};
  REQUIRE(kit.store().begin(info, dag));
  REQUIRE(kit.store().append(*info, events.first(6'000)));
  kit.restart();
  REQUIRE(kit.store().reopen(info, dag));
  for (std::size_t i = 6'000; i < 6'100; ++i) REQUIRE(kit.store().append(*info, events.subspan(i, 1)));
  REQUIRE(kit.store().append(*info, events.subspan(6'100)));
  kit.restart();
  CHECK(kit.store().history("r1")->events.size() == 10'001);
  const auto record = kit.store().load("r1");
  CHECK(record->tasks.back().state == TaskState::success);
  CHECK(record->tasks.back().outcome->value.json() == "2499");
}

STORE_TEST_CASE("Runs of several threads are recorded side by side") {
  TestType kit;
  constexpr int kThreads = 4;
  constexpr int kRuns = 20;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto dag = dag_of("a");
      for (int i = 0; i < kRuns; ++i) {
        const auto info = info_of("r" + std::to_string(t * kRuns + i));
        if (!kit.store().begin(info, dag)) ++failed;
        for (const Event& event : whole_run(std::to_string(i))) {
          if (!kit.store().append(*info, std::span{&event, 1})) ++failed;
          if (!kit.store().load(info->run_id)) ++failed;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  kit.restart();
  CHECK(kit.store().list({"", RunState::success, false, 0}).value().size() == kThreads * kRuns);
  for (int i = 0; i < kThreads * kRuns; ++i) {
    CHECK(kit.store().load("r" + std::to_string(i))->tasks[0].outcome->value.json() == std::to_string(i % kRuns));
  }
}
