#include "core/model/run_shape.hpp"

#include <catch2/catch.hpp>

#include "tests/support/dag_of.hpp"

using namespace leeward;
using leeward::test::dag_of;

TEST_CASE("A run's shape reads back as it was written", "[model]") {
  const auto dag = dag_of("a; b <- a; c <- b", [](Task& task) {
    if (task.id == "a") task.output_key = "x";
    if (task.id == "b") task.outputs = {"y", "z"};
    if (task.id == "c") task.do_xcom_push = false;
  });
  const auto shape = decode_shape(Value{encode_shape(*shape_of(dag))});
  REQUIRE(shape);
  REQUIRE((*shape)->size() == 3);
  for (TaskIndex t{0}; t.value < 3; ++t.value) {
    const auto before = shape_of(dag)->task(t);
    const auto after = (*shape)->task(t);
    CHECK(after.id == before.id);
    CHECK(after.operator_name == before.operator_name);
    CHECK(after.output_key == before.output_key);
    CHECK(std::vector(after.outputs.begin(), after.outputs.end()) ==
          std::vector(before.outputs.begin(), before.outputs.end()));
    CHECK(after.publishes == before.publishes);
    CHECK((*shape)->find(after.id) == t);
  }
  CHECK_FALSE((*shape)->find("nobody").valid());
  CHECK((*shape)->task(TaskIndex{1}).publishes);
  CHECK_FALSE((*shape)->task(TaskIndex{2}).publishes);
}

TEST_CASE("What is no run's shape is told as damage", "[model]") {
  for (const char* json : {"{}", "[1]", R"([{"id":"a"}])",
                           R"([{"id":"a","operator":"o","output_key":"","outputs":[1],"publishes":true}])"}) {
    INFO(json);
    CHECK(decode_shape(Value{json}).error().code == "run_shape.invalid");
  }
}
