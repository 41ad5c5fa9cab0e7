#pragma once

#include <string_view>

namespace leeward {

/// True if a string has the format.
using FormatCheck = bool (*)(std::string_view text);

/// The check for a value of JSON Schema's `format`; null for one that is not checked (an unknown format is no mistake).
[[nodiscard]] FormatCheck format_check(std::string_view name);

}  // namespace leeward
