#include "core/load/schema_place.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace leeward {

namespace {

/// A schema may refer to itself, and branch at every level.
constexpr int kDeepest = 16;
constexpr std::size_t kMostSchemas = 64;

std::string unescaped(std::string_view step) {
  std::string out;
  for (std::size_t i = 0; i < step.size(); ++i) {
    const bool escape = step[i] == '~' && i + 1 < step.size();
    out += escape ? (step[++i] == '1' ? '/' : '~') : step[i];
  }
  return out;
}

Json child(const Json& at, std::string_view step) {
  if (!at.is_array()) return at[unescaped(step)];
  std::size_t index = 0;
  const auto read = std::from_chars(step.data(), step.data() + step.size(), index);
  return read.ec == std::errc{} ? at.at(index) : Json{};
}

/// What the pointer of a `$ref` names in `root`; absent if it leads nowhere.
Json follow(const Json& root, std::string_view reference) {
  if (!reference.starts_with("#")) return {};
  Json at = root;
  reference.remove_prefix(1);
  while (!reference.empty() && at.exists()) {
    const std::size_t end = std::min(reference.find('/', 1), reference.size());
    at = child(at, reference.substr(1, end - 1));
    reference.remove_prefix(end);
  }
  return at;
}

bool is_ruled_out(const Json& value, const Json& type) {
  const std::string_view kind = value.is_string()   ? "string"
                                : value.is_array()  ? "array"
                                : value.is_object() ? "object"
                                                    : "";
  if (kind.empty() || !type.exists()) return false;
  if (type.is_string()) return type.string() != kind;
  return std::none_of(type.begin(), type.end(), [&](const Json& name) { return name.string() == kind; });
}

}  // namespace

SchemaPlace::SchemaPlace(const JsonSchema* schema, const Json& value) {
  if (schema == nullptr) return;
  root_ = schema->document().root();
  add(root_, value, 0);
}

void SchemaPlace::add(const Json& schema, const Json& value, int depth) {
  if (!schema.is_object() || depth == kDeepest || schemas_.size() == kMostSchemas) return;
  if (const Json reference = schema["$ref"]; reference.is_string()) {
    return add(follow(root_, reference.string()), value, depth + 1);
  }
  if (is_ruled_out(value, schema["type"])) return;
  schemas_.push_back(schema);
  for (const char* branches : {"allOf", "anyOf", "oneOf"}) {
    for (const Json& branch : schema[branches]) add(branch, value, depth + 1);
  }
  for (const char* branch : {"then", "else"}) add(schema[branch], value, depth + 1);
}

SchemaPlace SchemaPlace::of_member(std::string_view key, const Json& value) const {
  SchemaPlace member;
  member.root_ = root_;
  for (const Json& schema : schemas_) {
    const Json property = schema["properties"][key];
    member.add(property.exists() ? property : schema["additionalProperties"], value, 0);
  }
  return member;
}

SchemaPlace SchemaPlace::of_element(const Json& value) const {
  SchemaPlace element;
  element.root_ = root_;
  for (const Json& schema : schemas_) element.add(schema["items"], value, 0);
  return element;
}

Json SchemaPlace::operator[](std::string_view keyword) const {
  for (const Json& schema : schemas_) {
    if (const Json found = schema[keyword]; found.exists()) return found;
  }
  return {};
}

std::vector<std::string_view> SchemaPlace::properties() const {
  std::vector<std::string_view> names;
  for (const Json& schema : schemas_) {
    for (const Json& property : schema["properties"]) {
      if (std::find(names.begin(), names.end(), property.key()) == names.end()) names.push_back(property.key());
    }
  }
  return names;
}

}  // namespace leeward
