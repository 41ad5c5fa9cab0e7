#include "core/load/condition_parser.hpp"

#include <string>

#include <catch2/catch.hpp>

using leeward::Errors;
using leeward::JsonDocument;
using leeward::parse_condition;

namespace {

std::string decided(const std::string& json) {
  const auto document = JsonDocument::parse(json);
  REQUIRE(document.ok());
  const auto condition = parse_condition((*document)->root());
  if (!condition) return condition.error().code + ": " + condition.error().message;
  const auto holds = condition->holds();
  if (!holds) return holds.error().code + ": " + holds.error().message;
  return *holds ? "yes" : "no";
}

}  // namespace

TEST_CASE("A condition asks a value", "[load][model]") {
  const auto [json, answer] = GENERATE(table<std::string, std::string>({
      {R"({"value": "短", "length": {"less_than": 50}})", "yes"},
      {R"({"value": "抱歉错误", "length": 4})", "yes"},
      {R"({"value": [1, 2], "length": {"at_least": 2, "less_than": 3}})", "yes"},
      {R"({"value": {}, "length": {"greater_than": 0}})", "no"},
      {R"({"value": 1, "equals": 1.0})", "yes"},
      {R"({"value": {"a": 1, "b": [2]}, "equals": {"b": [2], "a": 1}})", "yes"},
      {R"({"value": "1", "equals": 1})", "no"},
      {R"({"value": "1", "not_equals": 1})", "yes"},
      {R"({"value": 3, "in": [1, 2, 3]})", "yes"},
      {R"({"value": 3, "in": []})", "no"},
      {R"({"value": 9007199254740993, "greater_than": 9007199254740992})", "yes"},
      {R"({"value": 2, "at_most": 2, "at_least": 2})", "yes"},
      {R"({"value": 2.5, "less_than": 2})", "no"},
      {R"({"value": "b", "greater_than": "a"})", "yes"},
      {R"({"value": "我很抱歉", "contains": "抱歉"})", "yes"},
      {R"({"value": "我很抱歉", "contains_any": ["错误", "抱歉"]})", "yes"},
      {R"({"value": ["x", 1], "contains": 1.0})", "yes"},
      {R"({"value": {"k": null}, "contains": "k"})", "yes"},
      {R"({"value": "abc", "starts_with": "ab", "ends_with": "bc"})", "yes"},
      {R"({"value": "order 42", "matches": "\\d+$"})", "yes"},
      {R"({"value": "", "is_empty": true})", "yes"},
      {R"({"value": null, "is_empty": true})", "yes"},
      {R"({"value": [0], "is_empty": false})", "yes"},
      {R"({"value": null, "is_null": true})", "yes"},
      {R"({"value": 0, "is_null": false})", "yes"},
      {R"({"all": [{"value": 1, "equals": 1}, {"not": {"value": 1, "equals": 2}}]})", "yes"},
      {R"({"any": [{"value": 1, "equals": 2}, {"value": 1, "equals": 3}]})", "no"},
      {R"({"any": [{"value": 1, "equals": 1}, {"value": 1, "length": 3}]})", "yes"},
  }));
  CAPTURE(json);
  CHECK(decided(json) == answer);
}

TEST_CASE("A value that cannot be asked a question is an error, not no", "[load][model]") {
  CHECK(decided(R"({"value": [1], "less_than": 2})") == "condition.type: an array cannot be compared with an integer");
  CHECK(decided(R"({"value": "7", "less_than": 2})") == "condition.type: a string cannot be compared with an integer");
  CHECK(decided(R"({"value": 7, "length": 2})") == R"(condition.type: "length" cannot be asked of an integer)");
  CHECK(decided(R"({"value": 7, "matches": "x"})") == R"(condition.type: "matches" cannot be asked of an integer)");
  CHECK(decided(R"({"value": true, "is_empty": true})") ==
        R"(condition.type: "is_empty" cannot be asked of a boolean)");
}

TEST_CASE("A condition's mistakes are told with their place", "[load]") {
  const auto [json, pointer, fragment] = GENERATE(table<std::string, std::string, std::string>({
      {R"([])", "", "a condition is an object"},
      {R"({})", "", "a condition has a \"value\""},
      {R"({"value": 1})", "", "nothing is asked"},
      {R"({"value": 1, "les_than": 2})", "/les_than", "no test \"les_than\"; did you mean \"less_than\"?"},
      {R"({"value": 1, "length": {"lesthan": 2}})", "/length/lesthan", "no test"},
      {R"({"value": 1, "length": "x"})", "/length", "\"length\" takes a number"},
      {R"({"value": 1, "less_than": [2]})", "/less_than", "takes a number or a text"},
      {R"({"value": 1, "contains_any": "x"})", "/contains_any", "takes a list"},
      {R"({"value": 1, "is_empty": 1})", "/is_empty", "takes true or false"},
      {R"({"value": "", "matches": "("})", "/matches", ""},
      {R"({"all": []})", "/all", "at least one"},
      {R"({"all": [{"value": 1, "equals": 1}], "value": 1})", "/value", "stands alone"},
      {R"({"not": {"any": [{"value": 1}]}})", "/not/any/0", "nothing is asked"},
  }));
  CAPTURE(json);
  const auto document = JsonDocument::parse(json);
  REQUIRE(document.ok());
  Errors errors;
  leeward::check_condition((*document)->root(), errors);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].where.pointer == pointer);
  CHECK_THAT(errors[0].message, Catch::Contains(fragment));
}

TEST_CASE("A condition of a spec may hold templates wherever a value stands", "[load]") {
  const auto document = JsonDocument::parse(
      R"({"value": "{x}", "less_than": "{n}", "in": "{list}", "matches": "{pattern}", "length": {"equals": "{n}"}})");
  REQUIRE(document.ok());
  Errors errors;
  leeward::check_condition((*document)->root(), errors);
  CHECK(errors.empty());
}
