#define LW_WITH_NLOHMANN
#include <catch2/catch.hpp>
#include <leeward/cpp/json_value.hpp>

using namespace leeward::sdk;

TEST_CASE("With nlohmann, its values and whatever it converts can be read and written", "[sdk]") {
  CHECK(read_json<nlohmann::json>(R"({"a": [1]})").at("a").at(0) == 1);
  CHECK(write_json(nlohmann::json{{"a", 1}}) == R"({"a":1})");
  CHECK(read_json<std::pair<int, std::string>>(R"([1, "x"])").second == "x");
  CHECK(read_json<std::vector<nlohmann::json>>("[1, {}]").size() == 2);
}

TEST_CASE("With nlohmann, a stranger's text cannot hurt", "[sdk]") {
  CHECK_THROWS_AS(parse_json(std::string(200000, '[')), Error);
  CHECK_THROWS_WITH(parse_json(std::string(257, '[') + std::string(257, ']')),
                    Catch::StartsWith("expected at most 256"));
  CHECK_NOTHROW(parse_json(std::string(256, '[') + std::string(256, ']')));
  CHECK_NOTHROW(parse_json("\"" + std::string(1000, '[') + "\""));
  CHECK_THROWS_AS(parse_json("{"), Error);
  CHECK_THROWS_AS(read_json<nlohmann::json>("\"\xFF\""), Error);
  CHECK_THROWS_AS((read_json<std::pair<int, int>>(R"(["a", "b"])")), Error);
  CHECK(write_json(nlohmann::json("\xFF")) == "\"\uFFFD\"");
}
