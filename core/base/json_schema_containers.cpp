#include <algorithm>
#include <numeric>

#include "core/base/json_schema_validator.hpp"
#include "core/base/suggestion.hpp"

// How SchemaValidator checks arrays and objects.

namespace leeward {
namespace {

std::string limit_message(const char* word, const Json& limit, const std::string& noun, std::size_t found) {
  return std::string("expected at ") + word + " " + count_in_words(static_cast<std::size_t>(limit.number()), noun) +
         ", found " + std::to_string(found);
}

}  // namespace

Verdict SchemaValidator::array(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  Verdict verdict = Verdict::yes;
  const auto size = static_cast<double>(value.size());
  if (node.min_items && size < node.min_items.number()) {
    verdict = wrong(out, "minItems", value, limit_message("least", node.min_items, "element", value.size()));
  }
  if (node.max_items && size > node.max_items.number()) {
    verdict = wrong(out, "maxItems", value, limit_message("most", node.max_items, "element", value.size()));
  }
  if (enough(verdict, out)) return verdict;
  verdict = std::min(verdict, elements(node, value, out));
  if (enough(verdict, out)) return verdict;
  if (node.contains != kNoSchema) verdict = std::min(verdict, contains(node, value, out));
  if (node.unique_items) verdict = std::min(verdict, unique(value, out));
  return verdict;
}

/// `items` and `additionalItems`
Verdict SchemaValidator::elements(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  if (!node.tuple && node.items == kNoSchema) return Verdict::yes;
  Verdict verdict = Verdict::yes;
  std::size_t position = 0;
  for (const Json& element : value) {
    SchemaId id = node.items;
    if (node.tuple) id = position < node.tuple->size() ? (*node.tuple)[position] : node.additional_items;
    const bool beyond = node.tuple && position >= node.tuple->size();
    ++position;
    if (id == kNoSchema) continue;
    if (beyond && node_of(id).always == SchemaNode::Always::invalid) {
      return wrong(out, "additionalItems", element,
                   "expected " + count_in_words(node.tuple->size(), "element") + " at most, found " +
                       std::to_string(value.size()));
    }
    verdict = std::min(verdict, check(id, element, out));
    if (enough(verdict, out)) break;
  }
  return verdict;
}

Verdict SchemaValidator::contains(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  Verdict best = Verdict::no;
  for (const Json& element : value) best = std::max(best, check(node.contains, element, nullptr));
  if (best != Verdict::no) return best;
  const std::string what = wanted(node.contains);
  return wrong(out, "contains", value,
               what.empty() ? "none of the elements is what at least one must be"
                            : "expected at least one element that is " + what);
}

Verdict SchemaValidator::unique(const Json& value, SchemaMistakes* out) {
  struct Item {
    std::size_t hash, position;
    Json at;
  };
  std::vector<Item> items;
  Verdict verdict = Verdict::yes;
  std::size_t position = 0;
  for (const Json& element : value) {
    if (holds_undecided(element)) {
      verdict = Verdict::maybe;
    } else {
      items.push_back({json_hash(element), position, element});
    }
    ++position;
  }
  std::sort(items.begin(), items.end(),
            [](const Item& a, const Item& b) { return std::tie(a.hash, a.position) < std::tie(b.hash, b.position); });
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t j = i; j-- > 0 && items[j].hash == items[i].hash;) {
      if (too_much()) return verdict;
      if (!(items[i].at == items[j].at)) continue;
      verdict = wrong(out, "uniqueItems", items[i].at,
                      "the elements " + std::to_string(items[j].position) + " and " +
                          std::to_string(items[i].position) + " are equal; no two may be");
      if (out == nullptr) return verdict;
      break;
    }
  }
  return verdict;
}

Verdict SchemaValidator::object(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  Verdict verdict = Verdict::yes;
  const auto size = static_cast<double>(value.size());
  if (node.min_properties && size < node.min_properties.number()) {
    verdict = wrong(out, "minProperties", value, limit_message("least", node.min_properties, "member", value.size()));
  }
  if (node.max_properties && size > node.max_properties.number()) {
    verdict = wrong(out, "maxProperties", value, limit_message("most", node.max_properties, "member", value.size()));
  }
  std::vector<std::string> guessed;
  if (!enough(verdict, out)) verdict = std::min(verdict, members(node, value, guessed, out));
  if (!enough(verdict, out)) verdict = std::min(verdict, required(node, value, guessed, out));
  if (!enough(verdict, out)) verdict = std::min(verdict, dependencies(node, value, out));
  return verdict;
}

Verdict SchemaValidator::members(const SchemaNode& node, const Json& value, std::vector<std::string>& guessed,
                                 SchemaMistakes* out) {
  const bool none = node.properties.empty() && node.pattern_properties.empty() &&
                    node.additional_properties == kNoSchema && node.property_names == kNoSchema;
  Verdict verdict = Verdict::yes;
  if (none) return verdict;
  for (const Json& each : value) {
    verdict = std::min(verdict, member(node, each, guessed, out));
    if (enough(verdict, out)) break;
  }
  return verdict;
}

Verdict SchemaValidator::member(const SchemaNode& node, const Json& value, std::vector<std::string>& guessed,
                                SchemaMistakes* out) {
  Verdict verdict = Verdict::yes;
  bool known = false;
  const auto apply = [&](SchemaId id) {
    known = true;
    verdict = std::min(verdict, check(id, value, out));
  };
  const std::string_view name = value.key();
  if (node.property_names != kNoSchema) verdict = check(node.property_names, value.key_string(), out);
  if (const auto property = node.properties.find(name); property != node.properties.end()) apply(property->second);
  for (const auto& [pattern, id] : node.pattern_properties) {
    if (pattern.search(name)) apply(id);
  }
  if (known || node.additional_properties == kNoSchema) return verdict;
  if (node_of(node.additional_properties).always != SchemaNode::Always::invalid) {
    apply(node.additional_properties);
    return verdict;
  }
  if (out == nullptr) return Verdict::no;
  std::vector<std::string> names;
  for (const Json& property : node.at["properties"]) names.emplace_back(property.key());
  const std::string guess = nearest(name, names);
  guessed.push_back(guess);
  const std::string hint = guess.empty() ? "" : "; did you mean \"" + guess + "\"?";
  return wrong(out, "additionalProperties", value, "unknown property " + json_excerpt(name) + hint, true);
}

Verdict SchemaValidator::required(const SchemaNode& node, const Json& value, const std::vector<std::string>& guessed,
                                  SchemaMistakes* out) {
  Verdict verdict = Verdict::yes;
  for (const std::string_view name : node.required) {
    if (value[name]) continue;
    verdict = Verdict::no;
    if (out == nullptr) break;
    // It is there under a misspelt name, which was told already.
    if (std::find(guessed.begin(), guessed.end(), name) != guessed.end()) continue;
    wrong(out, "required", value, "the property " + json_excerpt(name) + " is missing");
  }
  return verdict;
}

Verdict SchemaValidator::dependencies(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  Verdict verdict = Verdict::yes;
  for (const SchemaDependency& dependency : node.dependencies) {
    if (!value[dependency.property]) continue;
    for (const std::string_view name : dependency.required) {
      if (value[name]) continue;
      verdict =
          wrong(out, "dependencies", value,
                "the property " + json_excerpt(dependency.property) + " requires " + json_excerpt(name) + " as well");
    }
    if (dependency.schema != kNoSchema) verdict = std::min(verdict, check(dependency.schema, value, out));
    if (enough(verdict, out)) break;
  }
  return verdict;
}

}  // namespace leeward
