#include "core/base/result.hpp"

#include <memory>
#include <string>

#include <catch2/catch.hpp>

using namespace leeward;

TEST_CASE("An error is shown with what is known of its place", "[base]") {
  CHECK(to_string({"c", "m", {"f.json", "/a/0", 3, 7}}) == "f.json:3:7 /a/0: m");
  CHECK(to_string({"c", "m", {"f.json", "", 3, 0}}) == "f.json:3: m");
  CHECK(to_string({"c", "m", {"", "/a", 3, 7}}) == "line 3:7 /a: m");
  CHECK(to_string({"c", "m", {"f.json", "", 0, 0}}) == "f.json: m");
  CHECK(to_string({"c", "m", {"", "/a", 0, 0}}) == "/a: m");
  CHECK(to_string({"c", "m"}) == "m");
}

TEST_CASE("A Result hands its value or its error on without copying", "[base]") {
  Result<std::unique_ptr<int>> good = std::make_unique<int>(7);
  REQUIRE(good.ok());
  CHECK(*std::move(good).value() == 7);
  Result<std::unique_ptr<int>> bad = Error{"c", "m"};
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == "c");
  CHECK(done().ok());
}
