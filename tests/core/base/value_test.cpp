#include "core/base/value.hpp"

#include <memory>
#include <string>

#include <catch2/catch.hpp>

using leeward::Value;

TEST_CASE("A Value without content is the JSON text null", "[base]") {
  CHECK(Value{}.json() == "null");
  CHECK(Value{}.is_null());
}

TEST_CASE("A Value keeps its bytes alive for every copy", "[base]") {
  Value copy;
  {
    const Value original{std::string(1000, '1')};
    copy = original;
    CHECK(copy.json().data() == original.json().data());
  }
  CHECK(copy.json() == std::string(1000, '1'));
}

TEST_CASE("A Value can lend bytes that belong to somebody else", "[base]") {
  auto owner = std::make_shared<std::string>("[1]");
  const std::weak_ptr<std::string> watch = owner;
  {
    const Value value{owner, *owner};
    owner.reset();
    CHECK(value.json() == "[1]");
  }
  CHECK(watch.expired());
}
