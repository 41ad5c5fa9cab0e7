#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.hpp"

namespace leeward {

/// Python's format specification for numbers and strings: [[fill]align][sign][#][0][width][grouping][.precision][type].
struct FormatSpec {
  std::string fill = " ";  ///< one character
  char align = 0;          ///< < > ^ =, or 0: by kind of value
  char sign = '-';         ///< + - or a blank
  bool alternate = false;
  int width = 0;
  char grouping = 0;  ///< , or _, or 0
  int precision = -1;
  char type = 0;  ///< s d b o x X e E f F g G %, or 0

  /// Nothing if `text` is no specification, or asks for more than 10,000 characters or 1,000 decimals.
  [[nodiscard]] static std::optional<FormatSpec> parse(std::string_view text);

  /// Code template.format, when the value cannot be written so.
  [[nodiscard]] Result<std::string> apply(const Json& value) const;
};

}  // namespace leeward
