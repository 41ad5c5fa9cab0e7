#include "core/base/json_text.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/ascii.hpp"

namespace leeward {
namespace {

unsigned hex4(std::string_view digits) noexcept {
  unsigned value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value * 16 + static_cast<unsigned>(hex_value(digits[i]));
  return value;
}

void append_utf8(std::string& out, unsigned point) {
  const auto byte = [&](unsigned b) { out += static_cast<char>(b); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | point >> 6), byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12), byte(0x80 | (point >> 6 & 0x3F)), byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | point >> 18), byte(0x80 | (point >> 12 & 0x3F)), byte(0x80 | (point >> 6 & 0x3F)),
        byte(0x80 | (point & 0x3F));
  }
}

/// Appends what the escape at the front of `text` stands for; the bytes it took.
std::size_t append_escape(std::string& out, std::string_view text) {
  switch (text[1]) {
    case 'b': out += '\b'; return 2;
    case 'f': out += '\f'; return 2;
    case 'n': out += '\n'; return 2;
    case 'r': out += '\r'; return 2;
    case 't': out += '\t'; return 2;
    case 'u': break;
    default: out += text[1]; return 2;
  }
  const unsigned unit = hex4(text.substr(2));
  if (unit < 0xD800 || unit > 0xDBFF) return append_utf8(out, unit), 6;
  append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (hex4(text.substr(8)) - 0xDC00));
  return 12;
}

}  // namespace

std::size_t json_number_end(std::string_view text, std::size_t at) noexcept {
  const auto here = [&] { return at < text.size() ? text[at] : '\0'; };
  const auto digits = [&] {
    while (is_digit(here())) ++at;
  };
  if (here() == '-') ++at;
  if (here() == '0') {
    ++at;
  } else {
    digits();
  }
  if (here() == '.') ++at, digits();
  if (here() != 'e' && here() != 'E') return at;
  ++at;
  if (here() == '+' || here() == '-') ++at;
  digits();
  return at;
}

bool json_number_out_of_range(std::string_view number) noexcept {
  double value = 0;
  return std::from_chars(number.data(), number.data() + number.size(), value).ec == std::errc::result_out_of_range;
}

bool json_number_is_whole(std::string_view number) noexcept { return number.find_first_of(".eE") == number.npos; }

std::size_t json_string_end(std::string_view text, std::size_t at) noexcept {
  ++at;
  std::size_t quote = text.find('"', at);
  while (true) {
    const std::size_t escape = text.substr(0, quote).find('\\', at);
    if (escape == text.npos) return quote + 1;
    at = escape + 2;
    if (at > quote) quote = text.find('"', at);  // that one was escaped
  }
}

std::string json_unescaped(std::string_view inside) {
  std::string out;
  out.reserve(inside.size());
  while (true) {
    const std::size_t escape = inside.find('\\');
    out += inside.substr(0, escape);
    if (escape == inside.npos) return out;
    inside.remove_prefix(escape);
    inside.remove_prefix(append_escape(out, inside));
  }
}

std::string json_without_overflows(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
      ++i;
      continue;
    }
    const std::size_t end = json_number_end(text, i);
    const std::string_view token = text.substr(i, end - i);
    if (token.size() > 4 && !json_number_is_whole(token) && json_number_out_of_range(token)) {
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(i), out.begin() + static_cast<std::ptrdiff_t>(end), '0');
      out[i] = '1';
      out[i + 1] = '.';
    }
    i = std::max(end, i + 1);
  }
  return out;
}

}  // namespace leeward
