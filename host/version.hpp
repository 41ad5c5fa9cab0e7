#pragma once

#include <string_view>

namespace leeward {

/// Of the program, semver.
[[nodiscard]] std::string_view program_version() noexcept;
/// Compiler, build type, ABI: the second line of `leeward version`.
[[nodiscard]] std::string_view build_description() noexcept;

}  // namespace leeward
