#include "core/load/mapping_parser.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/core/load/sample_catalog.hpp"

using leeward::ItemSource;
using leeward::Mapping;
using leeward::Task;
using leeward::test::good;
using Names = std::vector<std::string>;

namespace {

/// The task "b" of a DAG, downstream of "a", which publishes "list".
struct Loaded {
  std::shared_ptr<const leeward::Dag> dag;
  [[nodiscard]] const Task& b() const { return dag->task(dag->find("b")); }
  [[nodiscard]] const Mapping& mapping() const {
    REQUIRE(b().mapping != nullptr);
    return *b().mapping;
  }
};

Loaded with_b(const std::string& rest) {
  return {good(R"({"dag_id": "d", "tasks": [
    {"task_id": "a", "operator": "echo", "with": {"value": 1}, "output_key": "list"},
    {"task_id": "b", "depends_on": ["a"], )" +
               rest + "}]}")};
}

Names names_of(const std::vector<leeward::ContextRead>& reads) {
  Names names;
  for (const auto& read : reads) names.push_back(read.name + (read.producers.empty() ? "" : "<a"));
  return names;
}

}  // namespace

TEST_CASE("A source is a list, an object, a placeholder, or sources zipped or one after the other", "[load]") {
  const auto loaded = with_b(R"("operator": "echo", "with": {"value": "{x} {y}"}, "expand": {
    "x": {"zip": [[1, 2], {"concat": ["{list}", {"k": "{ds}"}]}], "fill": {"n": "{{}}"}},
    "y": "{list.y}", "z": {"k": 1}}, "max_map_length": 100)");
  const auto& keys = loaded.mapping().keys;
  REQUIRE(keys.size() == 3);
  CHECK(loaded.mapping().max_length == 100);
  CHECK_FALSE(loaded.mapping().kwargs.has_value());

  const ItemSource& zipped = keys[0].items;
  CHECK(zipped.kind == ItemSource::Kind::zip);
  REQUIRE(zipped.parts.size() == 2);
  CHECK(zipped.parts[0].value.json_after == "[1, 2]");
  REQUIRE(zipped.fill.has_value());
  CHECK(zipped.fill->json() == R"({"n": "{}"})");
  CHECK(zipped.parts[1].kind == ItemSource::Kind::concat);
  REQUIRE(zipped.parts[1].parts.size() == 2);
  CHECK(zipped.parts[1].parts[0].value.slots.size() == 1);
  CHECK(zipped.parts[1].parts[1].value.slots.size() == 1);

  CHECK(keys[1].items.kind == ItemSource::Kind::value);
  CHECK(keys[1].items.value.slots.size() == 1);
  CHECK(keys[2].items.value.json_after == R"({"k": 1})");
}

TEST_CASE("A mapping reads what its sources name of what others publish, and nothing else", "[load]") {
  const auto loaded = with_b(R"("operator": "echo", "with": {"value": "{list} {run_id} {x}"},
    "expand": {"x": {"zip": ["{list.a}", {"concat": [["{ds}"], "{list.b}"]}]}})");
  CHECK(names_of(loaded.mapping().reads) == Names{"list<a"});
  CHECK(names_of(loaded.b().reads) == Names{"list<a", "run_id", "x"});
}

TEST_CASE("A key may have the name of what it is mapped over", "[load]") {
  const auto loaded = with_b(R"("operator": "echo", "with": {"value": "{list}"}, "expand": {"list": "{list}"})");
  CHECK(names_of(loaded.mapping().reads) == Names{"list<a"});
  CHECK(names_of(loaded.b().reads).front() == "list");
}

TEST_CASE("What an item may give is not missing in with", "[load]") {
  const auto from_run = with_b(R"("operator": "llm", "with": {"model": "m"}, "expand_kwargs": "{list}")");
  CHECK(from_run.b().with.json_after == R"({"model": "m"})");
  CHECK(from_run.mapping().keys.empty());
  CHECK(from_run.mapping().kwargs.has_value());
  with_b(R"("operator": "llm", "expand_kwargs": "{list}")");
  with_b(R"("operator": "callable", "with": {"callable": "content.validate_data"}, "expand_kwargs": ["{list[0]}"])");
}

TEST_CASE("The objects of expand_kwargs are the operator's parameters", "[load]") {
  const auto loaded = with_b(R"("operator": "bash", "with": {"env": {"X": "{ds}"}},
    "expand_kwargs": [{"command": "echo ${X} {x}"}, {"command": "true", "env": {"X": "{list}"}}, "{list[1]}"])");
  CHECK(names_of(loaded.mapping().reads) == Names{"list<a"});
  const auto& items = loaded.mapping().kwargs->value;
  REQUIRE(items.slots.size() == 2);
  CHECK(items.slots[0].json_before == R"([{"command": "echo ${X} {x}"}, {"command": "true", "env": {"X": )");
}

TEST_CASE("A connection is needed if some object of expand_kwargs leaves it to the default", "[load]") {
  const auto connections = [](const std::string& kwargs) {
    return with_b(R"("operator": "llm", "with": {"prompt": "x"}, "expand_kwargs": )" + kwargs).b().connections;
  };
  CHECK(connections(R"([{"connection": "one"}, {"connection": "two"}])") == Names{"one", "two"});
  CHECK(connections(R"([{"connection": "one"}, {}, {}])") == Names{"llm_default", "one"});
  CHECK(connections(R"("{list}")").empty());
}

TEST_CASE("A literal mapping of as many items as there may be is accepted", "[load]") {
  with_b(R"("operator": "echo", "with": {"value": 1}, "max_map_length": 6,
    "expand": {"x": {"zip": [[1, 2, 3], [4, 5]], "fill": null}, "y": [1, 2]})");
  with_b(R"("operator": "echo", "with": {"value": 1}, "max_map_length": 1, "expand": {"x": [1, 2], "y": []})");
  with_b(R"("operator": "echo", "with": {"value": 1}, "max_map_length": 1, "expand": {"x": "{list}"})");
}
