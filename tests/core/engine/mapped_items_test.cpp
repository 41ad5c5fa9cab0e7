#include "core/engine/mapped_items.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "core/load/template_parser.hpp"
#include "tests/support/object_scope.hpp"

using namespace leeward;
using leeward::test::ObjectScope;

namespace {

/// What the placeholder yields.
ItemSource from(std::string_view placeholder) {
  ItemSource source;
  source.value.slots.push_back({"", parse_template(placeholder).value(), {}});
  return source;
}

ItemSource together(ItemSource::Kind kind, std::vector<ItemSource> parts, std::optional<Value> fill = {}) {
  return {kind, {}, std::move(parts), std::move(fill)};
}

Mapping mapping_over(std::vector<ItemSource> sources, std::uint32_t max_length = Mapping::kMaxInstances) {
  Mapping mapping;
  for (ItemSource& source : sources) mapping.keys.push_back({"k" + std::to_string(mapping.keys.size()), source});
  mapping.max_length = max_length;
  return mapping;
}

/// How many instances, or why not.
std::string told(const Mapping& mapping, const Scope& scope) {
  const auto items = MappedItems::render(mapping, scope);
  return items ? std::to_string((*items)->size()) : items.error().code + ": " + items.error().message;
}

using Kind = ItemSource::Kind;

const std::string kTooLong =
    "expand.too_large: expand \"k0\": the lists to map over, or what is put together of them, come to more than 16 MiB";

}  // namespace

TEST_CASE("A mapping may have as many instances as its limit, whatever its list is made of", "[engine]") {
  const ObjectScope scope{R"({"three": [1, 2, 3], "two": {"a": 1, "b": 2}})"};
  const auto limited = [&](ItemSource source, std::uint32_t limit) {
    return told(mapping_over({std::move(source)}, limit), scope);
  };
  const auto too_many = [](const std::string& instances, int limit) {
    return "expand.too_large: expand \"k0\": " + instances + " instances are more than the limit of " +
           std::to_string(limit) + " (max_map_length)";
  };
  CHECK(limited(from("{three}"), 3) == "3");
  CHECK(limited(from("{three}"), 2) == too_many("3", 2));
  CHECK(limited(from("{two}"), 1) == too_many("2", 1));
  const ItemSource five = together(Kind::concat, {from("{three}"), from("{two}")});
  CHECK(limited(five, 5) == "5");
  CHECK(limited(five, 4) == too_many("5 or more", 4));
  const ItemSource zip = together(Kind::zip, {from("{three}"), from("{two}")});
  CHECK(limited(zip, 2) == "2");
  CHECK(limited(zip, 1) == too_many("2", 1));
  const ItemSource filled = together(Kind::zip, {from("{three}"), from("{two}")}, Value{});
  CHECK(limited(filled, 3) == "3");
  CHECK(limited(filled, 2) == too_many("3", 2));
}

TEST_CASE("The instances of a product are limited, and not the lists one by one", "[engine]") {
  const ObjectScope scope{R"({"three": [1, 2, 3]})"};
  CHECK(told(mapping_over({from("{three}"), from("{three}")}, 9), scope) == "9");
  CHECK(told(mapping_over({from("{three}"), from("{three}")}, 8), scope) ==
        "expand.too_large: expand \"k1\": 9 instances are more than the limit of 8 (max_map_length)");
}

TEST_CASE("A large value that is named many times ends a mapping before it fills the memory", "[engine]") {
  const ObjectScope scope{R"({"list": [)" + json_quote(std::string(1'000'000, 'x')) + "]}"};
  const std::vector<ItemSource> parts(100'000, from("{list}"));
  CHECK(told(mapping_over({together(Kind::concat, {parts.begin(), parts.begin() + 16})}), scope) == "16");
  CHECK(told(mapping_over({together(Kind::concat, parts)}), scope) == kTooLong);
  CHECK(told(mapping_over({together(Kind::zip, parts)}), scope) == kTooLong);
  CHECK(told(mapping_over({together(Kind::concat, {together(Kind::zip, parts)})}), scope) == kTooLong);
  CHECK(told(mapping_over({together(Kind::zip, {from("{list}")})}), scope) == "1");
  CHECK_THAT(told(mapping_over(parts), scope), Catch::Contains("expand \"k16\": the lists to map over"));
}

TEST_CASE("What stands for missing items counts as often as it stands for one", "[engine]") {
  std::string numbers = "0";
  for (int i = 1; i < 1000; ++i) numbers += ",0";
  const ObjectScope scope{R"({"many": [)" + numbers + R"(], "none": []})"};
  const auto filled = [&](std::size_t fill) {
    const Value value{json_quote(std::string(fill, 'x'))};
    return told(mapping_over({together(Kind::zip, {from("{many}"), from("{none}")}, value)}), scope);
  };
  CHECK(filled(1'000) == "1000");
  CHECK(filled(100'000) == kTooLong);
}

TEST_CASE("An object whose pairs become too long to map over is refused", "[engine]") {
  std::string members = R"("k0": 1)";
  for (int i = 1; i < 700'000; ++i) members += ",\"k" + std::to_string(i) + "\": 1";
  CHECK(told(mapping_over({from("{it}")}), ObjectScope{R"({"it": {)" + members + "}}"}) == kTooLong);
}
