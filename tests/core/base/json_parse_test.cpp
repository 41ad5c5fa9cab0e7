#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/base/json.hpp"

using namespace leeward;

namespace {

/// "code line:column message" of the refusal; empty if there is none.
std::string refusal(std::string text, const JsonLimits& limits = {}) {
  const auto result = JsonDocument::parse(std::move(text), "", limits);
  if (result) return "";
  const Error& error = result.error();
  return error.code + " " + std::to_string(error.where.line) + ":" + std::to_string(error.where.column) + " " +
         error.message;
}

constexpr const char* kSpec = R"({
  "dag_id": "总结", "n": [1, -2.5e3, true, false, null, [], {}],
  "tasks": [{"task_id": "a\n\u4e2d\ud83d\ude00", "with": {"x": "   eight plain bytes and more   ", "y": ""}}]
})";

}  // namespace

TEST_CASE("A refusal says what was found and what was expected, and where", "[base]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"[1 x]", "json.syntax 1:4 expected ',' or ']' after an array element, found 'x'"},
      {"[1,,2]", "json.syntax 1:4 expected a value after ',', found ','"},
      {"[1,\n]", "json.syntax 1:3 a comma stands before ']'; the last element is followed by none"},
      {"{\"a\":1,}", "json.syntax 1:7 a comma stands before '}'; the last member is followed by none"},
      {"{a: 1}", "json.syntax 1:2 expected a member's name in double quotes or '}', found a without quotes"},
      {"{\"a\" 1}", "json.syntax 1:6 expected ':' after a member's name, found '1'"},
      {"{'a': 1}",
       "json.syntax 1:2 expected a member's name in double quotes or '}', found a single quote; JSON strings stand in "
       "double quotes"},
      {"{\n  \"总\": [1,\n  2",
       "json.syntax 3:4 expected ',' or ']' after an array element, but the text ends here; the '[' of line "
       "2, column 8 is not closed"},
      {"[True]", "json.syntax 1:2 expected a value or ']', found 'True'; did you mean true?"},
      {"[None]", "json.syntax 1:2 expected a value or ']', found 'None'; did you mean null?"},
      {"[NaN]", "json.number 1:2 expected a value or ']', found 'NaN'; JSON has no such number"},
      {"[-Infinity]", "json.number 1:2 expected a value or ']', found 'Infinity'; JSON has no such number"},
      {"[01]", "json.syntax 1:2 '01' is no JSON number: no leading zeros"},
      {"[0x1F]", "json.syntax 1:2 '0x1F' is no JSON number: only decimal digits"},
      {"[.5]", "json.syntax 1:2 '.5' is no JSON number: a digit must stand before anything else"},
      {"[1] // one",
       "json.trailing 1:5 expected the end of the text after its one value, found a comment; JSON has none"},
      {"{} x", "json.trailing 1:4 expected the end of the text after its one value, found 'x'"},
      {"[\"a", "json.syntax 1:2 a string begins here and is never closed with '\"'"},
      {"[\"a\nb\"]", "json.syntax 1:4 a string holds a line break; write it as \\n, or close the string with '\"'"},
      {"[\"\\q\"]",
       "json.syntax 1:3 a backslash is followed by one of \" \\ / b f n r t u, found \"q\"; write \\\\ for the "
       "backslash itself"},
      {"[\"\\ud800\"]",
       "json.utf8 1:3 \\ud800 is half of a surrogate pair without its other half; that is no character"},
      {"[\"\\udc00\"]",
       "json.utf8 1:3 \\udc00 is half of a surrogate pair without its other half; that is no character"},
      {"[\"\xC0\xAF\"]", "json.utf8 1:3 a string holds the byte 0xC0, which is not UTF-8 (byte offset 2)"},
      {"[\xFF]", "json.utf8 1:2 expected a value or ']', found the byte 0xFF, which is not UTF-8 (byte offset 1)"},
      {std::string("[1]\0{}", 6),
       "json.trailing 1:4 expected the end of the text after its one value, found the control byte 0x00"},
      {"", "json.empty 1:1 expected a JSON value, but the text is empty"},
      {" \n ", "json.empty 1:1 expected a JSON value, but the text is empty"},
      {"\xEF\xBB\xBF{}", "json.bom 1:1 the text begins with a byte-order mark; save it as UTF-8 without one"},
      {"[1e999]", "json.number 1:2 the number 1e999 is out of range (about 1e-308 to 1e308, as a double)"},
      {"[1e-999]", "json.number 1:2 the number 1e-999 is out of range (about 1e-308 to 1e308, as a double)"},
      {"[18446744073709551616]",
       "json.number 1:2 the integer 18446744073709551616 does not fit 64 bits; write it as a string to keep every "
       "digit"},
      {"{\"a\": 1, \"b\": 2,\n \"\\u0061\": 3}",
       "json.duplicate_key 2:2 the name \"a\" stands twice in one object; first at line 1, column 2"},
  }));
  CHECK(refusal(text) == expected);
}

TEST_CASE("Every prefix of a valid text is refused", "[base]") {
  const std::string text = kSpec;
  REQUIRE(is_json(text));
  for (std::size_t length = 0; length < text.size(); ++length) {
    INFO(length);
    REQUIRE_FALSE(is_json(text.substr(0, length)));
    REQUIRE_FALSE(refusal(text.substr(0, length)).empty());
  }
}

TEST_CASE("What is nested too deeply is refused without following it down", "[base]") {
  const std::size_t deep = 5'000'000;
  CHECK(refusal(std::string(deep, '[')) == "json.depth 1:257 nested more than 256 levels deep");
  CHECK(refusal(std::string(100'000, '[') + std::string(100'000, ']')) ==
        "json.depth 1:257 nested more than 256 levels deep");
  std::string objects;
  for (int i = 0; i < 1000; ++i) objects += "{\"a\":";
  CHECK(refusal(objects) == "json.depth 1:1281 nested more than 256 levels deep");
  CHECK(is_json(std::string(256, '[') + std::string(256, ']')));
  CHECK_FALSE(is_json(std::string(257, '[') + std::string(257, ']')));
}

TEST_CASE("A document of any depth is walked, compared and destroyed without the stack", "[base]") {
  const std::string text = std::string(100'000, '[') + "{\"a\":1}" + std::string(100'000, ']');
  const auto a = JsonDocument::of(Value(text));
  const auto b = JsonDocument::of(Value(text));
  CHECK(a->root() == b->root());
  Json inner = a->root();
  while (inner.is_array()) inner = inner.at(0);
  CHECK(inner["a"].integer() == 1);
}

TEST_CASE("Texts and strings over the limit are refused", "[base]") {
  CHECK(refusal("[1, 2, 3]", {.max_bytes = 8}) == "json.too_large 0:0 the text has 9 bytes; the limit is 8");
  CHECK(refusal("[\"abcd\", \"abcde\"]", {.max_string_bytes = 4}) ==
        "json.string_too_long 1:10 a string of 5 bytes; the limit is 4");
  CHECK(refusal("[\"\\u0061\\u0061\\u0061\\u0061\"]", {.max_string_bytes = 4}).empty());
  CHECK_FALSE(refusal("{\"abcde\": 1}", {.max_string_bytes = 4}).empty());
}

TEST_CASE("parse_all tells every mistake it can get past, in the order of the text", "[base]") {
  Errors errors;
  const auto document = JsonDocument::parse_all(R"({"a": 1e999, "b": [[[[1, {]]]]})", "x", {.max_depth = 3}, errors);
  CHECK_FALSE(document);
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].code == "json.number");
  CHECK(errors[1].code == "json.depth");
  CHECK(errors[2].code == "json.syntax");

  errors.clear();
  const auto whole = JsonDocument::parse_all(
      R"({"a": 1e999, "b": [[[[1]], 2]], "a": 99999999999999999999, "c": "too long", "d": {"x": -1e9999, "x": 1}})",
      "x", {.max_string_bytes = 5, .max_depth = 3}, errors);
  REQUIRE(whole);
  std::vector<std::string> lines;
  for (const Error& error : errors) lines.push_back(error.code + " " + error.where.pointer);
  CHECK(lines == std::vector<std::string>{"json.number /a", "json.depth /b/0/0", "json.duplicate_key /a",
                                          "json.number /a", "json.string_too_long /c", "json.number /d/x",
                                          "json.duplicate_key /d/x"});
  CHECK(whole->root()["b"].at(0).at(1).integer() == 2);
  CHECK(whole->root()["b"].at(0).at(0).text() == "[[1]]");
  CHECK(whole->root()["c"].string() == "too long");
}

TEST_CASE("Many members in one object are told apart without comparing each with each", "[base]") {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
  CHECK(is_json(text + "}"));
  CHECK_THAT(refusal(text + ",\"k77\":2}"), Catch::StartsWith("json.duplicate_key"));
}

TEST_CASE("Escapes are undone wherever they stand between plain stretches", "[base]") {
  for (std::size_t pad = 0; pad < 20; ++pad) {
    const std::string plain(pad, 'p');
    const std::string inside =
        plain + "\\\"" + plain + "\\\\" + plain + "\\ud83d\\ude00" + plain + "\\/\\b\\f\\n\\r\\t" + plain + "é";
    const auto document = JsonDocument::parse("[\"" + inside + "\", \"" + plain + "\\\\\", 1]");
    REQUIRE(document.ok());
    const Json root = (*document)->root();
    CHECK(root.at(0).string() == plain + "\"" + plain + "\\" + plain + "😀" + plain + "/\b\f\n\r\t" + plain + "é");
    CHECK(root.at(1).string() == plain + "\\");
    CHECK(root.at(2).integer() == 1);
  }
}

TEST_CASE("Plain stretches are not passed over where a character is still incomplete", "[base]") {
  CHECK_FALSE(is_json("[\"\\ud83dplain as it goes\\ude00\"]"));
  CHECK_FALSE(is_json("[\"\xE6plain as it goes\x80\xBB\"]"));
  CHECK_FALSE(is_json("[\"\\u4eplain as it goes2d\"]"));
  CHECK_FALSE(is_json("[1        2]"));
  CHECK_FALSE(is_json("[\"plain as it goes\x01\"]"));
  CHECK(is_json("[\"\\u4e2dabcdef0123456789\"]"));
}

// nlohmann::json::accept() parses the whole text as it is, which JsonDocument's parser does not (it skims). Where only
// the library accepts, the reason must be one of the things we refuse on purpose.
TEST_CASE("On mangled texts JsonDocument and nlohmann agree about the syntax", "[base]") {
  std::mt19937 random(20240101);
  const std::string alphabet = "{}[]\",:\\ \n\t0123456789.eE+-truefalsnu/x\x7F\xC3\xA9\x80\x01";
  const auto pick = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };
  const auto on_purpose = [](const std::string& why) {
    return why.starts_with("json.duplicate_key") || why.starts_with("json.number") || why.starts_with("json.trailing");
  };
  for (int round = 0; round < 10'000; ++round) {
    std::string text = kSpec;
    for (std::size_t edits = 1 + pick(3); edits > 0; --edits) {
      const std::size_t at = pick(text.size());
      switch (pick(4)) {
        case 0: text[at] = alphabet[pick(alphabet.size())]; break;
        case 1: text.insert(at, 1, alphabet[pick(alphabet.size())]); break;
        case 2: text.erase(at, 1 + pick(3)); break;
        default: text.insert(at, text.substr(pick(text.size()), 1 + pick(12))); break;
      }
    }
    const std::string why = refusal(text);
    const bool library = nlohmann::json::accept(text);
    if (why.empty() == library) continue;
    INFO(text << "\n" << why);
    REQUIRE((library && on_purpose(why)));
  }
}
