#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/json_schema.hpp"
#include "core/base/json_schema_format.hpp"
#include "core/base/regex.hpp"

// Private to core/base/json_schema_*.cpp: a schema in the form that is quick to check with. Every subschema that can be
// reached is one SchemaNode; they name each other by number, since a schema may refer to itself.

namespace leeward {

using SchemaId = std::uint32_t;
inline constexpr SchemaId kNoSchema = UINT32_MAX;

/// What `dependencies` asks for once a property is there: other properties, or a schema.
struct SchemaDependency {
  std::string_view property;
  std::vector<std::string_view> required;
  SchemaId schema = kNoSchema;
};

/// One subschema. A keyword that is not there is an absent Json, an empty list, or kNoSchema.
struct SchemaNode {
  enum class Always : std::uint8_t { neither, valid, invalid };

  Json at;                          ///< where it stands
  Always always = Always::neither;  ///< `true` and `false`
  SchemaId ref = kNoSchema;         ///< if there, nothing else counts

  Json type, enumeration, constant;
  Json multiple_of, maximum, exclusive_maximum, minimum, exclusive_minimum;
  Json max_length, min_length, max_items, min_items, max_properties, min_properties;
  bool unique_items = false;
  Json pattern_text;
  std::optional<Regex> pattern;
  FormatCheck format = nullptr;

  SchemaId items = kNoSchema;                  ///< for every element
  std::optional<std::vector<SchemaId>> tuple;  ///< or one for each
  SchemaId additional_items = kNoSchema, contains = kNoSchema;

  std::vector<std::string_view> required;
  std::unordered_map<std::string_view, SchemaId> properties;
  std::vector<std::pair<Regex, SchemaId>> pattern_properties;
  SchemaId additional_properties = kNoSchema, property_names = kNoSchema;
  std::vector<SchemaDependency> dependencies;

  std::vector<SchemaId> all_of, any_of, one_of;
  SchemaId negated = kNoSchema, condition = kNoSchema, then = kNoSchema, otherwise = kNoSchema;
};

struct JsonSchema::Impl {
  std::shared_ptr<const JsonDocument> document;
  std::deque<SchemaNode> nodes;
  SchemaId root = 0;
};

/// The draft-07 metaschema.
[[nodiscard]] const std::shared_ptr<const JsonDocument>& draft7_metaschema();
inline constexpr std::string_view kDraft7Uri = "http://json-schema.org/draft-07/schema";

/// The subschemas that stand directly in a schema, in the order of the text.
[[nodiscard]] std::vector<Json> direct_subschemas(const Json& schema);

}  // namespace leeward
