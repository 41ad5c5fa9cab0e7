#pragma once

#include <string_view>

namespace leeward::test {

/// Whether the text has this part somewhere.
[[nodiscard]] inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace leeward::test
