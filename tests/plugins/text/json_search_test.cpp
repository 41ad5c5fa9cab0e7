#include "plugins/text/json_search.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <leeward/cpp/error.hpp>

using text_plugin::json_candidates;
using text_plugin::value_at;

TEST_CASE("The whole text is the first candidate for JSON", "[text]") {
  CHECK(json_candidates(" {\"a\": 1}\n").front() == "{\"a\": 1}");
  CHECK(json_candidates(" 42 ").front() == "42");
}

TEST_CASE("JSON is found between words and in code fences, the longest first", "[text]") {
  const auto found = json_candidates("As [1] says:\n```json\n{\"a\": [1, \"]}\"]}\n```\nThat is {all}.");
  REQUIRE(found.size() == 4);
  CHECK(found[1] == "{\"a\": [1, \"]}\"]}");
  CHECK(found[2] == "{all}");
  CHECK(found[3] == "[1]");
}

TEST_CASE("A bracket that never closes hides nothing behind it", "[text]") {
  CHECK(json_candidates("a smile :-{ and then [1, 2]")[1] == "[1, 2]");
}

TEST_CASE("A text full of open brackets is given up early", "[text]") {
  CHECK(json_candidates(std::string(200000, '[')).size() == 1);
}

TEST_CASE("A path leads to a value", "[text]") {
  const std::string_view json = R"({"articles": [{"title": "一"}, {"title": "二", "a.b": 3}], "n": null})";
  CHECK(value_at(json, "articles[1].title") == "\"二\"");
  CHECK(value_at(json, "articles[1][a.b]") == "3");
  CHECK(value_at(json, "[articles][0]") == R"({"title": "一"})");
  CHECK(value_at(json, "n") == "null");
  CHECK(value_at(json, "") == json);
}

TEST_CASE("A path may lead nowhere", "[text]") {
  const std::string_view json = R"({"articles": [1]})";
  for (const char* path : {"nothing", "articles[1]", "articles[-1]", "articles.first", "articles[0].title",
                           "articles[99999999999999999999]"})
    CHECK_FALSE(value_at(json, path).has_value());
}

TEST_CASE("A path that is none is refused", "[text]") {
  for (const char* path : {"a..b", "a[", "a[]", "a[0", ".", "a[0]b"})
    CHECK_THROWS_AS(value_at(R"({"a": [{"b": 1}]})", path), leeward::sdk::Error);
}
