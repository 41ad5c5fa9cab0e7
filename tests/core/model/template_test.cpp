#include "core/model/template.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/load/template_parser.hpp"
#include "tests/support/object_scope.hpp"

using leeward::Result;
using leeward::Template;
using leeward::Value;
using leeward::ValueTemplate;
using leeward::test::ObjectScope;

namespace {

const ObjectScope& scope() {
  static const ObjectScope kScope{R"({
    "name": "Ada", "score": 3.14159, "count": 1234567, "nothing": null, "yes": true, "empty": [],
    "text": "  人工智能  ", "template": "{name}",
    "items": ["a", "b", {"c": [10, 20]}],
    "article": {"title": "AI趋势", "tags": ["x", "y"], "with space": 1, "content-type": "t"},
    "escaped": "\u4eba\"\n"})"};
  return kScope;
}

std::string rendered(std::string_view text) {
  const auto parsed = leeward::parse_template(text);
  if (!parsed) return "PARSE " + parsed.error().code + ": " + parsed.error().message;
  const auto value = parsed->render(scope());
  return value ? std::string{value->json()} : value.error().code + ": " + value.error().message;
}

}  // namespace

TEST_CASE("A template without braces is its own text", "[model]") {
  CHECK(rendered("") == R"("")");
  CHECK(rendered("总结 \"x\"") == R"("总结 \"x\"")");
}

TEST_CASE("A template of one placeholder yields the value itself", "[model]") {
  CHECK(rendered("{count}") == "1234567");
  CHECK(rendered("{nothing}") == "null");
  CHECK(rendered("{article.tags}") == R"(["x", "y"])");
  CHECK(rendered("{name}") == R"("Ada")");
}

TEST_CASE("A placeholder among text is rendered as text, anything but a string as compact JSON", "[model]") {
  CHECK(rendered("Hi {name}!") == R"("Hi Ada!")");
  CHECK(rendered("{yes} {nothing} {article.tags}") == R"("true null [\"x\",\"y\"]")");
  CHECK(rendered("{escaped}|") == R"("人\"\n|")");
}

TEST_CASE("A path goes through fields and elements", "[model]") {
  CHECK(rendered("{items[0]}") == R"("a")");
  CHECK(rendered("{items[2].c[1]}") == "20");
  CHECK(rendered("{items[-1].c[-2]}") == "10");
  CHECK(rendered("{article[with space]}") == "1");
  CHECK(rendered("{article['with space']}") == "1");
  CHECK(rendered("{article.content-type}") == R"("t")");
}

TEST_CASE("Braces that open no placeholder stay as they are", "[model]") {
  CHECK(rendered(R"({"a": 1})") == R"("{\"a\": 1}")");
  CHECK(rendered(R"({"a": {"b": {}}})") == R"("{\"a\": {\"b\": {}}}")");
  CHECK(rendered(R"({"name": "{name}"})") == R"("{\"name\": \"Ada\"}")");
  CHECK(rendered("{7*7} { name } {} { } {") == R"("{7*7} { name } {} { } {")");
  CHECK(rendered("f() { return x; }") == R"("f() { return x; }")");
  CHECK(rendered("{title: string, n: int}") == R"("{title: string, n: int}")");
  CHECK(rendered("${}") == R"("${}")");
}

TEST_CASE("Doubled braces are single ones", "[model]") {
  CHECK(rendered("{{name}}") == R"("{name}")");
  CHECK(rendered("{{{name}}}") == R"("{Ada}")");
  CHECK(rendered("a }} b") == R"("a } b")");
  CHECK(rendered(R"({{"a": {{"b": 1}}}})") == R"("{\"a\": {\"b\": 1}}")");
}

TEST_CASE("What a value contains is never rendered again", "[model]") {
  CHECK(rendered("{template}") == R"("{name}")");
  CHECK(rendered("<{template}>") == R"("<{name}>")");
}

TEST_CASE("Formats are Python's", "[model]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"{score:.2f}", "3.14"},        {"{score:8.1f}|", "     3.1|"},   {"{score:<8.1f}|", "3.1     |"},
      {"{score:+.1f}", "+3.1"},       {"{score:.3}", "3.14"},           {"{score:e}", "3.141590e+00"},
      {"{score:.1%}", "314.2%"},      {"{count:,}", "1,234,567"},       {"{count:_d}", "1_234_567"},
      {"{count:010d}", "0001234567"}, {"{count:x}", "12d687"},          {"{count:#X}", "0X12D687"},
      {"{count:.1f}", "1234567.0"},   {"{count:,.2f}", "1,234,567.00"}, {"{name:>6}|", "   Ada|"},
      {"{name:*^7}|", "**Ada**|"},    {"{name:。<5}", "Ada。。"},       {"{name:.2}", "Ad"},
      {"{yes:>6}", "  true"},         {"{count: d}", " 1234567"},       {"{count:b}", "100101101011010000111"},
  }));
  CAPTURE(text);
  CHECK(rendered(text) == leeward::json_quote(expected));
}

TEST_CASE("Filters change a value before it is written", "[model]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {R"({article.tags|join(", ")})", R"("x, y")"},
      {R"({article.tags|join(' | ')})", R"("x | y")"},
      {"{items | length}", "3"},
      {"{text|trim|length}", "4"},
      {"{text|trim|truncate(2)}", R"("人工")"},
      {"{text|trim|truncate(2, \"…\")}", R"("人工…")"},
      {"{name|upper|lower}", R"("ada")"},
      {"{article.tags|first}{article.tags|last}", R"("xy")"},
      {"{article|keys|join(',')}", R"("title,tags,with space,content-type")"},
      {"{article|values|length}", "4"},
      {"{score|round(2)}", "3.14"},
      {"{score|round}", "3"},
      {"{name|replace('A', 'O')}", R"("Oda")"},
      {"{name|split('d')}", R"(["A","a"])"},
      {"{text|split|length}", "1"},
      {"{article.tags|json}", R"("[\"x\",\"y\"]")"},
      {"{missing|default(\"}\")}", R"("}")"},
      {"{article.missing.deeper|default(0)}", "0"},
      {"{nothing|default('x')}", R"("x")"},
      {"{empty|first|default(null)}", "null"},
      {"{score|round(1):.3f}", R"("3.100")"},
  }));
  CAPTURE(text);
  CHECK(rendered(text) == expected);
}

TEST_CASE("What is missing is named, with what was there and the nearest guess", "[model]") {
  CHECK(rendered("{nme}") == R"(template.missing: {nme}: there is no "nme" here; did you mean "name"?)");
  CHECK(rendered("{article.titel}") ==
        R"(template.missing: {article.titel}: "article" has no field "titel"; did you mean "title"?)");
  CHECK(rendered("{items[7]}") == R"(template.missing: {items[7]}: "items" is an array of 3, so there is no [7])");
  CHECK(rendered("{name.first}") ==
        R"(template.missing: {name.first}: "name" is a string and has no fields, so there is no .first)");
  CHECK(rendered("{empty|first}") == R"(template.missing: {empty|first}: an empty list has no first element)");
}

TEST_CASE("A filter or a format that does not fit the value is an error", "[model]") {
  CHECK(rendered("{name|join(',')}").starts_with("template.type: "));
  CHECK(rendered("{count|upper}").starts_with("template.type: "));
  CHECK(rendered("{name:.2f}").starts_with("template.format: "));
  CHECK(rendered("{score:d}").starts_with("template.format: "));
  CHECK(rendered("{items:>10}").starts_with("template.format: "));
}

TEST_CASE("A template that would fill the memory is refused", "[model]") {
  std::string text = "{big}";
  for (int i = 0; i < 9; ++i) text += "{big}";
  const ObjectScope big{"{\"big\": \"" + std::string(2u << 20, 'x') + "\"}"};
  const auto value = leeward::parse_template(text)->render(big);
  REQUIRE_FALSE(value.ok());
  CHECK(value.error().code == "template.too_large");
}

TEST_CASE("A value template fills the slots of a JSON text", "[model]") {
  ValueTemplate with;
  with.slots.push_back({R"({"a": )", *leeward::parse_template("{items}"), {}});
  with.slots.push_back({R"(, "b": )", *leeward::parse_template("x{count}"), {}});
  with.json_after = "}";
  const auto value = with.render(scope());
  REQUIRE(value.ok());
  CHECK(value->json() == R"({"a": ["a", "b", {"c": [10, 20]}], "b": "x1234567"})");
}

TEST_CASE("A value template never nests deeper than JSON may", "[model]") {
  const ObjectScope deep{"{\"v\": " + std::string(250, '[') + std::string(250, ']') + "}"};
  ValueTemplate with;
  with.slots.push_back({std::string(10, '['), *leeward::parse_template("{v}"), {}});
  with.json_after = std::string(10, ']');
  const auto value = with.render(deep);
  REQUIRE_FALSE(value.ok());
  CHECK(value.error().code == "template.too_deep");
}
