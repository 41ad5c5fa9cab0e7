#include <algorithm>
#include <unordered_set>

#include "core/base/utf8.hpp"
#include "core/model/filter_functions.hpp"

// Filters that look at the items of a list, or at the members of an object.

namespace leeward {
namespace {

FilterValue list_of(const std::vector<Json>& items) {
  JsonWriter out;
  out.begin_array();
  for (const Json& item : items) out.raw(item.text());
  return FilterValue::of(out.end_array().take());
}

/// Why these two have no order.
Error no_order(const FilterCall& call, const Json& a, const Json& b) {
  return {"template.type", "the filter \"" + std::string{call.name} + "\" compares numbers, or texts, and here are " +
                               std::string{to_string(a.kind())} + " and " + std::string{to_string(b.kind())}};
}

/// The items, or with a `field` that member of each; all of one kind that has an order, or the error.
Result<std::vector<Json>> comparable(const FilterCall& call, const std::string& field) {
  if (!call.json().is_array()) return call.wrong_type("a list");
  std::vector<Json> keys;
  for (const Json& item : call.json()) {
    const Json key = field.empty() ? item : item[field];
    if (!key) return call.wrong_argument("every item to have a field \"" + field + "\"");
    keys.push_back(key);
    if (!json_order(keys.front(), key)) return no_order(call, keys.front(), key);
  }
  return keys;
}

/// The item that goes before all others; the first of equals.
Result<FilterValue> extreme(const FilterCall& call, int sign) {
  const auto items = comparable(call, "");
  if (!items) return items.error();
  if (items->empty()) return FilterCall::nothing("an empty list has no " + std::string{call.name});
  const auto found = std::min_element(
      items->begin(), items->end(), [&](const Json& a, const Json& b) { return json_order(a, b).value() * sign < 0; });
  return part_of(call.value, *found);
}

struct JsonHash {
  std::size_t operator()(const Json& value) const { return json_hash(value); }
};

}  // namespace

Result<FilterValue> filter_join(const FilterCall& call) {
  if (!call.json().is_array()) return call.wrong_type("a list");
  const std::string separator = call.text(0, "");
  std::string out;
  bool first = true;
  for (const Json& element : call.json()) {
    if (!first) out += separator;
    first = false;
    out += text_of(element);
    if (out.size() > kMaxRenderedBytes) return call.too_large();
  }
  return text_value(out);
}

Result<FilterValue> filter_length(const FilterCall& call) {
  const Json& value = call.json();
  if (value.is_string()) return FilterValue::of(std::to_string(utf8_characters(value.string())));
  if (value.is_array() || value.is_object()) return FilterValue::of(std::to_string(value.size()));
  return call.wrong_type("a text, a list or an object");
}

Result<FilterValue> filter_first(const FilterCall& call) {
  if (!call.json().is_array()) return call.wrong_type("a list");
  if (call.json().size() == 0) return FilterCall::nothing("an empty list has no first element");
  return part_of(call.value, call.json().at(0));
}

Result<FilterValue> filter_last(const FilterCall& call) {
  if (!call.json().is_array()) return call.wrong_type("a list");
  if (call.json().size() == 0) return FilterCall::nothing("an empty list has no last element");
  return part_of(call.value, call.json().at(call.json().size() - 1));
}

Result<FilterValue> filter_keys(const FilterCall& call) {
  if (!call.json().is_object()) return call.wrong_type("an object");
  JsonWriter out;
  out.begin_array();
  for (const Json& member : call.json()) out.string(member.key());
  return FilterValue::of(out.end_array().take());
}

Result<FilterValue> filter_values(const FilterCall& call) {
  if (!call.json().is_object()) return call.wrong_type("an object");
  return list_of({call.json().begin(), call.json().end()});
}

Result<FilterValue> filter_min(const FilterCall& call) { return extreme(call, 1); }

Result<FilterValue> filter_max(const FilterCall& call) { return extreme(call, -1); }

Result<FilterValue> filter_pluck(const FilterCall& call) {
  if (!call.json().is_array()) return call.wrong_type("a list");
  const std::string field = call.text(0, "");
  std::vector<Json> found;
  std::size_t index = 0;
  for (const Json& item : call.json()) {
    const Json member = item[field];
    if (!member) return FilterCall::nothing("item " + std::to_string(index) + " has no field \"" + field + "\"");
    found.push_back(member);
    ++index;
  }
  return list_of(found);
}

Result<FilterValue> filter_reverse(const FilterCall& call) {
  if (!call.json().is_array()) return call.wrong_type("a list");
  std::vector<Json> items{call.json().begin(), call.json().end()};
  std::reverse(items.begin(), items.end());
  return list_of(items);
}

Result<FilterValue> filter_sort(const FilterCall& call) {
  const auto keys = comparable(call, call.text(0, ""));
  if (!keys) return keys.error();
  std::vector<std::size_t> order(keys->size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return json_order((*keys)[a], (*keys)[b]).value() < 0; });
  std::vector<Json> items;
  items.reserve(order.size());
  for (const std::size_t i : order) items.push_back(call.json().at(i));
  return list_of(items);
}

Result<FilterValue> filter_unique(const FilterCall& call) {
  if (!call.json().is_array()) return call.wrong_type("a list");
  std::unordered_set<Json, JsonHash> seen;
  std::vector<Json> items;
  for (const Json& item : call.json()) {
    if (seen.insert(item).second) items.push_back(item);
  }
  return list_of(items);
}

}  // namespace leeward
