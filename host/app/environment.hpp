#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace leeward {

/// The environment as a value: handed in by main(), made up by tests.
using Environment = std::map<std::string, std::string>;

/// Nothing if the variable is unset or empty.
[[nodiscard]] inline std::optional<std::string> lookup(const Environment& environment, std::string_view name) {
  const auto at = environment.find(std::string{name});
  if (at == environment.end() || at->second.empty()) return std::nullopt;
  return at->second;
}

}  // namespace leeward
