#include "core/load/callback_builder.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/core/load/sample_catalog.hpp"

using leeward::Callback;
using leeward::CallbackMoment;
using leeward::test::good;
using leeward::test::load;
using leeward::test::task;
using Names = std::vector<std::string>;

namespace {

const std::vector<Callback>& callbacks(const leeward::Dag& dag, std::string_view id) {
  REQUIRE(task(dag, id).callbacks != nullptr);
  return *task(dag, id).callbacks;
}

/// Each name that is read, with its producers: "x<b,a".
Names reads(const leeward::Dag& dag, const Callback& callback) {
  Names all;
  for (const auto& read : callback.call.reads) {
    std::string line = read.name + "<";
    for (const auto t : read.producers) line += (line.back() == '<' ? "" : ",") + dag.task(t).id;
    all.push_back(line);
  }
  return all;
}

}  // namespace

TEST_CASE("A task has one notifier for a moment, or several, in their order", "[load]") {
  const auto dag = good(R"({"dag_id": "d", "tasks": [
    {"task_id": "a", "operator": "empty", "on_skipped": {"operator": "empty"},
     "on_failure": [{"operator": "llm", "with": {"prompt": "why {error.message}"}},
                    {"operator": "echo", "with": {"value": "{state} {try_number}"}}],
     "on_execute": {"operator": "empty"}, "on_retry": [], "on_success": null}]})");
  const auto& all = callbacks(*dag, "a");
  REQUIRE(all.size() == 4);
  CHECK(all[0].moment == CallbackMoment::execute);
  CHECK(all[1].moment == CallbackMoment::failure);
  CHECK(all[2].moment == CallbackMoment::failure);
  CHECK(all[3].moment == CallbackMoment::skipped);
  CHECK(all[1].call.op->name == "llm");
  CHECK(all[1].call.id == "a");
  CHECK(all[1].call.connections == Names{"llm_default"});
  CHECK(reads(*dag, all[1]) == Names{"error<"});
  CHECK(reads(*dag, all[2]) == Names{"state<", "try_number<"});
  CHECK(all[2].with->slots.size() == 1);
  CHECK(all[0].with->json_after == "{}");
}

TEST_CASE("A callback reads what its task could read", "[load]") {
  //  a(x) --> b, mapped
  const auto dag = good(R"({"dag_id": "d", "tasks": [
    {"task_id": "a", "operator": "echo", "with": {"value": 1}, "output_key": "x"},
    {"task_id": "b", "operator": "empty", "depends_on": ["a"], "expand": {"item": [1, 2]},
     "on_success": {"operator": "echo", "with": {"value": "{x} {item} {ds}"}}}]})");
  CHECK(reads(*dag, callbacks(*dag, "b")[0]) == Names{"x<a", "item<", "ds<"});
  CHECK(task(*dag, "b").reads.empty());
}

TEST_CASE("A callback stands in the groups of its task and knows their items", "[load]") {
  const auto dag = good(R"({"dag_id": "d", "groups": {"g": {"expand": {"city": ["Rome", "Oslo"]}}}, "tasks": [
    {"task_id": "a", "operator": "echo", "with": {"value": "{city}"}, "output_key": "x", "group": "g"},
    {"task_id": "b", "operator": "empty", "group": "g", "depends_on": ["a"],
     "on_failure": {"operator": "echo", "with": {"value": "{city} {x} {error}"}}}]})");
  const Callback& callback = callbacks(*dag, "g.b")[0];
  CHECK(reads(*dag, callback) == Names{"city<", "x<g.a", "error<"});
  CHECK(callback.call.id == "g.b");
  CHECK(callback.call.mapped_group == dag->find_group("g"));
}

TEST_CASE("What a callback knows hides what is published under the same name", "[load]") {
  const auto dag = good(R"({"dag_id": "d", "tasks": [
    {"task_id": "a", "operator": "echo", "with": {"value": 1}, "output_key": "state"},
    {"task_id": "b", "operator": "echo", "with": {"value": "{state}"}, "depends_on": ["a"],
     "on_success": {"operator": "echo", "with": {"value": "{state}"}}}]})");
  CHECK(reads(*dag, callbacks(*dag, "b")[0]) == Names{"state<"});
  CHECK(task(*dag, "b").reads[0].producers == std::vector{dag->find("a")});
}

TEST_CASE("Callbacks of default_args belong to each task, moment by moment", "[load]") {
  const auto dag = good(R"({"dag_id": "d",
    "default_args": {"on_failure": {"operator": "echo", "with": {"value": "{error}"}}, "on_retry": {"operator": "empty"}},
    "tasks": [{"task_id": "a", "operator": "empty"},
              {"task_id": "b", "operator": "empty", "on_failure": {"operator": "empty"}},
              {"task_id": "c", "operator": "empty", "on_failure": null, "on_retry": []}]})");
  REQUIRE(callbacks(*dag, "a").size() == 2);
  CHECK(callbacks(*dag, "a")[0].call.op->name == "echo");
  CHECK(callbacks(*dag, "a")[0].call.id == "a");
  REQUIRE(callbacks(*dag, "b").size() == 2);
  CHECK(callbacks(*dag, "b")[0].call.op->name == "empty");
  CHECK(callbacks(*dag, "b")[1].moment == CallbackMoment::retry);
  CHECK(task(*dag, "c").callbacks == nullptr);
}

TEST_CASE("Tasks that have a notifier from default_args share its text", "[load]") {
  const auto dag = good(R"({"dag_id": "d",
    "default_args": {"on_failure": [{"operator": "echo", "with": {"value": "{error}"}},
                                    {"operator": "echo", "with": {"value": "{task_id}"}}]},
    "tasks": [{"task_id": "a", "operator": "empty"}, {"task_id": "b", "operator": "empty"},
              {"task_id": "c", "operator": "empty", "on_failure": {"operator": "echo", "with": {"value": "{error}"}}}]})");
  const auto& a = callbacks(*dag, "a");
  const auto& b = callbacks(*dag, "b");
  REQUIRE(a.size() == 2);
  REQUIRE(b.size() == 2);
  CHECK(a[0].with == b[0].with);
  CHECK(a[1].with == b[1].with);
  CHECK(a[0].with != a[1].with);
  CHECK(callbacks(*dag, "c")[0].with != a[0].with);
  CHECK(a[0].call.with.json_after.empty());
  CHECK(b[0].call.id == "b");
}

TEST_CASE("A callback of the DAG reads all that is published, the latest first", "[load]") {
  const auto dag = good(R"({"dag_id": "d",
    "on_failure": {"operator": "text_processing", "with": {"operation": "{error.code}", "input_key": "x"}},
    "on_success": [{"operator": "echo", "with": {"value": "{x} {state}"}}],
    "tasks": [{"task_id": "b", "operator": "echo", "with": {"value": 1}, "output_key": "x", "depends_on": ["a"]},
              {"task_id": "a", "operator": "echo", "with": {"value": 1}, "output_key": "x"}]})");
  const auto& all = dag->header().callbacks;
  REQUIRE(all.size() == 2);
  CHECK(all[0].moment == CallbackMoment::success);
  CHECK(reads(*dag, all[0]) == Names{"x<b,a", "state<"});
  CHECK(all[0].call.id == "d");
  CHECK(all[1].moment == CallbackMoment::failure);
  REQUIRE(all[1].call.opened.size() == 1);
  CHECK(all[1].call.opened[0].producers == std::vector{dag->find("b"), dag->find("a")});
}

TEST_CASE("A mistake in a callback of all tasks is told once", "[load]") {
  std::string text = R"({"dag_id": "d", "default_args": {"on_failure": [
    {"operator": "ecko"}, {"operator": "llm"}, {"operator": "echo", "with": {"value": "{nothing}"}},
    {"operator": "echo", "with": {"value": "{x}"}}]}, "tasks": [
    {"task_id": "x", "operator": "echo", "with": {"value": 1}, "output_key": "x"})";
  for (int i = 0; i < 100; ++i) text += R"(, {"task_id": "t)" + std::to_string(i) + R"(", "operator": "empty"})";
  const auto loaded = load(text + "]}");
  Names codes;
  for (const auto& error : loaded.errors) codes.push_back(error.code);
  CHECK(codes == Names{"spec.unknown_operator", "schema.required", "spec.unknown_name", "spec.not_upstream"});
}
