#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/core/load/sample_catalog.hpp"

using leeward::Task;
using leeward::TaskIndex;
using leeward::WeightRule;
using leeward::test::good;
using leeward::test::load;
using leeward::test::task;
using Names = std::vector<std::string>;

TEST_CASE("A task says when it may start, and of default_args it may say otherwise", "[load]") {
  const auto dag = good(R"({"dag_id": "d",
    "default_args": {"pool": "llm", "pool_slots": 2, "weight_rule": "upstream", "max_active_tis_per_dagrun": 3,
                     "wait_for_downstream": true, "ignore_first_depends_on_past": true, "multiple_outputs": true},
    "tasks": [{"task_id": "a", "operator": "empty"},
              {"task_id": "b", "operator": "empty", "pool": "default_pool", "pool_slots": 1, "weight_rule": "absolute",
               "max_active_tis_per_dagrun": null, "wait_for_downstream": false, "multiple_outputs": false,
               "ignore_first_depends_on_past": false},
              {"task_id": "c", "operator": "empty", "pool": "other", "wait_for_downstream": false,
               "depends_on_past": true}]})");
  CHECK(dag->header().pools == Names{"default_pool", "llm", "other"});
  const Task& a = task(*dag, "a");
  CHECK(a.pool == 1);
  CHECK(a.pool_slots == 2);
  CHECK(a.weight_rule == WeightRule::upstream);
  CHECK(a.max_active_tis_per_dagrun == 3);
  CHECK(a.wait_for_downstream);
  CHECK(a.depends_on_past);
  CHECK(a.ignore_first_depends_on_past);
  CHECK(a.multiple_outputs);
  const Task& b = task(*dag, "b");
  CHECK(b.pool == 0);
  CHECK(b.pool_slots == 1);
  CHECK(b.weight_rule == WeightRule::absolute);
  CHECK(b.max_active_tis_per_dagrun == 0);
  CHECK_FALSE(b.wait_for_downstream);
  CHECK_FALSE(b.depends_on_past);
  CHECK_FALSE(b.ignore_first_depends_on_past);
  CHECK_FALSE(b.multiple_outputs);
  CHECK(task(*dag, "c").pool == 2);
  CHECK(task(*dag, "c").depends_on_past);
  CHECK_FALSE(task(*dag, "c").wait_for_downstream);
}

TEST_CASE("A task that says nothing has Airflow's defaults", "[load]") {
  const auto dag = good(R"({"dag_id": "d", "tasks": [{"task_id": "a", "operator": "empty"}]})");
  CHECK(dag->header().pools == Names{"default_pool"});
  const Task& a = task(*dag, "a");
  CHECK(a.pool == 0);
  CHECK(a.pool_slots == 1);
  CHECK(a.priority_weight == 1);
  CHECK(a.weight_rule == WeightRule::downstream);
  CHECK(a.callbacks == nullptr);
  CHECK(a.mapping == nullptr);
  CHECK(a.outputs.empty());
}

TEST_CASE("The members of a result are published under their own names", "[load]") {
  const auto dag = good(R"({"dag_id": "d", "tasks": [
    {"task_id": "a", "operator": "report", "multiple_outputs": true, "output_key": "all"},
    {"task_id": "b", "operator": "echo", "with": {"value": 1}, "multiple_outputs": ["left", "right"]},
    {"task_id": "c", "operator": "callable", "with": {"callable": "content.extract_data"}, "multiple_outputs": true},
    {"task_id": "d", "operator": "echo", "with": {"value": "{title} {left} {articles[0]} {all.score}"},
     "depends_on": ["a", "b", "c"]}]})");
  CHECK(task(*dag, "a").outputs == Names{"title", "score"});
  CHECK(task(*dag, "a").output_key == "all");
  CHECK(task(*dag, "b").outputs == Names{"left", "right"});
  CHECK(task(*dag, "b").multiple_outputs);
  CHECK(task(*dag, "c").outputs == Names{"articles"});
  const auto& reads = task(*dag, "d").reads;
  REQUIRE(reads.size() == 4);
  CHECK(reads[0].name == "title");
  CHECK(reads[0].producers == std::vector{dag->find("a")});
  CHECK(reads[1].producers == std::vector{dag->find("b")});
  CHECK(reads[2].producers == std::vector{dag->find("c")});
  CHECK(reads[3].producers == std::vector{dag->find("a")});
}

TEST_CASE("A later task may publish a member's name again", "[load]") {
  const auto dag = good(R"({"dag_id": "d", "tasks": [
    {"task_id": "a", "operator": "report", "multiple_outputs": true},
    {"task_id": "b", "operator": "echo", "with": {"value": "{title}"}, "output_key": "title", "depends_on": ["a"]},
    {"task_id": "c", "operator": "echo", "with": {"value": "{title}"}, "depends_on": ["b"]}]})");
  CHECK(task(*dag, "c").reads[0].producers == std::vector{dag->find("b"), dag->find("a")});
}

TEST_CASE("A DAG names a limited number of pools", "[load]") {
  const auto loaded = load([] {
    std::string text = R"({"dag_id": "d", "tasks": [)";
    for (int i = 0; i < 1001; ++i) {
      text += std::string{i == 0 ? "" : ","} + R"({"task_id": "t)" + std::to_string(i) +
              R"(", "operator": "empty", "pool": "p)" + std::to_string(i) + "\"}";
    }
    return text + "]}";
  }());
  REQUIRE(loaded.errors.size() == 1);
  CHECK(loaded.errors[0].code == "spec.limit");
}
