#include "core/engine/task_scope.hpp"

#include <catch2/catch.hpp>

#include "core/model/builtin_names.hpp"
#include "tests/support/dag_of.hpp"

using namespace leeward;
using leeward::test::dag_of;

namespace {

RunInfo info() {
  RunInfo run;
  run.run_id = "r1";
  run.dag_id = "d1";
  run.logical_date = Timestamp{1'706'718'600'000'000'000};
  run.data_interval = {run.logical_date, Timestamp{1'706'805'000'000'000'000}};
  run.params = Value{R"({"p":1})"};
  run.conf = Value{R"({"c":[1]})"};
  return run;
}

}  // namespace

TEST_CASE("Every built-in name has a value", "[engine]") {
  const auto dag = dag_of("a");
  const auto facts = run_facts(info());
  const RunContext context(*dag);
  const TaskScope scope(context, *facts, {}, {&dag->task(TaskIndex{0}), 3, 2}, {});
  for (const std::string_view name : kBuiltinNames) {
    INFO(name);
    CHECK(scope.find(name).exists());
  }
  CHECK(scope.find("ds").string() == "2024-01-31");
  CHECK(scope.find("ds_nodash").string() == "20240131");
  CHECK(scope.find("ts").string() == "2024-01-31T16:30:00+00:00");
  CHECK(scope.find("ts_nodash").string() == "20240131T163000");
  CHECK(scope.find("ts_nodash_with_tz").string() == "20240131T163000+0000");
  CHECK(scope.find("run_type").string() == "manual");
  CHECK(scope.find("data_interval_end").string() == "2024-02-01T16:30:00.000Z");
  CHECK(scope.find("params")["p"].integer() == 1);
  CHECK(scope.find("map_index").integer() == 3);
  CHECK(scope.find("try_number").integer() == 2);
  CHECK_FALSE(scope.find("nothing").exists());
}

TEST_CASE("ti and dag_run hold Airflow's fields, those that the loader knows of and no others", "[engine]") {
  const auto dag = dag_of("a");
  const auto facts = run_facts(info());
  const RunContext context(*dag);
  const TaskScope scope(context, *facts, {}, {&dag->task(TaskIndex{0}), 3, 2}, {});
  CHECK(scope.find("ti").text() == R"({"task_id":"a","dag_id":"d1","run_id":"r1","map_index":3,"try_number":2})");
  CHECK(scope.find("task_instance") == scope.find("ti"));
  CHECK(scope.find("ti").size() == kTaskInstanceFields.size());
  for (const std::string_view field : kTaskInstanceFields) CHECK(scope.find("ti")[field].exists());

  const Json run = scope.find("dag_run");
  CHECK(run["run_type"].string() == "manual");
  CHECK(run["logical_date"].string() == "2024-01-31T16:30:00.000Z");
  CHECK(run["conf"].text() == R"({"c":[1]})");
  CHECK(run.size() == kDagRunFields.size());
  for (const std::string_view field : kDagRunFields) CHECK(run[field].exists());
}

TEST_CASE("A run without a data interval has no such names, and its ts tells microseconds", "[engine]") {
  RunInfo run = info();
  run.data_interval.reset();
  run.logical_date.unix_ns += 123'456'789;
  const auto facts = run_facts(run);
  CHECK_FALSE(facts->root()["data_interval_start"].exists());
  CHECK_FALSE(facts->root()["dag_run"]["data_interval_end"].exists());
  CHECK(facts->root()["ts"].string() == "2024-01-31T16:30:00.123456+00:00");
  CHECK(facts->root()["ts_nodash"].string() == "20240131T163000");
}

TEST_CASE("A scope shows an item before what was published, and only what may have been", "[engine]") {
  const auto dag = dag_of("a; b <- a", [](Task& t) {
    if (t.id == "a") t.output_key = "out";
    if (t.id == "b") t.reads = {{"out", {TaskIndex{0}}}, {"item", {}}};
  });
  const auto items = JsonDocument::of(Value{R"(["x"])"});
  const auto facts = run_facts(info());
  RunContext context(*dag);
  const Task& b = dag->task(TaskIndex{1});
  const TaskScope scope(context, *facts, b.reads, {&b}, {{"item", items->root().at(0)}});
  CHECK_FALSE(scope.find("out").exists());
  context.publish(TaskIndex{0}, Value{"[1]"});
  CHECK(scope.find("out").text() == "[1]");
  CHECK(scope.find("item").string() == "x");
}

TEST_CASE("A published value is parsed once, however often it is read", "[engine]") {
  const auto dag = dag_of("a", [](Task& t) { t.output_key = "out"; });
  RunContext context(*dag);
  context.publish(TaskIndex{0}, Value{"[1,2]"});
  const ContextRead read{"out", {TaskIndex{0}}};
  const Json first = context.look(read, {});
  CHECK(first.text().data() == context.look(read, {}).text().data());
  CHECK(first.at(1).integer() == 2);
}

TEST_CASE("Within a mapped group an instance sees its own index's value, others see the list", "[engine]") {
  const auto dag = dag_of("a", [](Task& t) {
    t.output_key = "out";
    t.mapped_group = GroupIndex{0};
  });
  RunContext context(*dag);
  context.publish(TaskIndex{0}, 1, 2, Value{"\"one\""});
  const ContextRead read{"out", {TaskIndex{0}}};
  CHECK(context.look(read, {GroupIndex{0}, 1}).string() == "one");
  CHECK_FALSE(context.find(read, {GroupIndex{0}, 0}));
  CHECK_FALSE(context.find(read, {}));
  context.publish(TaskIndex{0}, Value{"[\"one\"]"});
  CHECK(context.find(read, {})->json() == "[\"one\"]");
  CHECK(context.find(read, {GroupIndex{1}, 0})->json() == "[\"one\"]");
}

TEST_CASE("A member of a result is published under its own name", "[engine]") {
  const auto dag = dag_of("a", [](Task& t) {
    t.output_key = "all";
    t.outputs = {"title"};
  });
  RunContext context(*dag);
  const ContextRead read{"title", {TaskIndex{0}}};
  SECTION("one result") {
    context.publish(TaskIndex{0}, Value{R"({"title":"x","n":1})"});
    CHECK(context.look(read, {}).string() == "x");
  }
  SECTION("of each instance") {
    context.publish(TaskIndex{0}, Value{R"([{"title":"x"},{"title":"y"}])"});
    CHECK(context.look(read, {}).text() == R"(["x","y"])");
    CHECK(context.find(read, {})->json() == R"(["x","y"])");
  }
}
