#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/core/load/sample_catalog.hpp"

using leeward::Dag;
using leeward::TaskIndex;
using leeward::TriggerRule;
using leeward::test::good;
using leeward::test::load;
using Names = std::vector<std::string>;

namespace {

std::shared_ptr<const Dag> dag_of(const std::string& tasks, const std::string& rest = "") {
  return good(R"({"dag_id": "d", "tasks": [)" + tasks + "]" + rest + "}");
}

Names ids(const Dag& dag, std::span<const TaskIndex> tasks) {
  Names names;
  for (const TaskIndex t : tasks) names.push_back(dag.task(t).id);
  return names;
}

}  // namespace

TEST_CASE("The tasks that a teardown names are setups, with an arrow to it", "[load]") {
  const auto dag = dag_of(R"({"task_id": "create", "operator": "empty"}, {"task_id": "fill", "operator": "empty"},
      {"task_id": "work", "operator": "empty"},
      {"task_id": "drop", "operator": "empty", "teardown": ["create", "fill"]})",
                          R"(, "dependencies": ["create >> fill >> work >> drop", "create >> drop"])");
  CHECK(dag->task(dag->find("create")).is_setup);
  CHECK(dag->task(dag->find("fill")).is_setup);
  CHECK_FALSE(dag->task(dag->find("work")).is_setup);
  const auto& drop = dag->task(dag->find("drop"));
  CHECK(drop.is_teardown);
  CHECK(drop.trigger_rule == TriggerRule::all_done_setup_success);
  CHECK_FALSE(drop.on_failure_fail_dagrun);
  CHECK(ids(*dag, dag->upstream(dag->find("drop"))) == Names{"create", "fill", "work"});
  CHECK(ids(*dag, dag->setups_of(dag->find("work"))) == Names{"create"});
  CHECK(dag->decides_run(dag->find("work")));
  CHECK_FALSE(dag->decides_run(dag->find("drop")));
}

TEST_CASE("A setup needs no teardown, and a teardown no setup", "[load]") {
  const auto dag = dag_of(R"({"task_id": "a", "operator": "empty", "setup": true},
      {"task_id": "b", "operator": "empty", "depends_on": ["a"]},
      {"task_id": "c", "operator": "empty", "teardown": true, "on_failure_fail_dagrun": true, "depends_on": ["b"]},
      {"task_id": "d", "operator": "empty", "setup": false, "teardown": false, "on_failure_fail_dagrun": false})");
  CHECK(dag->task(dag->find("a")).is_setup);
  CHECK(dag->task(dag->find("c")).is_teardown);
  CHECK(dag->task(dag->find("c")).on_failure_fail_dagrun);
  CHECK_FALSE(dag->task(dag->find("d")).is_teardown);
  CHECK(ids(*dag, dag->upstream(dag->find("c"))) == Names{"b"});
}

TEST_CASE("A teardown's rule is its own, whatever default_args say", "[load]") {
  const auto dag = dag_of(R"({"task_id": "a", "operator": "empty", "teardown": true},
      {"task_id": "b", "operator": "empty", "teardown": true, "trigger_rule": "all_done_setup_success"})",
                          R"(, "default_args": {"trigger_rule": "all_done"})");
  for (const auto& task : dag->tasks()) CHECK(task.trigger_rule == TriggerRule::all_done_setup_success);
}

TEST_CASE("A teardown looks for its setups in its own group first", "[load]") {
  const auto dag = dag_of(R"({"task_id": "s", "operator": "empty"}, {"task_id": "s", "operator": "empty", "group": "g"},
      {"task_id": "t", "operator": "empty", "group": "g", "teardown": "s"})");
  CHECK(dag->task(dag->find("g.s")).is_setup);
  CHECK_FALSE(dag->task(dag->find("s")).is_setup);
  CHECK(ids(*dag, dag->upstream(dag->find("g.t"))) == Names{"g.s"});
}

TEST_CASE("A DAG that fails fast may have teardowns", "[load]") {
  const auto dag = dag_of(R"({"task_id": "s", "operator": "empty"}, {"task_id": "w", "operator": "empty",
      "depends_on": ["s"]}, {"task_id": "t", "operator": "empty", "teardown": "s", "depends_on": ["w"]})",
                          R"(, "fail_fast": true)");
  CHECK(dag->header().fail_fast);
}

TEST_CASE("A DAG of nothing but setups is refused before it costs too much", "[load]") {
  //  t0 --> t1 --> t2 ... each but the first a setup; `last`: one more task
  const auto chain = [](int tasks, const std::string& last = "") {
    std::string text = R"({"dag_id": "d", "tasks": [{"task_id": "t0", "operator": "empty"})";
    for (int i = 1; i < tasks; ++i) {
      text += R"(,{"task_id": "t)" + std::to_string(i) + R"(", "operator": "empty", "setup": true, "depends_on": ["t)" +
              std::to_string(i - 1) + "\"]}";
    }
    return load(text + last + "]}");
  };
  CHECK(chain(1'000).errors.empty());
  const auto loaded = chain(3'000);
  REQUIRE(loaded.errors.size() == 1);
  CHECK(loaded.errors.front().code == "spec.limit");
  CHECK(loaded.errors.front().where.pointer == "/tasks/1");
  CHECK(loaded.errors.front().message ==
        "the setups guard too many tasks: finding them takes more than 2000000 steps, the limit. The heaviest is "
        "\"t1\", which guards 2997 of them; a teardown of it (\"teardown\": \"t1\") would end what it guards");
  std::string setups = "\"t2\"";
  for (int i = 3; i < 3'000; ++i) setups += ",\"t" + std::to_string(i) + '"';
  const auto torn_down = chain(3'000, R"(,{"task_id": "end", "operator": "empty", "teardown": [)" + setups + "]}");
  REQUIRE(torn_down.errors.size() == 1);
  CHECK(torn_down.errors.front().where.pointer == "/tasks/2");
  CHECK_THAT(torn_down.errors.front().message, Catch::EndsWith("fewer tasks between it and its teardowns would do"));
}
