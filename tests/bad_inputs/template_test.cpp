// Values that would like to be more than values.
#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/bad_inputs/trial.hpp"

using namespace leeward;
using namespace leeward::bad_inputs;
using namespace leeward::test;

namespace {

std::string echo(const std::string& id, const std::string& value, const std::string& more = "") {
  return R"({"task_id": ")" + id + R"(", "operator": "echo", "with": {"value": )" + json_quote(value) + "}" + more +
         "}";
}

std::string output(const Outcome& outcome, const std::string& task) {
  const Json value = outcome.task(task)["output"];
  return value.is_string() ? std::string(value.string()) : "not a text";
}

}  // namespace

TEST_CASE("T001 Texts that grow from task to task end at the limit, and the host goes on", "[bad_inputs][template]") {
  std::string tasks = echo("t0", std::string(512, 'x'), R"(, "output_key": "v0")");
  for (int i = 1; i <= 4; ++i) {
    const std::string before = std::to_string(i - 1);
    std::string many;
    for (int n = 0; n < 64; ++n) many += "{v" + before + "}";
    tasks += ", " + echo("t" + std::to_string(i), many,
                         R"(, "output_key": "v)" + std::to_string(i) + R"(", "depends_on": ["t)" + before + "\"]");
  }
  const Trial trial;
  const Outcome outcome = trial.run(tasks);
  CHECK(outcome.ended.status == 1);
  CHECK(output(outcome, "t2").size() == 512 * 64 * 64);
  REQUIRE(outcome.state("t3") == "failed");
  CHECK(outcome.code("t3") == "template.too_large");
  check_code(outcome.code("t3"));
  CHECK(has(text(outcome.task("t3")["error"]["message"]), "16 MiB"));
  CHECK(outcome.state("t4") == "upstream_failed");
}

TEST_CASE("T002 What a value contains is never rendered again", "[bad_inputs][template]") {
  const Trial trial;
  const Outcome outcome = trial.run(echo("a", "{{b} and {{params.x}", R"(, "output_key": "a_said")") + ", " +
                                    echo("b", "{a_said}!", R"(, "output_key": "b", "depends_on": ["a"])") + ", " +
                                    echo("c", "<{b}>", R"(, "depends_on": ["b"])"));
  CHECK(outcome.ended.status == 0);
  CHECK(output(outcome, "c") == "<{b} and {params.x}!>");
}

TEST_CASE("T003 Nothing in a template is computed", "[bad_inputs][template]") {
  const Trial trial;
  const Outcome outcome = trial.run(echo("a", "{7*7}") + ", " + echo("b", "${7*7} #{7*7} <%= 7*7 %>") + ", " +
                                    echo("c", "{{constructor.constructor('x')()}}"));
  CHECK(output(outcome, "a") == "{7*7}");
  CHECK(output(outcome, "b") == "${7*7} #{7*7} <%= 7*7 %>");
  CHECK(output(outcome, "c") == "{constructor.constructor('x')()}");
  trial.refuses(dag_of_tasks(echo("t", "{constructor.constructor('x')()}")), "template.syntax",
                {"/tasks/0/with/value"});
}

TEST_CASE("T004 No template names a secret, a variable of the host or a part of the program",
          "[bad_inputs][template]") {
  const Trial trial;
  for (const char* name : {"{secrets.OPENAI_KEY}", "{env.HOME}", "{connections.llm_default.api_key}", "{config}"}) {
    trial.refuses(dag_of_tasks(echo("t", name)), "spec.unknown_name", {name, "/tasks/0/with/value"});
  }
}

TEST_CASE("T006 What a task said is one argument of a command and never a piece of it", "[bad_inputs][template]") {
  const Trial trial;
  const std::string witness = (trial.dir() / "witness").string();
  const std::string evil = "'; touch " + witness + "; $(touch " + witness + ") `touch " + witness + "` \" & | > \\";
  const Outcome outcome = trial.run(
      echo("evil", evil, R"(, "output_key": "evil")") +
      R"(, {"task_id": "t", "operator": "bash", "depends_on": ["evil"], "with": {"command": "printf '%s\n' \"$#\" \"$1$E\"",
         "args": ["{evil}"], "env": {"E": "{evil}"}}})");
  CHECK(outcome.ended.status == 0);
  CHECK(output(outcome, "t") == evil + evil);
  CHECK_FALSE(std::filesystem::exists(witness));
}

TEST_CASE("T007 A model's answer chooses no operator, no file and no other DAG", "[bad_inputs][template]") {
  const Trial trial;
  trial.dir().write("script.json", R"({"rules": [{"text": "../outside.json"}]})");
  const std::string ask = R"({"task_id": "ask", "operator": "llm", "output_key": "answer",
                              "with": {"prompt": "which?", "model": "m"}})";
  trial.refuses(dag_of_tasks(ask + R"(, {"task_id": "t", "operator": "{answer}", "depends_on": ["ask"]})"),
                "spec.unknown_operator", {"/tasks/1/operator"});
  const Outcome outcome = trial.run(
      ask + R"(, {"task_id": "t", "operator": "dag_run", "depends_on": ["ask"], "with": {"dag": "{answer}"}})",
      {"--mock-script", (trial.dir() / "script.json").string()});
  CHECK(outcome.ended.status == 1);
  CHECK(outcome.state("t") == "failed");
  check_code(outcome.code("t"));
}
