#include "core/base/json.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

std::shared_ptr<const JsonDocument> parsed(std::string text) {
  auto document = JsonDocument::parse(std::move(text), "test.json");
  if (!document) FAIL(to_string(document.error()));
  return *document;
}

}  // namespace

TEST_CASE("Json finds members and elements and keeps their text", "[base]") {
  const auto document = parsed(R"({"a": [1, {"b": "x"}, 2.50], "c": null, "d": true})");
  const Json root = document->root();
  CHECK(root.size() == 3);
  CHECK(root["a"].at(0).integer() == 1);
  CHECK(root["a"].at(1)["b"].string() == "x");
  CHECK(root["a"].at(2).text() == "2.50");
  CHECK(root["a"].text() == R"([1, {"b": "x"}, 2.50])");
  CHECK(root["c"].is_null());
  CHECK(root["d"].boolean());
}

TEST_CASE("What is not in a Json is absent, and so is everything in it", "[base]") {
  const auto document = parsed(R"({"a": [1]})");
  const Json root = document->root();
  CHECK_FALSE(root["b"]);
  CHECK_FALSE(root["b"]["c"].at(3));
  CHECK_FALSE(root["a"].at(1));
  CHECK_FALSE(root.at(0)["x"]);
  CHECK_FALSE(root["b"].is_null());
  CHECK(root["b"].size() == 0);
  CHECK(root["b"].begin() == root["b"].end());
}

TEST_CASE("Json is walked in the order of the text", "[base]") {
  const auto document = parsed(R"({"z": [[], {}, [[1]], 4], "a": {"k": 1}, "m": 2})");
  std::string keys;
  for (const Json& member : document->root()) keys += member.key();
  CHECK(keys == "zam");
  std::string elements;
  for (const Json& element : document->root()["z"]) elements += std::string(element.text()) + ";";
  CHECK(elements == "[];{};[[1]];4;");
}

TEST_CASE("Json tells line, column in characters, and pointer of a place", "[base]") {
  const auto document = parsed("{\n  \"总\": 1, \"a/b~c\": [\n    0, true]\n}");
  const Json flag = document->root()["a/b~c"].at(1);
  CHECK(flag.position().line == 3);
  CHECK(flag.position().column == 8);
  CHECK(flag.pointer() == "/a~1b~0c/1");
  CHECK(document->root()["a/b~c"].key_position().column == 11);
  CHECK(to_string({"code", "message", flag.where()}) == "test.json:3:8 /a~1b~0c/1: message");
  CHECK(document->root().pointer().empty());
}

TEST_CASE("Json decodes escapes and leaves other strings where they are", "[base]") {
  const auto document = parsed(R"(["a\n\"\\\/\u00e9\u4e2d\ud83d\ude00\u0000b", "plain", "", "\\", {"k\u0041": 1}])");
  const Json root = document->root();
  CHECK(root.at(0).string() == std::string("a\n\"\\/é中😀\0b", 16));
  CHECK(root.at(1).string() == "plain");
  CHECK(root.at(1).string().data() == root.at(1).text().data() + 1);
  CHECK(root.at(2).string().empty());
  CHECK(root.at(3).string() == "\\");
  CHECK(root.at(4)["kA"].integer() == 1);
}

TEST_CASE("A number is read as what it is", "[base]") {
  const auto document =
      parsed("[9223372036854775807, -9223372036854775808, 18446744073709551615, 2.0, 2.5, 1e3, -0, 1e300]");
  const Json root = document->root();
  CHECK(root.at(0).integer() == INT64_MAX);
  CHECK(root.at(1).integer() == INT64_MIN);
  CHECK(root.at(2).is_integer());
  CHECK_FALSE(root.at(2).integer());
  CHECK(root.at(2).number() == 18446744073709551615.0);
  CHECK(root.at(3).integer() == 2);
  CHECK_FALSE(root.at(3).is_integer());
  CHECK_FALSE(root.at(4).integer());
  CHECK(root.at(5).integer() == 1000);
  CHECK(root.at(6).integer() == 0);
  CHECK_FALSE(root.at(7).integer());
}

TEST_CASE("A large object and a large array are found into by their index", "[base]") {
  std::string text = R"({"list": [)";
  for (int i = 0; i < 1000; ++i) text += (i > 0 ? ",[" : "[") + std::to_string(i) + "]";
  text += "]";
  for (int i = 0; i < 1000; ++i) text += ",\"key\\u0020" + std::to_string(i) + "\":{\"v\":" + std::to_string(i) + "}";
  const auto document = parsed(text + "}");
  const Json root = document->root();
  for (int i = 0; i < 1000; i += 37) {
    CHECK(root["list"].at(static_cast<std::size_t>(i)).at(0).integer() == i);
    CHECK(root["list"].at(static_cast<std::size_t>(i)).pointer() == "/list/" + std::to_string(i));
    CHECK(root["key " + std::to_string(i)]["v"].integer() == i);
  }
  CHECK_FALSE(root["key 1000"]);
}

TEST_CASE("A Value taken from a Json keeps the document alive", "[base]") {
  Value value;
  {
    const auto document = parsed(R"({"a": {"b": [1, 2]}})");
    value = document->root()["a"].value();
  }
  CHECK(value.json() == R"({"b": [1, 2]})");
  const auto again = JsonDocument::of(value);
  CHECK(again->root()["b"].at(1).integer() == 2);
  CHECK(again->root().text().data() == value.json().data());
}

TEST_CASE("Json compares as JSON Schema means it", "[base]") {
  const auto same = [](const char* a, const char* b) { return parsed(a)->root() == parsed(b)->root(); };
  CHECK(same("1", "1.0"));
  CHECK(same("[1e2]", "[100]"));
  CHECK(same(R"({"a": 1, "b": [2]})", R"({"b": [2.0], "a": 1})"));
  CHECK(same(R"("\u0041")", R"("A")"));
  CHECK_FALSE(same("9007199254740993", "9007199254740992"));
  CHECK_FALSE(same("18446744073709551615", "18446744073709551614"));
  CHECK_FALSE(same("[1, 2]", "[2, 1]"));
  CHECK_FALSE(same("0", "false"));
  CHECK_FALSE(same("null", "false"));
  CHECK_FALSE(same(R"({"a": 1})", R"({"b": 1})"));
  CHECK_FALSE(same(R"({"a": null})", R"({})"));
  CHECK_FALSE(Json{} == parsed("null")->root());
}
