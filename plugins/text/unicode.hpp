#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// What the text callables need of Unicode. Characters are code points, as in Python. All functions are pure and take
/// UTF-8.
namespace text_plugin {

/// The character at the start of `text`, as code point and length in bytes. REQUIRES: text is not empty. A byte that is
/// no UTF-8 counts as a character of its own (U+FFFD), so every function here ends on any input.
struct Character {
  char32_t code = 0;
  std::size_t length = 1;
};
[[nodiscard]] Character first_character(std::string_view text);

[[nodiscard]] std::size_t count_characters(std::string_view text);

/// The first `count` characters, or all of them if there are fewer.
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t count);

/// White space in Unicode's sense: also the wide space of CJK text and the no-break space.
[[nodiscard]] bool is_space(char32_t code);

/// Without the white space at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// The pieces between runs of white space.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

}  // namespace text_plugin
