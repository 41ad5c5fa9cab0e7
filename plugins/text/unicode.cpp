#include "unicode.hpp"

namespace text_plugin {

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC0 || text.size() < length) return {0xFFFD, 1};
  char32_t code = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) code = (code << 6) | (byte(i) & 0x3F);
  return {code, length};
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); text.remove_prefix(first_character(text).length)) ++count;
  return count;
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::string_view rest = text;
  for (; count > 0 && !rest.empty(); --count) rest.remove_prefix(first_character(rest).length);
  return text.substr(0, text.size() - rest.size());
}

bool is_space(char32_t code) {
  switch (code) {
    case 0x20:
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000: return true;
    default: return (code >= 0x09 && code <= 0x0D) || (code >= 0x2000 && code <= 0x200A);
  }
}

std::string_view trim(std::string_view text) {
  while (!text.empty()) {
    const Character first = first_character(text);
    if (!is_space(first.code)) break;
    text.remove_prefix(first.length);
  }
  std::size_t end = 0;  // behind the last character that is no white space
  for (std::size_t at = 0; at < text.size();) {
    const Character next = first_character(text.substr(at));
    at += next.length;
    if (!is_space(next.code)) end = at;
  }
  return text.substr(0, end);
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Character next = first_character(text.substr(at));
    if (is_space(next.code)) {
      if (at > start) found.push_back(text.substr(start, at - start));
      start = at + next.length;
    }
    at += next.length;
  }
  if (start < text.size()) found.push_back(text.substr(start));
  return found;
}

}  // namespace text_plugin
