#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/model/template.hpp"

namespace leeward {

/// What a placeholder's value is on its way through the filters: a place in a document that it keeps alive, or the
/// Error that tells why there is nothing there (which `default` mends).
struct FilterValue {
  Json json;
  std::shared_ptr<const JsonDocument> owner;  ///< null: the scope keeps `json` alive
  std::optional<Error> missing;

  [[nodiscard]] static FilterValue of(std::string json_text);
};

/// The fixed list of filters; no plugin adds to it, so that a template means the same everywhere.
struct FilterInfo {
  std::string_view name;
  std::size_t min_arguments;
  std::size_t max_arguments;
  std::string_view usage;  ///< "join(separator)"
};
[[nodiscard]] std::span<const FilterInfo> template_filters() noexcept;
/// Null if there is none.
[[nodiscard]] const FilterInfo* find_filter(std::string_view name) noexcept;

/// REQUIRES: the filter exists and has as many arguments as it takes. Codes template.type, template.too_large. Where
/// there is nothing to give (the first of an empty list, the number in "abc") the value is `missing`.
[[nodiscard]] Result<FilterValue> apply_filter(const Placeholder::Filter& filter, const FilterValue& value);

/// Without the blanks of the text it came from.
[[nodiscard]] std::string compact_json(const Json& value);

/// A value as it stands in a text: a string as it is, anything else as compact JSON.
[[nodiscard]] std::string text_of(const Json& value);

/// The first `count` characters of a text, or all of it.
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t count) noexcept;

}  // namespace leeward
