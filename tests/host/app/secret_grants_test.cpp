#include "host/app/secret_grants.hpp"

#include <catch2/catch.hpp>

#include "core/load/dag_loader.hpp"
#include "tests/support/has.hpp"

using namespace leeward;
using leeward::test::has;

namespace {

class Catalog final : public OperatorCatalog {
 public:
  Catalog() {
    add(shell_, "shell", R"({"type": "object", "properties": {"command": {"type": "string", "x-template": false},
        "list": {"type": "array", "items": {"x-secret": true}},
        "env": {"type": "object", "additionalProperties": {"x-secret": true}}}})");
    add(call_, "call", R"({"type": "object", "properties": {"callable": {"type": "string", "x-reference": "callable"},
        "args": {"type": "object", "x-args-of": "callable"}}})");
    add(post_, "slack.post", R"({"type": "object", "properties": {"token": {"x-secret": true}}})");
  }
  [[nodiscard]] const OperatorInfo* find_operator(std::string_view name) const override {
    return name == "shell" ? &shell_ : name == "call" ? &call_ : nullptr;
  }
  [[nodiscard]] const OperatorInfo* find_callable(std::string_view name) const override {
    return name == "slack.post" ? &post_ : nullptr;
  }
  [[nodiscard]] std::vector<std::string> operator_names() const override { return {"call", "shell"}; }
  [[nodiscard]] std::vector<std::string> callable_names() const override { return {"slack.post"}; }

 private:
  static void add(OperatorInfo& info, const char* name, const char* schema) {
    info.name = name;
    info.params_schema = JsonSchema::compile(JsonDocument::parse(schema).value()).value();
  }
  OperatorInfo shell_, call_, post_;
};

struct World {
  explicit World(Grants grants)
      : source({{"TOKEN", "t0ken value \"x\""}, {"SHORT", "abc"}}, vault),
        secrets(std::move(grants), source, catalog) {}

  void load(const std::string& tasks) {
    LoadedDag loaded = load_dag(R"({"dag_id": "d", "tasks": [)" + tasks + "]}", "d.json", catalog);
    INFO((loaded.errors.empty() ? "" : to_string(loaded.errors.front())));
    REQUIRE(loaded.dag);
    dag = loaded.dag;
  }
  /// What the first task is given for what it was rendered to.
  std::string given(const std::string& rendered) {
    TaskCall call;
    call.task = &dag->tasks().front();
    call.params = Value{rendered};
    const Result<Value> params = secrets.params_of(*dag)(call);
    return params ? std::string{params->json()} : params.error().code;
  }
  std::string mistake() {
    const Errors errors = secrets.mistakes(*dag);
    return errors.empty() ? "" : errors.front().code + ": " + errors.front().message;
  }

  Catalog catalog;
  SecretVault vault;
  SecretSource source;
  SecretGrants secrets;
  std::shared_ptr<const Dag> dag;
};

const Grants kToken{{"TOKEN", {"secret://env/TOKEN", std::nullopt, std::nullopt}}};

}  // namespace

TEST_CASE("A granted secret is given to the operator where its schema says so, and nowhere else", "[host][app]") {
  World world{kToken};
  world.load(R"({"task_id": "a", "operator": "shell", "with": {"command": "secret://TOKEN",
    "list": ["x", "secret:\/\/TOKEN"], "env": {"A/B": "secret://TOKEN", "B": "{run_id}", "C": "secret://TOKEN!"}}})");
  CHECK(world.mistake() ==
        "secret.unknown: task \"a\" /with/env/C: \"secret://TOKEN!\": the configuration has no such "
        "secret; did you mean \"TOKEN\"?; add it there: {\"secrets\": {\"TOKEN!\": {\"from\": "
        "\"secret://env/NAME\", \"dags\": [\"d\"], \"operators\": [\"shell\"]}}}");
  world.load(R"({"task_id": "a", "operator": "shell", "with": {"command": "secret://TOKEN",
    "list": ["x", "secret:\/\/TOKEN"], "env": {"A/B": "secret://TOKEN", "B": "{run_id}"}}})");
  CHECK(world.mistake().empty());
  CHECK(world.given(
            R"({"command":"secret://TOKEN", "list":["x","secret:\/\/TOKEN"],"env":{"A/B":"secret://TOKEN","B":1}})") ==
        R"({"command":"secret://TOKEN", "list":["x","t0ken value \"x\""],"env":{"A/B":"t0ken value \"x\"","B":1}})");
  const Errors notes = world.secrets.notes(*world.dag);
  REQUIRE(notes.size() == 1);
  CHECK(has(notes[0].message, "task \"a\" /with/command: \"secret://TOKEN\" stays text here"));
}

TEST_CASE("What a template yields asks for no secret", "[host][app]") {
  World world{kToken};
  world.load(R"({"task_id": "a", "operator": "shell", "with": {"env": {"A": "{run_id}", "B": "secret://{ds}"}}})");
  CHECK(world.mistake().empty());
  const std::string rendered = R"({"env":{"A":"secret://TOKEN","B":"secret://TOKEN"}})";
  CHECK(world.given(rendered) == rendered);
}

TEST_CASE("A secret is given only to the DAGs and operators that it was granted to", "[host][app]") {
  const std::string task = R"({"task_id": "a", "operator": "shell", "with": {"env": {"A": "secret://TOKEN"}}})";
  World other_dag{{{"TOKEN", {"secret://env/TOKEN", {{"e"}}, std::nullopt}}}};
  other_dag.load(task);
  CHECK(has(other_dag.mistake(), "secret.denied: task \"a\" /with/env/A"));
  CHECK(has(other_dag.mistake(), "it is not granted to \"d\"; add that to /secrets/TOKEN/dags"));
  CHECK(other_dag.given(R"({"env":{"A":"secret://TOKEN"}})") == "secret.denied");
  World other_operator{{{"TOKEN", {"secret://env/TOKEN", {{"d"}}, {{"call"}}}}}};
  other_operator.load(task);
  CHECK(has(other_operator.mistake(), "add that to /secrets/TOKEN/operators"));
  World both{{{"TOKEN", {"secret://env/TOKEN", {{"e", "d"}}, {{"shell"}}}}}};
  both.load(task);
  CHECK(both.mistake().empty());
}

TEST_CASE("A secret that cannot be read, or is none, is a mistake before anything runs", "[host][app]") {
  World world{{{"GONE", {"secret://env/NO_SUCH"}}, {"SHORT", {"secret://env/SHORT"}}}};
  world.load(R"({"task_id": "a", "operator": "shell", "with": {"env": {"A": "secret://GONE"}}})");
  CHECK(has(world.mistake(),
            "secret.unset: task \"a\" /with/env/A: \"secret://GONE\": the environment variable NO_SUCH"));
  world.load(R"({"task_id": "a", "operator": "shell", "with": {"env": {"A": "secret://SHORT"}}})");
  CHECK(has(world.mistake(), "secret.too_short"));
}

TEST_CASE("A DAG that names the variable itself is told to have it granted", "[host][app]") {
  World world{kToken};
  world.load(R"({"task_id": "a", "operator": "shell", "with": {"env": {"A": "secret://env/TOKEN"}}})");
  CHECK(has(world.mistake(), R"({"secrets": {"TOKEN": {"from": "secret://env/TOKEN", "dags": ["d"])"));
  CHECK(has(world.mistake(), "and write \"secret://TOKEN\" here"));
}

TEST_CASE("The arguments of a callable, and callbacks, take secrets as their own schemas say", "[host][app]") {
  World world{{{"TOKEN", {"secret://env/TOKEN", {{"d"}}, {{"slack.post"}}}}}};
  world.load(R"({"task_id": "a", "operator": "call",
    "with": {"callable": "slack.post", "args": {"token": "secret://TOKEN"}},
    "on_failure": {"operator": "shell", "with": {"env": {"A": "secret://TOKEN"}}}})");
  const std::string mistake = world.mistake();
  CHECK(has(mistake, "task \"a\", a callback /with/env/A"));
  CHECK(has(mistake, "not granted to \"shell\""));
  CHECK(world.secrets.mistakes(*world.dag).size() == 1);
  CHECK(world.given(R"({"callable":"slack.post","args":{"token":"secret://TOKEN"}})") ==
        R"({"callable":"slack.post","args":{"token":"t0ken value \"x\""}})");
}

TEST_CASE("The vault knows a secret before its operator does", "[host][app]") {
  World world{kToken};
  world.load(R"({"task_id": "a", "operator": "shell", "with": {"env": {"A": "secret://TOKEN"}}})");
  CHECK(world.vault.masker()->empty());
  world.given(R"({"env":{"A":"secret://TOKEN"}})");
  std::string text = "t0ken value \"x\"";
  CHECK(world.vault.masker()->mask(text, Formats::no));
}
