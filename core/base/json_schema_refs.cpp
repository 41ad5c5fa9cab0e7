#include "core/base/json_schema_refs.hpp"

#include <charconv>
#include <utility>
#include <vector>

#include "core/base/json_schema_node.hpp"
#include "core/base/uri.hpp"

namespace leeward {
namespace {

void add_schema(const Json& place, std::vector<Json>& out) {
  if (place.is_object() || place.is_boolean()) out.push_back(place);
}

/// What a JSON pointer means, from `from` on; absent if nothing.
Json follow(Json from, std::string_view pointer) {
  while (!pointer.empty() && from) {
    pointer.remove_prefix(1);
    const std::string_view step = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(step.size());
    std::string key;
    for (std::size_t i = 0; i < step.size(); ++i) {
      const bool escape = step[i] == '~' && i + 1 < step.size() && (step[i + 1] == '0' || step[i + 1] == '1');
      key += escape ? (step[++i] == '0' ? '~' : '/') : step[i];
    }
    if (from.is_array()) {
      std::size_t index = from.size();
      const auto read = std::from_chars(key.data(), key.data() + key.size(), index);
      from = read.ptr == key.data() + key.size() ? from.at(index) : Json{};
    } else {
      from = from[key];
    }
  }
  return from;
}

std::string without_fragment(const std::string& uri) { return uri.substr(0, uri.find('#')); }

}  // namespace

std::vector<Json> direct_subschemas(const Json& schema) {
  std::vector<Json> out;
  if (!schema.is_object() || schema["$ref"]) return out;  // beside a $ref nothing counts, except what definitions hold
  for (const char* keyword :
       {"additionalItems", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else", "items"}) {
    add_schema(schema[keyword], out);
  }
  for (const char* keyword : {"items", "allOf", "anyOf", "oneOf"}) {
    if (!schema[keyword].is_array()) continue;
    for (const Json& element : schema[keyword]) add_schema(element, out);
  }
  for (const char* keyword : {"properties", "patternProperties", "dependencies"}) {
    if (!schema[keyword].is_object()) continue;
    for (const Json& member : schema[keyword]) add_schema(member, out);
  }
  return out;
}

/// The base below `schema`, and the names it has.
std::string SchemaRefs::enter(const Json& schema, std::string base) {
  const Json id = schema["$id"];
  if (id.is_string() && !schema["$ref"]) {
    const std::string uri = resolve_uri(base, id.string());
    const bool named = uri.find('#') != uri.npos && uri.back() != '#';
    places_.emplace(named ? uri : without_fragment(uri), schema);
    if (!id.string().starts_with('#')) base = without_fragment(uri);
  }
  bases_.emplace(schema.text().data(), base);
  return base;
}

void SchemaRefs::walk(const Json& root, const std::string& base) {
  places_.emplace(base, root);
  std::vector<std::pair<Json, std::string>> open{{root, base}};
  while (!open.empty()) {
    auto [schema, above] = std::move(open.back());
    open.pop_back();
    if (knows(schema)) continue;
    const std::string here = enter(schema, std::move(above));
    for (const Json& below : direct_subschemas(schema)) open.emplace_back(below, here);
    if (!schema["definitions"].is_object()) continue;
    for (const Json& definition : schema["definitions"]) {
      if (definition.is_object() || definition.is_boolean()) open.emplace_back(definition, here);
    }
  }
}

Json SchemaRefs::resource(const std::string& uri) {
  if (const auto found = places_.find(uri); found != places_.end()) return found->second;
  if (uri != kDraft7Uri) return {};
  walk(draft7_metaschema()->root(), std::string(kDraft7Uri));
  return draft7_metaschema()->root();
}

Json SchemaRefs::resolve(const Json& schema, std::string_view reference) {
  const auto base = bases_.find(schema.text().data());
  const std::string uri = resolve_uri(base == bases_.end() ? "" : base->second, reference);
  const Json document = resource(without_fragment(uri));
  if (!document) return {};
  const std::string fragment = percent_decoded(uri.find('#') == uri.npos ? "" : uri.substr(uri.find('#') + 1));
  if (fragment.empty()) return document;
  if (fragment[0] != '/') return resource(without_fragment(uri) + "#" + fragment);
  const Json target = follow(document, fragment);
  if (target && !knows(target)) walk(target, without_fragment(uri));
  return target;
}

}  // namespace leeward
