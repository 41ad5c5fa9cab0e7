#include "core/base/json_schema.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace leeward;
using Told = std::vector<std::string>;

namespace {

std::shared_ptr<const JsonDocument> parsed(std::string text) {
  auto document = JsonDocument::parse(std::move(text), "x.json");
  if (!document) FAIL(to_string(document.error()));
  return *document;
}

std::shared_ptr<const JsonSchema> schema_of(std::string text) {
  auto schema = JsonSchema::compile(parsed(std::move(text)));
  if (!schema) FAIL(to_string(schema.error()));
  return *schema;
}

/// "code pointer: message" of each mistake.
Told told(const std::string& schema, const std::string& value, const JsonSchema::Undecided& undecided = {}) {
  Errors errors;
  const auto document = parsed(value);
  schema_of(schema)->validate(document->root(), errors, undecided);
  Told lines;
  for (const Error& error : errors) lines.push_back(error.code + " " + error.where.pointer + ": " + error.message);
  return lines;
}

bool is_template(const Json& value) { return value.is_string() && value.string().starts_with('{'); }

/// What compile() says against the schema.
std::string refusal(const std::string& schema) {
  const auto result = JsonSchema::compile(parsed(schema));
  return result ? "" : result.error().code + " " + result.error().where.pointer + ": " + result.error().message;
}

}  // namespace

TEST_CASE("JsonSchema tells each mistake once, in the order of the text, with its place", "[base]") {
  const auto schema = schema_of(R"({"type": "object", "required": ["prompt", "model"], "additionalProperties": false,
    "properties": {"prompt": {"type": "string"}, "model": {"enum": ["gpt-4", "gpt-3.5-turbo"]},
                   "temperature": {"type": "number", "minimum": 0, "maximum": 2}, "max_tokens": {"type": "integer"}}})");
  const auto value =
      parsed("{\"promt\": \"x\",\n \"model\": \"gtp-4\",\n \"temperature\": 2.5,\n \"max_tokens\": \"many\"}");
  Errors errors;
  schema->validate(value->root(), errors);
  Told lines;
  for (const Error& error : errors) lines.push_back(error.code + " " + to_string(error));
  CHECK(lines ==
        Told{
            "schema.additionalProperties x.json:1:2 /promt: unknown property \"promt\"; did you mean \"prompt\"?",
            "schema.enum x.json:2:11 /model: expected one of \"gpt-4\", \"gpt-3.5-turbo\"; found the string \"gtp-4\"; "
            "did "
            "you mean \"gpt-4\"?",
            "schema.maximum x.json:3:17 /temperature: expected at most 2, found 2.5",
            "schema.type x.json:4:16 /max_tokens: expected an integer, found the string \"many\"",
        });
}

TEST_CASE("JsonSchema says in words what each keyword wants", "[base]") {
  CHECK(told(R"({"type": ["string", "array", "null"]})", "1") ==
        Told{"schema.type : expected a string, an array or null, found 1"});
  CHECK(told(R"({"const": {"a": 1}})", "[]") == Told{"schema.const : expected an object, found an array"});
  CHECK(told(R"({"const": "x"})", "\"y\"") == Told{"schema.const : expected the string \"x\", found the string \"y\""});
  CHECK(told(R"({"exclusiveMinimum": 0, "multipleOf": 5})", "-2") ==
        Told{"schema.exclusiveMinimum : expected more than 0, found -2",
             "schema.multipleOf : expected a multiple of 5, found -2"});
  CHECK(
      told(R"({"exclusiveMaximum": 1, "minimum": 2})", "1") ==
      Told{"schema.minimum : expected at least 2, found 1", "schema.exclusiveMaximum : expected less than 1, found 1"});
  CHECK(told(R"({"minLength": 1})", "\"\"") == Told{"schema.minLength : must not be empty"});
  CHECK(told(R"({"maxLength": 2})", "\"总结以\"") == Told{"schema.maxLength : expected at most 2 characters, found 3"});
  CHECK(told(R"({"pattern": "^a"})", "\"b\"") ==
        Told{"schema.pattern : expected a text that matches the pattern \"^a\", found the string \"b\""});
  CHECK(told(R"({"format": "ipv4"})", "\"1.2.3\"") ==
        Told{"schema.format : expected a text of the format ipv4, found the string \"1.2.3\""});
  CHECK(told(R"({"minItems": 1})", "[]") == Told{"schema.minItems : expected at least 1 element, found 0"});
  CHECK(told(R"({"maxProperties": 1})", R"({"a":1,"b":2})") ==
        Told{"schema.maxProperties : expected at most 1 member, found 2"});
  CHECK(told(R"({"items": [true], "additionalItems": false})", "[1,2,3]") ==
        Told{"schema.additionalItems /1: expected 1 element at most, found 3"});
  CHECK(told(R"({"uniqueItems": true})", "[1,[2],{\"a\":1,\"b\":2},3,{\"b\":2,\"a\":1.0},1.0]") ==
        Told{"schema.uniqueItems /4: the elements 2 and 4 are equal; no two may be",
             "schema.uniqueItems /5: the elements 0 and 5 are equal; no two may be"});
  CHECK(told(R"({"contains": {"type": "string"}})", "[1]") ==
        Told{"schema.contains : expected at least one element that is a string"});
  CHECK(told(R"({"dependencies": {"a": ["b"]}})", R"({"a": 1})") ==
        Told{"schema.dependencies : the property \"a\" requires \"b\" as well"});
  CHECK(told(R"({"propertyNames": {"maxLength": 1}})", R"({"ab": 1})") ==
        Told{"schema.maxLength /ab: expected at most 1 character, found 2"});
  CHECK(told(R"({"not": {"type": "string"}})", "\"x\"") == Told{"schema.not : must not be a string"});
  CHECK(told(R"({"properties": {"a": false}})", R"({"a": 1})") == Told{"schema.false /a: nothing may stand here"});
  CHECK(told(R"({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}})",
             R"({"a": 1})") == Told{"schema.required : the property \"b\" is missing"});
}

TEST_CASE("JsonSchema tells of a wrong kind and of nothing else there", "[base]") {
  CHECK(told(R"({"type": "string", "enum": ["a"], "not": {"type": "integer"}})", "1") ==
        Told{"schema.type : expected a string, found 1"});
  CHECK(told(R"({"allOf": [{"type": "string"}, {"type": "string"}, {"$ref": "#/allOf/0"}]})", "1") ==
        Told{"schema.type : expected a string, found 1"});
}

TEST_CASE("Of alternatives JsonSchema tells the mistakes of the one that was meant", "[base]") {
  const std::string by_kind =
      R"({"anyOf": [{"type": "string"}, {"type": "object", "required": ["cron"]}, {"type": "null"}]})";
  CHECK(told(by_kind, "{}") == Told{"schema.required : the property \"cron\" is missing"});
  CHECK(told(by_kind, "3") == Told{"schema.anyOf : expected a string or an object or null, found 3"});

  const std::string by_variant = R"({"oneOf": [
    {"properties": {"op": {"const": "sleep"}, "seconds": {"type": "number"}}, "required": ["op", "seconds"]},
    {"properties": {"op": {"const": "bash"}, "command": {"type": "string"}}, "required": ["op", "command"]}]})";
  CHECK(told(by_variant, R"({"op": "bash", "command": 7})") ==
        Told{"schema.type /command: expected a string, found 7"});
  CHECK(told(by_variant, R"({"op": "dance"})").size() == 1);

  CHECK(told(R"({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]})", "{}") ==
        Told{"schema.anyOf : one of the properties \"a\" and \"b\" must be given"});
  CHECK(told(R"({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]})", R"({"a": 1, "b": 2})") ==
        Told{"schema.oneOf : only one of the properties \"a\" and \"b\" may be given"});
  CHECK(
      told(R"({"anyOf": [{"required": ["a"], "minProperties": 3}, {"required": ["b", "c"]}]})", R"({"d": 1})") ==
      Told{
          "schema.anyOf : fits none of the 2 alternatives: expected at least 3 members, found 1; or the property \"b\" "
          "is missing"});
  CHECK(
      told(R"({"oneOf": [{"type": "number"}, {"type": "string"}, {"minimum": 2}]})", "3") ==
      Told{"schema.oneOf : fits more than one of the 3 alternatives (number 1 and number 3); it must fit exactly one"});
}

TEST_CASE("A value that is not known yet satisfies everything and decides nothing", "[base]") {
  CHECK(told(R"({"type": "integer"})", "\"{n}\"", is_template).empty());
  CHECK(
      told(R"({"not": {"properties": {"a": {"type": "integer"}}, "required": ["a"]}})", R"({"a": "{n}"})", is_template)
          .empty());
  CHECK(told(R"({"oneOf": [{"items": {"type": "string"}}, {"items": {"type": "integer"}}]})", "[\"{n}\"]", is_template)
            .empty());
  CHECK(told(R"({"const": {"a": [1]}})", R"({"a": ["{n}"]})", is_template).empty());
  CHECK(told(R"({"contains": {"const": 1}})", "[\"{n}\"]", is_template).empty());
  CHECK(told(R"({"uniqueItems": true})", "[\"{n}\", \"{n}\"]", is_template).empty());
  CHECK(told(R"({"if": {"properties": {"a": {"const": 1}}}, "then": false})", R"({"a": "{n}"})", is_template).empty());

  CHECK(told(R"({"additionalProperties": false, "properties": {"a": {"type": "integer"}}})", R"({"b": "{n}"})",
             is_template)
            .size() == 1);
  CHECK(told(R"({"oneOf": [{"type": "array"}, {"items": {"type": "integer"}}]})", "[1, \"{n}\"]", is_template).empty());
  CHECK(told(R"({"uniqueItems": true})", "[1, \"{n}\", 1]", is_template).size() == 1);
  CHECK(told(R"({"type": "array", "items": {"type": "integer"}})", "[\"{n}\", \"n\"]", is_template) ==
        Told{"schema.type /1: expected an integer, found the string \"n\""});
}

TEST_CASE("What is no schema is refused with the place of the mistake", "[base]") {
  CHECK(refusal(R"({"properties": {"a": {"type": "strin"}}})") ==
        "schema.invalid /properties/a/type: this is no draft-07 schema: expected one of \"array\", \"boolean\", "
        "\"integer\", \"null\", "
        "\"number\", \"object\", \"string\"; found the string \"strin\"; did you mean \"string\"?");
  CHECK_THAT(refusal(R"({"minLength": -1})"), Catch::StartsWith("schema.invalid /minLength: "));
  CHECK_THAT(refusal(R"({"required": "a"})"), Catch::StartsWith("schema.invalid /required: "));
  CHECK_THAT(refusal("[]"), Catch::StartsWith("schema.invalid : "));
  CHECK_THAT(refusal(R"_({"items": {"pattern": "(?=a)"}})_"),
             Catch::StartsWith("schema.invalid /items/pattern: ") && Catch::Contains("look-around"));
  CHECK_THAT(refusal(R"({"patternProperties": {"(": true}})"),
             Catch::StartsWith("schema.invalid /patternProperties/(: "));
}

TEST_CASE("A reference that leads nowhere, outside or in a circle is refused", "[base]") {
  CHECK_THAT(refusal(R"({"properties": {"a": {"$ref": "#/definitions/b"}}})"),
             Catch::StartsWith("schema.invalid /properties/a/$ref: the $ref \"#/definitions/b\" leads nowhere"));
  CHECK_THAT(refusal(R"({"$ref": "http://example.org/schema.json"})"), Catch::Contains("leads nowhere"));
  CHECK_THAT(refusal(R"({"$ref": "file:///etc/passwd"})"), Catch::Contains("leads nowhere"));
  CHECK_THAT(refusal(R"({"$ref": "#"})"), Catch::Contains("would never end"));
  CHECK_THAT(refusal(R"({"anyOf": [{"$ref": "#/definitions/a"}], "definitions": {"a": {"not": {"$ref": "#"}}}})"),
             Catch::Contains("would never end"));
  CHECK_THAT(refusal(R"({"$ref": "#/x", "x": {"type": 5}})"), Catch::Contains("what is no schema"));
  CHECK(refusal(R"({"properties": {"next": {"$ref": "#"}}})").empty());
}

TEST_CASE("References follow $id inside the document", "[base]") {
  const std::string schema =
      R"({"$id": "http://example.org/root.json", "properties": {"a": {"$ref": "item.json"}, "b": {"$ref": "#named"},
    "c": {"$ref": "item.json#/definitions/deep%20er/items/0"}},
    "definitions": {"x": {"$id": "item.json", "type": "string", "definitions": {"deep er": {"items": [{"type": "null"}]}}},
                    "y": {"$id": "#named", "type": "integer"}}})";
  CHECK(told(schema, R"({"a": "s", "b": 1, "c": null})").empty());
  CHECK(told(schema, R"({"a": 1, "b": "s", "c": 3})").size() == 3);
}

TEST_CASE("JsonSchema gives up on a pair made to take for ever", "[base]") {
  std::string value = "1";
  for (int i = 0; i < 60; ++i) value = "{\"a\":" + value + "}";
  const auto lines =
      told(R"({"type": "object", "properties": {"a": {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}}})", value);
  CHECK(lines == Told{"schema.limit : cannot be checked: it is nested too deeply, or its schema branches too often"});
}

TEST_CASE("JsonSchema does not follow a value deeper than the stack", "[base]") {
  const std::string deep = std::string(200'000, '[') + "1" + std::string(200'000, ']');
  Errors errors;
  schema_of(R"({"items": {"$ref": "#"}})")->validate(JsonDocument::of(Value(deep))->root(), errors);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].code == "schema.limit");
}
