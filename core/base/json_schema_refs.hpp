#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/json.hpp"

namespace leeward {

/// Finds what a `$ref` means. Private to core/base/json_schema_*.cpp.
///
/// A schema document is walked once; each `$id` in it opens a base for the references below it, and names a place.
/// Nothing is ever fetched: besides the document only the draft-07 metaschema is known.
class SchemaRefs {
 public:
  explicit SchemaRefs(const Json& root) { walk(root, ""); }

  /// The schema that `reference` means where `schema`, the schema it stands in, is; absent if there is none.
  [[nodiscard]] Json resolve(const Json& schema, std::string_view reference);

  /// True if the place was walked as a schema; a reference may also lead into what no keyword names as one.
  [[nodiscard]] bool knows(const Json& schema) const { return bases_.contains(schema.text().data()); }

 private:
  void walk(const Json& root, const std::string& base);
  std::string enter(const Json& schema, std::string base);
  Json resource(const std::string& uri);

  std::map<std::string, Json> places_;                  ///< by URI, without an empty fragment
  std::unordered_map<const char*, std::string> bases_;  ///< of every schema walked, by where its text begins
};

}  // namespace leeward
