#pragma once

#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/json_schema.hpp"

namespace leeward {

/// All that an operator's schema says of one value, for who looks for annotations ("x-template" and its like): the
/// schema at the value's place, what its `$ref` names, and the branches of its allOf, anyOf, oneOf, then and else. A
/// branch whose `type` is not the value's is left out. Valid while the schema and the value live.
class SchemaPlace {
 public:
  SchemaPlace() = default;
  /// Of the whole value. `schema` may be null: nothing is said. `value` may be absent: then no branch is left out.
  SchemaPlace(const JsonSchema* schema, const Json& value);

  [[nodiscard]] SchemaPlace of_member(std::string_view key, const Json& value) const;
  [[nodiscard]] SchemaPlace of_element(const Json& value) const;

  /// What stands under the keyword, in the first of the schemas that has it; else absent.
  [[nodiscard]] Json operator[](std::string_view keyword) const;
  /// The names under `properties`, each once.
  [[nodiscard]] std::vector<std::string_view> properties() const;

 private:
  void add(const Json& schema, const Json& value, int depth);

  Json root_;  ///< where references start from
  std::vector<Json> schemas_;
};

}  // namespace leeward
