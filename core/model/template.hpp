#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/json.hpp"

namespace leeward {

/// What one template may come to, so that no repeated value fills the memory.
inline constexpr std::size_t kMaxRenderedBytes = 16u << 20;

/// What names mean where a template is rendered. The views it returns live as long as the scope.
class Scope {
 public:
  virtual ~Scope() = default;
  /// Absent if there is no such name.
  [[nodiscard]] virtual Json find(std::string_view name) const = 0;
  /// For "did you mean".
  [[nodiscard]] virtual std::vector<std::string> names() const = 0;
};

/// `{items[0].title|truncate(200)}`, taken apart.
struct Placeholder {
  using Step = std::variant<std::string, std::int64_t>;  ///< .field or [field]; [index]
  struct Filter {
    std::string name;
    std::vector<Value> arguments;  ///< JSON scalars
  };
  std::string name;
  std::vector<Step> path;
  std::vector<Filter> filters;
  std::string format;  ///< after ':', as in Python; empty: none
  std::string source;  ///< as written, braces included
};

/// Text with placeholders, compiled once. Rendering is one pass: what a value contains is never rendered again, and
/// nothing is ever evaluated. Immutable, thread-safe.
struct Template {
  using Piece = std::variant<std::string, Placeholder>;
  std::vector<Piece> pieces;

  /// The value itself, not its text, is what a template of exactly one placeholder yields.
  [[nodiscard]] const Placeholder* single() const noexcept;
  [[nodiscard]] bool is_literal() const noexcept;  ///< no placeholder at all

  /// A JSON text: the value of a single placeholder, else a string. Code template.missing (names the path, what was
  /// there, and the nearest name), template.type (a filter was given what it cannot take), template.format,
  /// template.too_large (more than kMaxRenderedBytes).
  [[nodiscard]] Result<Value> render(const Scope& scope) const;
};

/// A JSON value in which some strings are templates: stretches of JSON text, and templates between them.
struct ValueTemplate {
  struct Slot {
    std::string json_before;  ///< copied as it is
    Template value;           ///< rendered to a JSON text
    Json source;              ///< the string in the spec, for errors; may be absent
  };
  std::vector<Slot> slots;
  std::string json_after;
  std::shared_ptr<const JsonDocument> spec;  ///< keeps the slots' sources alive; null if they are absent

  /// One JSON text, within the limits of a Template's and no deeper than JSON may be. An Error of a slot comes with the
  /// slot's place.
  [[nodiscard]] Result<Value> render(const Scope& scope) const;
};

}  // namespace leeward
