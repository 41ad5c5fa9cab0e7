#include "tests/simulation/mapped_lists.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/base/json.hpp"

namespace leeward::test {
namespace {

using Texts = std::vector<std::string>;

std::string list_of(const Texts& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ",") + text;
  return "[" + list + "]";
}

/// The elements of a list, or an object's members as {"key", "value"}; nothing of anything else.
std::optional<Texts> elements_of(const std::string& json) {
  const auto document = JsonDocument::of(Value{json});
  if (!document->root().is_array() && !document->root().is_object()) return std::nullopt;
  Texts elements;
  for (const Json& element : document->root()) {
    const std::string text{element.text()};
    const bool is_member = document->root().is_object();
    elements.push_back(is_member ? R"({"key":)" + json_quote(element.key()) + R"(,"value":)" + text + "}" : text);
  }
  return elements;
}

std::optional<Texts> elements_of(const ItemSource& source, const NameLookup& names) {
  if (source.kind == ItemSource::Kind::value) {
    const auto json = filled_in(source.value, names);
    return json ? elements_of(*json) : std::nullopt;
  }
  std::vector<Texts> parts;
  for (const ItemSource& part : source.parts) {
    auto elements = elements_of(part, names);
    if (!elements) return std::nullopt;
    parts.push_back(*std::move(elements));
  }
  Texts all;
  if (source.kind == ItemSource::Kind::concat) {
    for (const Texts& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  }
  const auto shorter = [](const Texts& a, const Texts& b) { return a.size() < b.size(); };
  const std::size_t shortest = std::min_element(parts.begin(), parts.end(), shorter)->size();
  const std::size_t longest = std::max_element(parts.begin(), parts.end(), shorter)->size();
  for (std::size_t i = 0; i < (source.fill ? longest : shortest); ++i) {
    Texts row;
    for (const Texts& part : parts) row.push_back(i < part.size() ? part[i] : std::string{source.fill->json()});
    all.push_back(list_of(row));
  }
  return all;
}

}  // namespace

std::optional<std::string> filled_in(const ValueTemplate& text, const NameLookup& names) {
  std::string json;
  for (const ValueTemplate::Slot& slot : text.slots) {
    const Placeholder* hole = slot.value.single();
    LW_ASSERT(hole != nullptr && hole->path.empty() && hole->filters.empty(), "the simulation writes plain names only");
    const auto value = names(hole->name);
    if (!value) return std::nullopt;
    json += slot.json_before + *value;
  }
  return json + text.json_after;
}

std::optional<std::vector<Item>> items_of(const Mapping& mapping, bool of_group, const NameLookup& names) {
  std::vector<Item> items;
  if (mapping.kwargs) {
    const auto objects = elements_of(*mapping.kwargs, names);
    if (!objects || objects->size() > mapping.max_length) return std::nullopt;
    for (const std::string& object : *objects) {
      Item& item = items.emplace_back();
      if (!of_group) item.kwargs = object;
      if (!of_group) continue;
      const auto document = JsonDocument::of(Value{object});
      for (const Json& member : document->root()) item.named[std::string{member.key()}] = member.text();
    }
    return items;
  }
  items.emplace_back();
  for (const Mapping::Key& key : mapping.keys) {
    const auto elements = elements_of(key.items, names);
    if (!elements) return std::nullopt;
    std::vector<Item> product;
    for (const Item& item : items) {
      for (const std::string& element : *elements) {
        product.push_back(item);
        product.back().named[key.name] = element;
      }
    }
    items = std::move(product);
    if (items.size() > mapping.max_length) return std::nullopt;
  }
  return items;
}

std::optional<std::string> member_of(const std::string& object, const std::optional<std::string>& over,
                                     const std::string& name) {
  for (const std::string& text : {over.value_or("{}"), object}) {
    const auto document = JsonDocument::of(Value{text});
    if (const Json member = document->root()[name]) return std::string{member.text()};
  }
  return std::nullopt;
}

}  // namespace leeward::test
