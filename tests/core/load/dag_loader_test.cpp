#include "core/load/dag_loader.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/base/time_format.hpp"
#include "tests/core/load/sample_catalog.hpp"

using leeward::Dag;
using leeward::Task;
using leeward::TaskIndex;
using leeward::test::good;
using leeward::test::load;
using leeward::test::task;
using Names = std::vector<std::string>;

namespace {

Names ids(const Dag& dag, std::span<const TaskIndex> tasks) {
  Names names;
  for (const TaskIndex t : tasks) names.push_back(dag.task(t).id);
  return names;
}

/// Each name that the task reads, with its producers: "answer<b,a".
Names reads(const Dag& dag, std::string_view id) {
  Names all;
  for (const auto& read : task(dag, id).reads) {
    std::string line = read.name + "<";
    for (const TaskIndex t : read.producers) line += (line.back() == '<' ? "" : ",") + dag.task(t).id;
    all.push_back(line);
  }
  return all;
}

std::string echo(const std::string& id, const std::string& value, const std::string& rest = "") {
  return R"({"task_id": ")" + id + R"(", "operator": "echo", "with": {"value": ")" + value + "\"}" + rest + "}";
}

}  // namespace

TEST_CASE("Arrows are those of depends_on and of dependencies, each once", "[load]") {
  //  a --+--> b --+--> d --> e
  //      '--> c --'
  const auto dag = good(R"({"dag_id": "d", "tasks": [
    {"task_id": "a", "operator": "empty"}, {"task_id": "b", "operator": "empty", "depends_on": ["a"]},
    {"task_id": "c", "operator": "empty"}, {"task_id": "d", "operator": "empty"},
    {"task_id": "e", "operator": "empty", "depends_on": ["d"]}],
    "dependencies": ["a >> [b, c] >> d", "a>>b"]})");
  CHECK(ids(*dag, dag->downstream(dag->find("a"))) == Names{"b", "c"});
  CHECK(ids(*dag, dag->upstream(dag->find("d"))) == Names{"b", "c"});
  CHECK(ids(*dag, dag->topological_order()) == Names{"a", "b", "c", "d", "e"});
}

TEST_CASE("default_args hold for every task that says nothing else", "[load]") {
  const auto dag = good(R"({"dag_id": "d",
    "tasks": [{"task_id": "a", "operator": "empty"},
              {"task_id": "b", "operator": "empty", "retries": 0, "execution_timeout": null, "retry_delay": 1.5}],
    "default_args": {"owner": "me", "start_date": "2024-01-01", "retries": 2, "retry_delay": "5m",
                     "retry_exponential_backoff": true, "max_retry_delay": "PT1H", "execution_timeout": "1h30m",
                     "trigger_rule": "all_done", "priority_weight": -3, "depends_on_past": false}})");
  const Task& a = task(*dag, "a");
  CHECK(a.retry.retries == 2);
  CHECK(a.retry.delay == std::chrono::minutes{5});
  CHECK(a.retry.exponential_backoff == 2.0);
  CHECK(a.retry.max_delay == std::chrono::hours{1});
  CHECK(a.execution_timeout == std::chrono::minutes{90});
  CHECK(a.trigger_rule == leeward::TriggerRule::all_done);
  CHECK(a.priority_weight == -3);
  const Task& b = task(*dag, "b");
  CHECK(b.retry.retries == 0);
  CHECK(b.retry.delay == std::chrono::milliseconds{1500});
  CHECK_FALSE(b.execution_timeout.has_value());
  CHECK(b.trigger_rule == leeward::TriggerRule::all_done);
}

TEST_CASE("Every key may be given at the value that changes nothing", "[load]") {
  const auto dag = good(R"({"$schema": "x", "dag_id": "d", "description": "x", "doc": "x", "owner": "x", "tags": ["x"],
    "schedule": {"cron": "30 16 * * MON-FRI", "timezone": "Europe/Berlin", "interval": true}, "start_date": "2024-01-01",
    "end_date": null, "catchup": true, "max_active_runs": null, "max_active_tasks": null, "fail_fast": false,
    "on_failure": null, "on_success": null, "dagrun_timeout": "1h",
    "tasks": [{"task_id": "a", "operator": "empty", "doc": "x", "owner": "x", "depends_on_past": false,
               "wait_for_downstream": false, "pool": "default_pool", "pool_slots": 1, "max_active_tis_per_dagrun": null,
               "group": null, "setup": false, "teardown": false, "on_failure": null, "on_retry": null,
               "on_success": null, "do_xcom_push": true}]})");
  CHECK(dag->header().max_active_runs == 0);
  CHECK(dag->header().max_active_tasks == 0);
  CHECK_FALSE(dag->header().fail_fast);
  CHECK(dag->header().callbacks.empty());
}

TEST_CASE("A DAG says how much of it may run at the same time", "[load]") {
  const auto dag = good(R"({"dag_id": "d", "max_active_runs": 1, "max_active_tasks": 4, "fail_fast": true,
    "tasks": [{"task_id": "a", "operator": "empty"}]})");
  CHECK(dag->header().max_active_runs == 1);
  CHECK(dag->header().max_active_tasks == 4);
  CHECK(dag->header().fail_fast);
}

TEST_CASE("A loaded DAG comes with its schedule, which outlives the text", "[load]") {
  const auto loaded = load(R"({"dag_id": "d", "schedule": {"every": "1h"}, "end_date": "2024-01-03", "catchup": true,
    "default_args": {"start_date": "2024-01-01"}, "tasks": [{"task_id": "a", "operator": "empty"}]})");
  REQUIRE(loaded.dag != nullptr);
  CHECK(loaded.schedule.schedule.json() == R"({"every": "1h"})");
  REQUIRE(loaded.schedule.start_date.has_value());
  REQUIRE(loaded.schedule.end_date.has_value());
  CHECK(leeward::format_timestamp(*loaded.schedule.start_date).starts_with("2024-01-01T00:00:00"));
  CHECK(leeward::format_timestamp(*loaded.schedule.end_date).starts_with("2024-01-03T00:00:00"));
  CHECK(loaded.schedule.catchup);
  const auto none = load(R"({"dag_id": "d", "tasks": [{"task_id": "a", "operator": "empty"}]})");
  CHECK(none.schedule.schedule.is_null());
  CHECK_FALSE(none.schedule.start_date.has_value());
}

TEST_CASE("Schedules that Airflow knows are accepted", "[load]") {
  const std::string schedule =
      GENERATE(as<std::string>{}, "null", R"("@daily")", R"("@once")", R"("@continuous")", R"("0 0 1 */3 *")",
               R"("*/5 9-17 * * 1-5")", R"("0 0 L * *")", R"("0 0 * * 5#3")", R"("0,30 * * jan,FEB sun")",
               R"({"crons": ["0 0 * * *", "0 12 * * *"]})", R"({"every": "1h", "run_immediately": true})");
  good(R"({"dag_id": "d", "schedule": )" + schedule + R"(, "tasks": [{"task_id": "a", "operator": "empty"}]})");
}

TEST_CASE("A read knows its producers, the latest first, and none that is not upstream", "[load]") {
  //  a(x) --> b(x) --> c     d(x) --> e
  const auto dag = good(R"({"dag_id": "d", "tasks": [)" + echo("a", "1", R"(, "output_key": "x")") + "," +
                        echo("b", "{x}", R"(, "output_key": "x")") + "," + echo("c", "{x} {x} {ds}") + "," +
                        echo("e", "{params.p} {ts}") + R"(], "params": {"p": 1}, "dependencies": ["a >> b >> c"]})");
  CHECK(reads(*dag, "a").empty());
  CHECK(reads(*dag, "b") == Names{"x<a"});
  CHECK(reads(*dag, "c") == Names{"x<b,a", "ds<"});
  CHECK(reads(*dag, "e") == Names{"params<", "ts<"});
}

TEST_CASE("Tasks on different ways of a branch may publish one key", "[load]") {
  // An operator that always branches, and one that does because of what it was given.
  const std::string choose =
      GENERATE(as<std::string>{}, R"("operator": "branch", "with": {"else": "a"})",
               R"("operator": "approval", "with": {"subject": "?", "options_mapping": {"Yes": "a"}})");
  const auto text = [&](const std::string& dependencies) {
    return R"({"dag_id": "d", "tasks": [{"task_id": "choose", )" + choose + "}," +
           echo("a", "1", R"(, "output_key": "x")") + "," + echo("b", "2", R"(, "output_key": "x")") + "," +
           echo("join", "{x}", R"(, "trigger_rule": "none_failed_min_one_success")") + R"(], "dependencies": [)" +
           dependencies + "]}";
  };
  const auto dag = good(text(R"("choose >> [a, b] >> join")"));
  CHECK(reads(*dag, "join") == Names{"x<b,a"});
  const auto side_by_side = load(text(R"("choose >> a", "[a, b] >> join")"));
  REQUIRE(side_by_side.errors.size() == 1);
  CHECK(side_by_side.errors[0].code == "spec.duplicate_output_key");
}

TEST_CASE("An expand key is a name for its own task only", "[load]") {
  const auto dag =
      good(R"({"dag_id": "d", "tasks": [)" +
           echo("a", "{item.title}", R"(, "expand": {"item": [{"title": "{ds}"}]}, "output_key": "titles")") + "," +
           echo("b", "{titles}", R"(, "depends_on": ["a"], "expand": {"t": "{titles}", "n": [1, 2]})") + "]}");
  CHECK(reads(*dag, "a") == Names{"item<"});
  CHECK(task(*dag, "a").mapping->reads.empty());
  CHECK(reads(*dag, "b") == Names{"titles<a"});
  REQUIRE(task(*dag, "b").mapping->reads.size() == 1);
  CHECK(task(*dag, "b").mapping->reads[0].producers == std::vector{dag->find("a")});
  REQUIRE(task(*dag, "b").mapping->keys.size() == 2);
  CHECK(task(*dag, "b").mapping->keys[1].name == "n");
  CHECK(task(*dag, "b").mapping->keys[1].items.value.json_after == "[1, 2]");
  const auto loaded = load(R"({"dag_id": "d", "tasks": [)" + echo("a", "1", R"(, "expand": {"item": [1]})") + "," +
                           echo("b", "{item}", R"(, "depends_on": ["a"])") + "]}");
  REQUIRE(loaded.errors.size() == 1);
  CHECK(loaded.errors[0].code == "spec.unknown_name");
}

TEST_CASE("What an operator takes as written is not a template", "[load]") {
  const auto dag = good(R"({"dag_id": "d", "tasks": [
    {"task_id": "a", "operator": "bash", "with": {"command": "echo ${X} {x}", "env": {"X": "{ds}", "Y": "{{}}"}}},
    {"task_id": "b", "operator": "text_processing",
     "with": {"operation": "o", "text": "t", "prompts": {"o": "{text} by {operation}"}}}]})");
  CHECK(reads(*dag, "a") == Names{"ds<"});
  const auto& with = task(*dag, "a").with;
  REQUIRE(with.slots.size() == 1);
  CHECK(with.slots[0].json_before == R"({"command": "echo ${X} {x}", "env": {"X": )");
  CHECK(with.json_after == R"(, "Y": "{}"}})");
  CHECK(reads(*dag, "b").empty());
}

TEST_CASE("A slot keeps its place in the spec after everything else is gone", "[load]") {
  const auto dag = good("{\"dag_id\": \"d\", \"tasks\": [\n" + echo("a", "{ds}") + "]}");
  const auto where = task(*dag, "a").with.slots.at(0).source.where();
  CHECK(where.line == 2);
  CHECK(where.pointer == "/tasks/0/with/value");
}

TEST_CASE("A task knows which connections and context keys it will use", "[load]") {
  const auto dag = good(R"({"dag_id": "d", "tasks": [
    {"task_id": "a", "operator": "llm", "with": {"prompt": "x"}, "output_key": "text"},
    {"task_id": "b", "operator": "llm", "with": {"prompt": "x", "connection": "other"}},
    {"task_id": "c", "operator": "text_processing", "with": {"operation": "o", "input_key": "text"}, "depends_on": ["a"]}]})");
  CHECK(task(*dag, "a").connections == Names{"llm_default"});
  CHECK(task(*dag, "b").connections == Names{"other"});
  REQUIRE(task(*dag, "c").opened.size() == 1);
  CHECK(task(*dag, "c").opened[0].name == "text");
  CHECK(task(*dag, "c").opened[0].producers == std::vector{dag->find("a")});
}

TEST_CASE("Annotations count wherever in a schema they stand", "[load]") {
  const auto either = [](const std::string& with) {
    return load(R"({"dag_id": "d", "tasks": [{"task_id": "a", "operator": "either", "with": )" + with + "}]}");
  };
  const auto as_written = either(R"({"script": "echo {x}"})");
  REQUIRE(as_written.errors.empty());
  CHECK(as_written.dag->tasks()[0].with.slots.empty());

  const auto downstream = either(R"({"next": "b"})");
  REQUIRE(downstream.errors.size() == 1);
  CHECK(downstream.errors[0].code == "spec.unknown_task");

  const auto condition = either(R"({"next": [{"value": 1, "equal": 1}]})");
  REQUIRE(condition.errors.size() == 1);
  CHECK(condition.errors[0].code == "condition.unknown_test");

  const auto link = either(R"({"link": "mine"})");
  REQUIRE(link.errors.empty());
  CHECK(link.dag->tasks()[0].connections == std::vector<std::string>{"mine"});
  CHECK(as_written.dag->tasks()[0].connections == std::vector<std::string>{"spare"});
}

TEST_CASE("A param is a default value, or a schema that may have one", "[load]") {
  const auto dag = good(R"({"dag_id": "d", "tasks": [{"task_id": "a", "operator": "empty"}], "params": {
    "plain": 1, "object": {"a": {"b": 2}}, "typed": {"type": "integer", "minimum": 1, "default": 5},
    "asked_for": {"type": "string"}}})");
  CHECK(dag->header().params.json() == R"({"plain":1,"object":{"a": {"b": 2}},"typed":5})");
  REQUIRE(dag->header().declared_params.size() == 4);
  CHECK(dag->header().declared_params[0].schema == nullptr);
  CHECK_FALSE(dag->header().declared_params[2].required);
  CHECK(dag->header().declared_params[3].required);
}

TEST_CASE("Without declared params any may be asked for; the run will know", "[load]") {
  good(R"({"dag_id": "d", "tasks": [)" + echo("a", "{params.anything}") + "]}");
}

TEST_CASE("Templates that were left from Airflow are noted, and no mistake", "[load]") {
  const auto notes = [](const std::string& text) {
    const auto loaded = load(R"({"dag_id": "d", "tasks": [)" + echo("a", text) + "]}");
    REQUIRE(loaded.dag != nullptr);
    Names all;
    for (const auto& note : loaded.notes) all.push_back(std::to_string(note.where.column) + " " + note.message);
    return all;
  };
  CHECK(notes("on {{ ds }}, {{ x }}") ==
        Names{R"(82 "{{ ds }}" is text here, doubled braces are literal: where values are put in, write {ds})"});
  CHECK(notes("{{params.topic}}").at(0).ends_with("write {params.topic}"));
  CHECK(notes("{{ ti.xcom_pull('a') }}").at(0).ends_with("dags/airflow.md tells what to use instead"));
  CHECK(notes("{{ var.value.x }}").at(0).ends_with("dags/airflow.md tells what to use instead"));
  CHECK(notes("{% if x %}y{% endif %}").at(0).find("nothing in a DAG is evaluated") != std::string::npos);
  for (const char* text : {"{ds}", "{{{{ds}}}}x{{dsx}}", "{{ answer }}", "{{ ds", "{ ds }", "100%} {%", "{{}}"}) {
    CAPTURE(text);
    CHECK(notes(text) == Names{});
  }
}
