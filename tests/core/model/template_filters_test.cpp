#include "core/model/template_filters.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "core/load/template_parser.hpp"
#include "tests/support/object_scope.hpp"

using namespace leeward;
using leeward::test::ObjectScope;

namespace {

const ObjectScope& scope() {
  static const ObjectScope kScope{R"({
    "numbers": [3, 1.5, -2, 3.0, 1], "words": ["pear", "Apple", "fig", "pear"], "mixed": [1, "a"], "none": [],
    "articles": [{"title": "B", "score": 2}, {"title": "A", "score": 10}, {"title": "C", "score": 2}],
    "many": [1, 1.0, "1", null, null, {"a": 1, "b": [2]}, {"b": [2], "a": 1.0}, [1], [1]],
    "huge": [18446744073709551615, 9223372036854775807, 18446744073709551614, 9223372036854775806],
    "largest": [9223372036854775807, 1], "enormous": [1e308, 1e308],
    "minus": -7, "least": -9223372036854775808, "half": -2.75, "yes": true, "text": "abc", "list": [1], "nothing": null,
    "answers": {"score": " 0.85\n", "plus": "+12", "cut": "-2.9", "power": "1e3", "large": "1e30", "word": "high",
                "empty": "", "signs": "+-1", "infinite": "inf", "not": "nan", "hex": "0x10", "two": "1 2"},
    "date": "2024-01-31T16:30:00.000Z", "fine": "2024-01-31T23:30:00.123456-02:00"})"};
  return kScope;
}

std::string rendered(std::string_view text) {
  const auto parsed = parse_template(text);
  if (!parsed) return "PARSE " + parsed.error().code + ": " + parsed.error().message;
  const auto value = parsed->render(scope());
  return value ? std::string{value->json()} : value.error().code + ": " + value.error().message;
}

using Cases = std::vector<std::pair<std::string, std::string>>;

void check(const Cases& cases) {
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(rendered(text) == expected);
  }
}

}  // namespace

TEST_CASE("Lists are sorted by number, by code point or by a field, and equals keep their order", "[model]") {
  check({{"{numbers|sort}", "[-2,1,1.5,3,3.0]"},
         {"{words|sort}", R"(["Apple","fig","pear","pear"])"},
         {"{none|sort}", "[]"},
         {"{articles|sort('score')|pluck('title')}", R"(["B","C","A"])"},
         {"{articles|sort('title')|pluck('score')|reverse}", "[2,2,10]"},
         {"{words|reverse|first}", R"("pear")"},
         {"{huge|sort}", "[9223372036854775806,9223372036854775807,18446744073709551614,18446744073709551615]"}});
}

TEST_CASE("The smallest, the largest and the sum of a list keep their kind", "[model]") {
  check({{"{numbers|min}", "-2"},
         {"{numbers|max}", "3"},
         {"{words|min}", R"("Apple")"},
         {"{none|max|default(0)}", "0"},
         {"{numbers|sum}", "6.5"},
         {"{articles|pluck('score')|sum}", "14"},
         {"{none|sum}", "0"},
         {"{largest|sum}", "9223372036854775808.0"}});
}

TEST_CASE("unique keeps the first of equal values", "[model]") {
  check({{"{words|unique|join(',')}", R"("pear,Apple,fig")"},
         {"{many|unique}", R"([1,"1",null,{"a": 1, "b": [2]},[1]])"},
         {"{none|unique}", "[]"}});
}

TEST_CASE("Numbers are made from numbers, truths and texts", "[model]") {
  check({{"{minus|abs}", "7"},
         {"{least|abs}", "9223372036854775808"},
         {"{half|abs}", "2.75"},
         {"{half|int}", "-2"},
         {"{least|int}", "-9223372036854775808"},
         {"{minus|float}", "-7.0"},
         {"{yes|int}{yes|float}", R"("11.0")"},
         {"{answers.score|float}", "0.85"},
         {"{answers.plus|int}", "12"},
         {"{answers.plus|float}", "12.0"},
         {"{answers.cut|int}", "-2"},
         {"{answers.power|int}", "1000"},
         {"{answers.large|float}", "1e+30"},
         {"{answers.word|int|default(0)}", "0"},
         {"{answers.score|float:.1%}", R"("85.0%")"}});
}

TEST_CASE("What is no number is never taken for zero", "[model]") {
  for (const std::string name : {"word", "empty", "signs", "infinite", "not", "hex", "two"}) {
    for (const std::string filter : {"int", "float"}) {
      CAPTURE(name, filter);
      CHECK(rendered("{answers." + name + "|" + filter + "}").find("is no number") != std::string::npos);
    }
  }
  CHECK(rendered("{answers.large|int}") ==
        "template.type: {answers.large|int}: the number is too large for an integer");
  CHECK(rendered("{enormous|sum}") == "template.type: {enormous|sum}: the sum is too large for a number");
}

TEST_CASE("string makes any value a text", "[model]") {
  check({{"{minus|string}", R"("-7")"},
         {"{text|string}", R"("abc")"},
         {"{list|string}", R"("[1]")"},
         {"{nothing|string}", R"("null")"}});
}

TEST_CASE("A time is written in Airflow's five ways, in UTC", "[model]") {
  check({{"{date|ds}", R"("2024-01-31")"},
         {"{date|ds_nodash}", R"("20240131")"},
         {"{date|ts}", R"("2024-01-31T16:30:00+00:00")"},
         {"{date|ts_nodash}", R"("20240131T163000")"},
         {"{date|ts_nodash_with_tz}", R"("20240131T163000+0000")"},
         {"{fine|ds}", R"("2024-02-01")"},
         {"{fine|ts}", R"("2024-02-01T01:30:00.123456+00:00")"},
         {"{fine|ts_nodash}", R"("20240201T013000")"},
         {"{fine|ts_nodash_with_tz}", R"("20240201T013000.123456+0000")"}});
  CHECK(rendered("{text|ds}").starts_with("template.type: {text|ds}: the filter \"ds\": expected a time such as"));
  CHECK(rendered("{minus|ts}").starts_with("template.type: "));
}

TEST_CASE("Filters of lists tell what they cannot take", "[model]") {
  check({{"{mixed|sort}",
          "template.type: {mixed|sort}: the filter \"sort\" compares numbers, or texts, and here are "
          "an integer and a string"},
         {"{articles|sort('age')}",
          "template.type: {articles|sort('age')}: the filter \"sort\" expects every item to have a field \"age\""},
         {"{articles|pluck('age')}", "template.missing: {articles|pluck('age')}: item 0 has no field \"age\""},
         {"{articles|pluck('age')|default(null)}", "null"},
         {"{none|min}", "template.missing: {none|min}: an empty list has no min"},
         {"{words|sum}", "template.type: {words|sum}: the filter \"sum\" expects numbers, and here is a string"}});
  for (const std::string filter : {"sort", "reverse", "unique", "min", "max", "sum", "pluck('a')"}) {
    CAPTURE(filter);
    CHECK(rendered("{text|" + filter + "}").starts_with("template.type: "));
  }
  for (const std::string filter : {"abs", "float", "int"}) {
    CAPTURE(filter);
    CHECK(rendered("{list|" + filter + "}").starts_with("template.type: "));
  }
}

TEST_CASE("Every filter is found by its name, and they stand in the order of the alphabet", "[model]") {
  std::string before;
  for (const FilterInfo& info : template_filters()) {
    CHECK(find_filter(info.name)->usage == info.usage);
    CHECK(info.usage.starts_with(info.name));
    CHECK(before < info.name);
    before = info.name;
  }
  CHECK(find_filter("eval") == nullptr);
}
