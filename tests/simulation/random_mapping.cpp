#include "tests/simulation/random_mapping.hpp"

#include <utility>

namespace leeward::test {
namespace {

std::string numbers(Dice& dice, std::uint32_t count) {
  std::string list;
  for (std::uint32_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + std::to_string(dice.below(100));
  return "[" + list + "]";
}

ItemSource literal(std::string json) {
  ItemSource source;
  source.value.json_after = std::move(json);
  return source;
}

ItemSource random_object(Dice& dice) {
  std::string members;
  for (std::uint32_t i = 0, count = dice.below(4); i < count; ++i) {
    members += (i == 0 ? "\"" : ",\"") + std::string(1, static_cast<char>('p' + i)) + "\":" + numbers(dice, i);
  }
  return literal("{" + members + "}");
}

ItemSource random_parts(Dice& dice, ItemSource::Kind kind) {
  ItemSource source;
  source.kind = kind;
  for (std::uint32_t i = 0, count = 1 + dice.below(2); i <= count; ++i) {
    source.parts.push_back(literal(numbers(dice, dice.below(3))));
  }
  if (kind == ItemSource::Kind::zip && dice.one_in(2)) source.fill = Value{std::string{"null"}};
  return source;
}

ItemSource published(const PublishedList& list) {
  ItemSource source;
  source.value = TemplateText{}.hole(list.name).done();
  return source;
}

ItemSource random_objects(Dice& dice, bool of_group) {
  std::string list;
  for (std::uint32_t i = 0, count = dice.below(4); i < count; ++i) {
    list += (i == 0 ? "" : ",");
    const std::string name = of_group ? "a" : dice.one_in(3) ? "more" : "give";
    list += "{" + json_quote(name) + ":" + numbers(dice, i) + "}";
  }
  return literal("[" + list + "]");
}

ItemSource random_source(Dice& dice) {
  switch (dice.below(6)) {
    case 0: return random_object(dice);
    case 1: return random_parts(dice, ItemSource::Kind::zip);
    case 2: return random_parts(dice, ItemSource::Kind::concat);
    default: return literal(numbers(dice, dice.below(5)));
  }
}

}  // namespace

TemplateText& TemplateText::hole(const std::string& name) {
  Placeholder placeholder;
  placeholder.name = name;
  placeholder.source = "{" + name + "}";
  result_.slots.push_back({std::exchange(pending_, {}), Template{{std::move(placeholder)}}, {}});
  return *this;
}

ValueTemplate TemplateText::done() {
  result_.json_after = std::exchange(pending_, {});
  return std::move(result_);
}

std::shared_ptr<const Mapping> random_mapping(Dice& dice, const std::vector<PublishedList>& lists, bool of_group) {
  auto mapping = std::make_shared<Mapping>();
  if (!lists.empty() && dice.one_in(2)) {
    const PublishedList& list = dice.pick(lists);
    mapping->keys.push_back({"a", published(list)});
    mapping->reads.push_back({list.name, {list.producer}});
    if (dice.one_in(6)) mapping->max_length = 2;
  } else if (dice.one_in(6)) {
    mapping->kwargs = random_objects(dice, of_group);
    return mapping;
  } else {
    mapping->keys.push_back({"a", random_source(dice)});
  }
  if (dice.one_in(4)) mapping->keys.push_back({"b", literal(numbers(dice, dice.below(3)))});
  return mapping;
}

}  // namespace leeward::test
