#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/json.hpp"

namespace leeward {

/// A compiled JSON Schema, draft-07. Immutable, thread-safe. Keeps the schema's document alive.
///
/// Our own, because what Debian ships drags in Qt, takes half a minute a file and aborts on a bad `$ref`. Checked with
/// Debian's json-schema-test-suite. Patterns are RE2, so that no pattern can stall the host. `$ref` reaches inside the
/// schema and to the draft-07 metaschema, never to the network.
class JsonSchema {
 public:
  /// An Error that names the place in the schema if it is no draft-07 schema, has a `$ref` that leads nowhere, or a
  /// pattern that RE2 refuses. Code schema.invalid.
  [[nodiscard]] static Result<std::shared_ptr<const JsonSchema>> compile(std::shared_ptr<const JsonDocument> schema);

  /// True for a value whose final form is not known yet (a template): it satisfies everything.
  using Undecided = std::function<bool(const Json&)>;

  /// Appends one Error for each mistake, with the instance's position, what was expected, and the nearest guess for an
  /// unknown property or enum member. A fault is told once, not again by each enclosing keyword. Codes:
  /// schema.<keyword>.
  void validate(const Json& instance, Errors& errors, const Undecided& undecided = {}) const;

  /// The schema's own text.
  [[nodiscard]] const JsonDocument& document() const noexcept;

  JsonSchema(const JsonSchema&) = delete;
  JsonSchema& operator=(const JsonSchema&) = delete;
  ~JsonSchema();

  struct Impl;  // json_schema_node.hpp, private to core/base

 private:
  explicit JsonSchema(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace leeward
