#include <limits>

#include <catch2/catch.hpp>
#include <leeward/cpp/json_value.hpp>

using namespace leeward::sdk;

TEST_CASE("unquote decodes every escape of JSON", "[sdk]") {
  CHECK(unquote(R"("a\"b\\c\/d\b\f\n\r\te")") == "a\"b\\c/d\b\f\n\r\te");
  CHECK(unquote("\"\\u0041\\u00e9\\u4e2d\"") == "Aé中");
  CHECK(unquote(R"("\ud83d\ude00")") == "😀");
  CHECK(unquote("\"a\\u0000b\"") == std::string("a\0b", 3));
  CHECK(unquote("\"总结\"") == "总结");
}

TEST_CASE("unquote makes half a surrogate pair a replacement character", "[sdk]") {
  CHECK(unquote(R"("\ud83d")") == "\uFFFD");
  CHECK(unquote(R"("\ude00!")") == "\uFFFD!");
  CHECK(unquote(R"("\ud83d\u0041")") == "\uFFFDA");
}

TEST_CASE("unquote refuses what is no string, and says what it got", "[sdk]") {
  for (const char* bad : {"", "\"", "42", "\"open", "\"\\q\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\\""}) {
    INFO(bad);
    CHECK_THROWS_AS(unquote(bad), Error);
  }
  CHECK_THROWS_WITH(unquote("42"), "expected a string, got 42");
}

TEST_CASE("quote writes text that is valid JSON whatever the bytes", "[sdk]") {
  CHECK(quote("a\"b\\c\nd\x01") == "\"a\\\"b\\\\c\\nd\\u0001\"");
  CHECK(quote("é中😀") == "\"é中😀\"");
  CHECK(quote("\xFF\xC3") == "\"\uFFFD\uFFFD\"");
  CHECK(quote("\xED\xA0\x80") == "\"\uFFFD\uFFFD\uFFFD\"");  // a surrogate in UTF-8 is no character
  CHECK(quote("\xC0\xAF") == "\"\uFFFD\uFFFD\"");            // an overlong slash neither
  CHECK(quote("") == "\"\"");
}

TEST_CASE("Integers are read as JSON Schema means them", "[sdk]") {
  CHECK(read_json<int>("42") == 42);
  CHECK(read_json<int>("-7.0") == -7);
  CHECK(read_json<int>("1e3") == 1000);
  CHECK(read_json<std::int64_t>("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const char* bad : {"4.2", "\"4\"", "true", "null", "", "4x", "2147483648", "1e300", "\"1.0\""}) {
    INFO(bad);
    CHECK_THROWS_AS(read_json<int>(bad), Error);
  }
  CHECK_THROWS_AS(read_json<std::uint64_t>("-1"), Error);
  CHECK_THROWS_AS(read_json<std::int64_t>("9223372036854775808.0"), Error);
}

TEST_CASE("Numbers survive the way there and back", "[sdk]") {
  CHECK(read_json<double>(write_json(0.1)) == 0.1);
  CHECK(read_json<double>("-1.5e-3") == -0.0015);
  CHECK(write_json(std::int64_t{-5}) == "-5");
  CHECK_THROWS_AS(write_json(std::numeric_limits<double>::infinity()), Error);
  CHECK_THROWS_AS(read_json<double>("1e999"), Error);
}

TEST_CASE("Lists, maps and optionals are read and written", "[sdk]") {
  CHECK(read_json<std::vector<int>>(" [1, 2,3] ") == std::vector<int>{1, 2, 3});
  CHECK(read_json<std::vector<int>>("[]").empty());
  CHECK(read_json<std::optional<int>>("null") == std::nullopt);
  CHECK(read_json<std::map<std::string, std::vector<bool>>>(R"({"a": [true], "b": []})").at("a").at(0));
  CHECK(write_json(std::map<std::string, std::optional<int>>{{"a", 1}, {"b", {}}}) == R"({"a":1,"b":null})");
  CHECK(write_json(std::vector<bool>{true, false}) == "[true,false]");
  CHECK(write_json(nullptr) == "null");
  CHECK_THROWS_AS(read_json<std::vector<int>>("{}"), Error);
}

TEST_CASE("member finds a member among strings that look like one", "[sdk]") {
  const std::string_view object = R"({"x": "}, \"y\": 1", "nested": {"y": [2, "]"]}, "\u0079" : 3})";
  CHECK(member(object, "y") == "3");
  CHECK(member(object, "nested") == R"({"y": [2, "]"]})");
  CHECK(member(object, "z") == std::nullopt);
  CHECK(members(object).size() == 3);
  CHECK_THROWS_AS(member("[1]", "y"), Error);
}

TEST_CASE("Walking over malformed text ends, with an error", "[sdk]") {
  for (const char* bad : {"{\"a\" 1}", "{\"a\":}", "{,}", "[1 2]", "[,]", "{\"a\":1,,}", "{\"a\":\"}", "{a}"}) {
    INFO(bad);
    CHECK_THROWS_AS((bad[0] == '[' ? elements(bad).size() : members(bad).size()), Error);
  }
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  CHECK(elements(deep).size() == 1);
}

TEST_CASE("JsonObject writes members in order", "[sdk]") {
  CHECK(JsonObject().add("model", "gpt-4").add("n", 2).add_json("messages", "[]").text() ==
        R"({"model":"gpt-4","n":2,"messages":[]})");
  CHECK(JsonObject().text() == "{}");
}

TEST_CASE("whole_characters cuts a stream between characters", "[sdk]") {
  const std::string text = "a中😀";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    INFO(cut);
    const std::string_view piece = std::string_view(text).substr(0, cut);
    const std::string_view whole = whole_characters(piece);
    CHECK(well_formed(whole) == whole);
    CHECK(piece.size() - whole.size() <= 3);
  }
  CHECK(whole_characters(text) == text);
  CHECK(well_formed("a\xFF"
                    "b\xE4\xB8") == "a\uFFFDb\uFFFD\uFFFD");
}
