#pragma once

#include <cstddef>
#include <string_view>

namespace leeward {

/// Bytes of the well-formed UTF-8 sequence that `text` begins with, 1 to 4; 0 if it begins with none. Overlong forms,
/// surrogates and code points past U+10FFFF are not well-formed.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text) noexcept;

/// True if `text` is well-formed UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// The number of characters (code points) in `text`. REQUIRES: well-formed UTF-8.
[[nodiscard]] std::size_t utf8_characters(std::string_view text) noexcept;

/// The beginning of `text`, `max_bytes` at most, never cut inside a character.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) noexcept;

}  // namespace leeward
