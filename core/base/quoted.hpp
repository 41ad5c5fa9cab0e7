#pragma once

#include <string>
#include <string_view>

namespace leeward {

/// A name as messages show it: "name".
[[nodiscard]] inline std::string quoted(std::string_view name) { return "\"" + std::string{name} + "\""; }

}  // namespace leeward
