#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "core/base/json_schema.hpp"
#include "core/load/spec_keys.hpp"
#include "core/model/builtin_names.hpp"
#include "tests/core/load/sample_catalog.hpp"

// dags/schema/dag.schema.json is written by hand, for editors; these tests keep it equal to the parser.

using leeward::Errors;
using leeward::Json;
using leeward::JsonDocument;
using leeward::JsonSchema;
using Keys = std::set<std::string>;

namespace {

std::shared_ptr<const JsonDocument> read(const std::filesystem::path& path) {
  std::ifstream in(path);
  REQUIRE(in.good());
  std::ostringstream text;
  text << in.rdbuf();
  auto document = JsonDocument::parse(text.str(), path.filename());
  REQUIRE(document.ok());
  return *document;
}

std::filesystem::path source(const std::string& path) { return std::filesystem::path{LEEWARD_SOURCE_DIR} / path; }

std::shared_ptr<const JsonDocument> schema_document() { return read(source("dags/schema/dag.schema.json")); }

std::shared_ptr<const JsonSchema> schema() {
  auto compiled = JsonSchema::compile(schema_document());
  REQUIRE(compiled.ok());
  return *compiled;
}

Keys keys_of(const Json& object) {
  Keys keys;
  for (const Json& member : object) keys.emplace(member.key());
  return keys;
}

}  // namespace

TEST_CASE("The published schema has the keys that the parser has, and no other", "[load]") {
  const auto document = schema_document();
  const Json root = document->root();
  Keys dag, task, group, defaults;
  for (const auto& key : leeward::dag_keys()) dag.emplace(key.name);
  for (const auto& key : leeward::group_keys()) group.emplace(key.name);
  for (const auto& key : leeward::task_keys()) task.emplace(key.name);
  for (const auto& key : leeward::task_keys()) {
    if (key.in_default_args) defaults.emplace(key.name);
  }
  for (const auto& key : leeward::default_args_dag_keys()) defaults.emplace(key.name);
  CHECK(keys_of(root["properties"]) == dag);
  CHECK(keys_of(root["definitions"]["task"]["properties"]) == task);
  CHECK(keys_of(root["definitions"]["group"]["properties"]) == group);
  CHECK(keys_of(root["properties"]["default_args"]["properties"]) == defaults);
}

TEST_CASE("The published schema has every trigger rule", "[load]") {
  const auto document = schema_document();
  Keys rules, words;
  for (const Json& rule : document->root()["definitions"]["task"]["properties"]["trigger_rule"]["enum"]) {
    rules.emplace(rule.string());
  }
  for (const auto word : leeward::trigger_rule_words()) words.emplace(word);
  CHECK(rules == words);
}

TEST_CASE("The published schema has every name that the engine keeps for itself", "[load]") {
  const auto document = schema_document();
  Keys reserved;
  for (const Json& name : document->root()["definitions"]["reserved"]["enum"]) reserved.emplace(name.string());
  CHECK(reserved == Keys{leeward::kBuiltinNames.begin(), leeward::kBuiltinNames.end()});
}

TEST_CASE("Every DAG of the folder satisfies the schema and loads", "[load]") {
  const auto checked_by = schema();
  int dags = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source("dags"))) {
    if (entry.path().extension() != ".json") continue;
    INFO(entry.path().filename());
    ++dags;
    const auto document = read(entry.path());
    Errors errors;
    checked_by->validate(document->root(), errors);
    for (const auto& error : leeward::test::load(std::string{document->root().text()}).errors) errors.push_back(error);
    for (const auto& error : errors) UNSCOPED_INFO(leeward::to_string(error));
    CHECK(errors.empty());
  }
  CHECK(dags >= 4);
}

TEST_CASE("The schema refuses the broken specs that a schema can refuse, and those only", "[load]") {
  const auto checked_by = schema();
  const auto corpus =
      read(source(GENERATE(as<std::string>{}, "tests/core/load/bad_specs.json", "tests/core/load/bad_groups.json")));
  for (const Json& bad : corpus->root()) {
    std::string text;
    for (const Json& line : bad["spec"]) text += std::string{line.string()} + "\n";
    const auto document = JsonDocument::parse(text);
    if (!document.ok()) continue;
    Errors errors;
    checked_by->validate((*document)->root(), errors);
    INFO(bad["title"].string());
    CHECK(errors.empty() != bad["schema_refuses"].boolean());
  }
}
