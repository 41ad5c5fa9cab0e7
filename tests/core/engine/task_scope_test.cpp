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
  return run;
}

}  // namespace

TEST_CASE("Every built-in name has a value", "[engine]") {
  const auto dag = dag_of("a");
  const auto facts = run_facts(info());
  const RunContext context;
  const TaskScope scope(context, *facts, {&dag->task(TaskIndex{0}), 3, 2}, {});
  for (const std::string_view name : kBuiltinNames) {
    INFO(name);
    CHECK(scope.find(name).exists());
  }
  CHECK(scope.find("ds").string() == "2024-01-31");
  CHECK(scope.find("ds_nodash").string() == "20240131");
  CHECK(scope.find("ts").string() == "2024-01-31T16:30:00+00:00");
  CHECK(scope.find("ts_nodash").string() == "20240131T163000");
  CHECK(scope.find("data_interval_end").string() == "2024-02-01T16:30:00.000Z");
  CHECK(scope.find("params")["p"].integer() == 1);
  CHECK(scope.find("map_index").integer() == 3);
  CHECK(scope.find("try_number").integer() == 2);
  CHECK_FALSE(scope.find("nothing").exists());
}

TEST_CASE("A scope shows an item before what was published, and only what may have been", "[engine]") {
  const auto dag = dag_of("a; b <- a", [](Task& t) {
    if (t.id == "b") t.reads = {{"out", {TaskIndex{0}}}, {"item", {}}};
  });
  const auto items = JsonDocument::of(Value{R"(["x"])"});
  const auto facts = run_facts(info());
  RunContext context;
  const TaskScope scope(context, *facts, {&dag->task(TaskIndex{1})}, {{"item", items->root().at(0)}});
  CHECK_FALSE(scope.find("out").exists());
  context.publish(TaskIndex{0}, Value{"[1]"});
  CHECK(scope.find("out").text() == "[1]");
  CHECK(scope.find("item").string() == "x");
}

TEST_CASE("A published value is parsed once, however often it is read", "[engine]") {
  RunContext context;
  context.publish(TaskIndex{0}, Value{"[1,2]"});
  const TaskIndex producers[] = {TaskIndex{0}};
  const Json first = context.look(producers);
  CHECK(first.text().data() == context.look(producers).text().data());
  CHECK(first.at(1).integer() == 2);
}
