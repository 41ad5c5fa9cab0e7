#include <fstream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "core/load/dag_loader.hpp"
#include "tests/core/load/sample_catalog.hpp"

using leeward::Json;
using leeward::JsonDocument;
using leeward::test::load;

namespace {

std::string text_of_file(const std::string& path) {
  std::ifstream in(std::string{LEEWARD_SOURCE_DIR} + "/" + path);
  REQUIRE(in.good());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string joined(const Json& lines) {
  std::string text;
  for (const Json& line : lines) text += std::string{line.string()} + "\n";
  return text;
}

std::string all_of(const leeward::Errors& errors) {
  std::string text;
  for (const auto& error : errors) text += error.code + " " + leeward::to_string(error) + "\n";
  return text;
}

}  // namespace

TEST_CASE("Each mistake of the corpus is told once, where it stands", "[load]") {
  const auto corpus = JsonDocument::parse(
      text_of_file(GENERATE(as<std::string>{}, "tests/core/load/bad_specs.json", "tests/core/load/bad_groups.json")));
  REQUIRE(corpus.ok());
  for (const Json& bad : (*corpus)->root()) {
    const auto loaded = load(joined(bad["spec"]));
    INFO(bad["title"].string());
    INFO(all_of(loaded.errors));
    CHECK(loaded.dag == nullptr);
    CHECK(loaded.errors.size() == 1);
    if (loaded.errors.empty()) continue;
    const auto& error = loaded.errors.front();
    CHECK(error.code == bad["code"].string());
    CHECK(error.where.line == bad["line"].integer());
    CHECK(error.where.column == bad["column"].integer());
    CHECK(error.where.file == "x.json");
    CHECK_THAT(error.message, Catch::Contains(std::string{bad["message"].string()}));
  }
}

TEST_CASE("All mistakes of a spec are told at once, in the order of the text", "[load]") {
  const auto loaded = load(R"({
  "dag_id": "many mistakes",
  "shedule": "@daily",
  "default_args": {"retries": -1},
  "tasks": [
    {"task_id": "a", "operator": "bsh", "with": {"command": "x"}},
    {"task_id": "b", "operator": "llm", "with": {"prompt": "{artcle}", "temperature": "hot"}, "retires": 1},
    {"task_id": "b", "operator": "empty"},
    {"task_id": "c", "operator": "empty", "depends_on": ["d"], "trigger_rule": "sometimes"},
    {"task_id": "d", "operator": "empty"}
  ],
  "dependencies": ["a >> b >> ghost", "c >> d", "d >>"]
})");
  std::vector<std::string> found;
  for (const auto& error : loaded.errors) found.push_back(std::to_string(error.where.line) + " " + error.code);
  CHECK(found == std::vector<std::string>{"2 spec.id", "3 spec.unknown_key", "4 spec.value", "6 spec.unknown_operator",
                                          "7 spec.unknown_name", "7 schema.type", "7 spec.unknown_key",
                                          "8 spec.duplicate_task", "9 spec.cycle", "9 spec.value",
                                          "12 spec.unknown_task", "12 spec.dependency_syntax"});
}

TEST_CASE("No beginning of a spec is a spec", "[load]") {
  std::string whole = text_of_file("dags/llm_content_pipeline.json");
  whole.erase(whole.find_last_not_of(" \n") + 1);
  REQUIRE(load(whole).dag != nullptr);
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    const auto loaded = load(whole.substr(0, bytes));
    REQUIRE(loaded.dag == nullptr);
    REQUIRE_FALSE(loaded.errors.empty());
  }
}

TEST_CASE("A spec that would cost too much is refused", "[load]") {
  const auto code = [](std::string text) {
    const auto loaded = load(std::move(text));
    return loaded.errors.empty() ? std::string{} : loaded.errors.back().code;
  };
  const std::string task = R"({"task_id": "a", "operator": "empty"})";
  CHECK(code(R"({"dag_id": "d", "tasks": [)" + task + R"(], "description": ")" + std::string(2'000'000, 'x') + "\"}") ==
        "json.string_too_long");
  CHECK(code(std::string(100'000, '[') + std::string(100'000, ']')) == "json.depth");
  CHECK(code(std::string((32u << 20) + 1, ' ')) == "json.too_large");
  std::string many = R"({"dag_id": "d", "tasks": [)" + task;
  for (int i = 0; i < 100'000; ++i) many += "," + task;
  CHECK(code(many + "]}") == "spec.limit");
  std::string wide = "[a";
  for (int i = 0; i < 1001; ++i) wide += ", a";
  CHECK(code(R"({"dag_id": "d", "tasks": [)" + task + R"(], "dependencies": [")" + wide + "] >> " + wide + "]\"]}") ==
        "spec.cycle");
}

TEST_CASE("A file of mistakes only is told in bounded work", "[load]") {
  std::string text = R"({"dag_id": "d", "tasks": [)";
  for (int i = 0; i < 12'000; ++i) {
    if (i > 0) text += ",";
    text += R"({"task_id": "task_)" + std::to_string(i) + R"(", "operator": "empty", "depends_on": ["tusk_)" +
            std::to_string(i) + "\"]}";
  }
  const auto loaded = load(text + "]}");
  CHECK(loaded.errors.size() == 10'001);
  CHECK(loaded.errors.back().code == "spec.limit");
}

TEST_CASE("A file of nothing but mistakes tells a bounded number of them", "[load]") {
  const std::string mistake = GENERATE(as<std::string>{}, R"("dependencies": [%], "x": "a")", R"("x": [%], "y": "a")",
                                       R"("x": [%], "y": 1e999)");
  const std::string item = mistake.substr(mistake.rfind(' ') + 1);
  std::string items = item;
  for (int i = 0; i < 40'000; ++i) items += "," + item;
  std::string text = mistake;
  text.replace(text.find('%'), 1, items);
  const auto in_dag = load("{\"dag_id\": \"d\", " + text + "}");
  CHECK(in_dag.errors.size() >= 1);
  CHECK(in_dag.errors.size() <= 30'000);

  const auto in_condition =
      load(R"({"dag_id": "d", "tasks": [{"task_id": "a", "operator": "branch", "with": {"cases": [)" + [] {
        std::string cases = R"({"if": {"valu": 1}, "then": "a"})";
        const std::string one = "," + cases;
        for (int i = 0; i < 40'000; ++i) cases += one;
        return cases;
      }() + "]}}]}");
  CHECK(in_condition.errors.size() >= 10'000);
  CHECK(in_condition.errors.size() <= 30'000);
}
