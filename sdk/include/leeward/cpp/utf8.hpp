/// UTF-8, as far as operators meet it: pieces of streams that end inside a character, and bytes that are no text at
/// all.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <leeward/cpp/host.hpp>

LW_SDK_BEGIN

namespace detail {

/// The length of the well-formed character that `text` starts with, 0 if there is none. REQUIRES: text is not empty.
inline std::size_t character_length(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : (lead & 0xF0) == 0xE0        ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(i) & 0xC0) != 0x80) return 0;
  const unsigned second = at(1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool no_character = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || no_character ? 0 : length;
}

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

}  // namespace detail

/// Appends one code point; a surrogate, or a number that is none, becomes U+FFFD.
inline void append_code_point(std::string& out, unsigned code) {
  const auto byte = [&](unsigned value) { out += static_cast<char>(value); };
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
    out += detail::kReplacement;
  } else if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6)), byte(0x80 | (code & 63));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12)), byte(0x80 | ((code >> 6) & 63)), byte(0x80 | (code & 63));
  } else {
    byte(0xF0 | (code >> 18)), byte(0x80 | ((code >> 12) & 63));
    byte(0x80 | ((code >> 6) & 63)), byte(0x80 | (code & 63));
  }
}

/// The longest beginning of `text` that does not end inside a character. What is cut off, three bytes at most, belongs
/// in front of the next piece of the stream.
inline std::string_view whole_characters(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const unsigned lead = static_cast<unsigned char>(text[text.size() - back]);
    if ((lead & 0xC0) == 0x80) continue;  // inside a character: look further back for where it starts
    const std::size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return wanted > back ? text.substr(0, text.size() - back) : text;
  }
  return text;
}

/// `text` with U+FFFD for every byte that belongs to no character.
inline std::string well_formed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = detail::character_length(text);
    out += length ? text.substr(0, length) : detail::kReplacement;
    text.remove_prefix(length ? length : 1);
  }
  return out;
}

LW_SDK_END
