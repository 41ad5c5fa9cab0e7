#include "core/load/template_parser.hpp"

#include <string>

#include <catch2/catch.hpp>

using leeward::Errors;
using leeward::JsonDocument;
using leeward::parse_template;

namespace {

std::shared_ptr<const leeward::JsonDocument> document(const std::string& text) {
  auto parsed = JsonDocument::parse(text);
  REQUIRE(parsed.ok());
  return *parsed;
}

}  // namespace

TEST_CASE("A template knows its placeholders as they were written", "[load]") {
  const auto parsed = parse_template("a {items[0].x|join(', '):>5} b");
  REQUIRE(parsed.ok());
  REQUIRE(parsed->pieces.size() == 3);
  const auto& placeholder = std::get<leeward::Placeholder>(parsed->pieces[1]);
  CHECK(placeholder.name == "items");
  CHECK(placeholder.path.size() == 2);
  CHECK(placeholder.filters.at(0).arguments.at(0).json() == "\", \"");
  CHECK(placeholder.format == ">5");
  CHECK(placeholder.source == "{items[0].x|join(', '):>5}");
  CHECK(parsed->single() == nullptr);
}

TEST_CASE("A mistake in a template names the character", "[load]") {
  const auto [text, code, column, fragment] = GENERATE(table<std::string, std::string, int, std::string>({
      {"文 {a|uper}", "template.unknown_filter", 6, "no filter \"uper\"; did you mean \"upper\"?"},
      {"{a|nothing_like_it}", "template.unknown_filter", 4, "no filter \"nothing_like_it\""},
      {"{a|tojson}", "template.unknown_filter", 4, "no filter \"tojson\"; it is \"json\" here"},
      {"{a|map('x')}", "template.unknown_filter", 4, "no filter \"map\"; it is \"pluck(field)\" here"},
      {"{a|}", "template.syntax", 4, "a filter's name is expected"},
      {"{a|join(}", "template.syntax", 9, "a filter's argument is"},
      {"{a|join(', '}", "template.syntax", 13, "',' or a ')'"},
      {"{a|truncate}", "template.syntax", 4, "truncate(characters"},
      {"{a|upper(1)}", "template.syntax", 4, "is used as upper"},
      {"{a.}", "template.syntax", 3, "a field's name is expected"},
      {"{a[}", "template.syntax", 3, "not closed"},
      {"{a[]}", "template.syntax", 3, "an index"},
      {"{a:.2q}", "template.format", 3, "\":.2q\" is no format"},
      {"{a:.2f|upper}", "template.format", 3, "filters stand before"},
      {"{a.b", "template.syntax", 1, "not closed"},
      {"{a:>99999999}", "template.format", 3, "is no format"},
  }));
  CAPTURE(text);
  const auto parsed = parse_template(text);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().code == code);
  CHECK(parsed.error().where.column == column);
  CHECK_THAT(parsed.error().message, Catch::Contains(fragment));
}

TEST_CASE("Every mistake of a template is told", "[load]") {
  Errors errors;
  (void)parse_template("{a|x1} {b} {c|x2}", errors);
  CHECK(errors.size() == 2);
}

TEST_CASE("A mistake in a string of a spec stands where the file has it, escapes counted", "[load]") {
  const auto spec = document("[\n  \"\\u4eba\\n\\\"{a|uper}\"]");
  Errors errors;
  (void)parse_template(spec->root().at(0), errors);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].where.line == 2);
  CHECK(errors[0].where.column == 17);
  CHECK(errors[0].where.pointer == "/0");
}

TEST_CASE("Only a string with a placeholder is undecided", "[load]") {
  const auto spec = document(R"(["{a}", "x", "{{a}}", 1, {"a": 1}, "{a|broken}"])");
  CHECK(leeward::is_undecided(spec->root().at(0)));
  CHECK_FALSE(leeward::is_undecided(spec->root().at(1)));
  CHECK_FALSE(leeward::is_undecided(spec->root().at(2)));
  CHECK_FALSE(leeward::is_undecided(spec->root().at(3)));
  CHECK_FALSE(leeward::is_undecided(spec->root().at(4)));
  CHECK(leeward::is_undecided(spec->root().at(5)));
}

TEST_CASE("A template of any bytes ends in a template or an error", "[load]") {
  const std::string alphabet = "{}[]|:.()'\"\\a0 ";
  std::uint64_t seed = 20;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      text += alphabet[(seed >> 33) % alphabet.size()];
    }
    Errors errors;
    const auto parsed = parse_template(text, errors);
    for (const auto& error : errors) REQUIRE(error.where.column <= static_cast<int>(text.size()) + 1);
    if (text.find_first_of("{}") == std::string::npos) REQUIRE(parsed.is_literal());
  }
}
