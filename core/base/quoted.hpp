#pragma once

#include <string>
#include <string_view>

namespace leeward {

/// A name as messages show it: "name".
// Two overloads, so that neither is a worse match than std::quoted, which an argument of type std::string brings into
// view.
[[nodiscard]] inline std::string quoted(std::string_view name) { return "\"" + std::string{name} + "\""; }
[[nodiscard]] inline std::string quoted(const std::string& name) { return "\"" + name + "\""; }

}  // namespace leeward
