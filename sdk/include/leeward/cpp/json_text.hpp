/// JSON strings and numbers as text, for operators that need no JSON library.
///
/// What a host hands out is valid JSON; these functions stay safe, and say what they expected, on any text.
#pragma once

#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <locale>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

#include <leeward/cpp/error.hpp>
#include <leeward/cpp/utf8.hpp>

LW_SDK_BEGIN

namespace detail {

/// What is shown of a value in a message.
inline std::string excerpt(std::string_view json) {
  constexpr std::size_t kLimit = 60;
  if (json.size() <= kLimit) return well_formed(json);
  return well_formed(whole_characters(json.substr(0, kLimit))) + "...";
}
[[noreturn]] inline void expected(const char* what, std::string_view got) {
  throw fail("bad_value", std::string("expected ") + what + ", got " + excerpt(got));
}
inline bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
inline std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}
/// Four hexadecimal digits at `at`, or nothing.
inline std::optional<unsigned> hex4(std::string_view text, std::size_t at) noexcept {
  unsigned code = 0;
  if (at + 4 > text.size()) return std::nullopt;
  const char* end = text.data() + at + 4;
  if (std::from_chars(text.data() + at, end, code, 16).ptr != end) return std::nullopt;
  return code;
}
/// Decodes the escape whose `u` is at text[at]; answers how many characters it takes from there.
inline std::size_t unescape_unicode(std::string& out, std::string_view text, std::size_t at) {
  const auto high = hex4(text, at + 1);
  if (!high) expected("four hexadecimal digits after \\u", text.substr(at));
  const bool pair_may_follow = *high >= 0xD800 && *high < 0xDC00 && text.substr(at + 5, 2) == "\\u";
  const auto low = pair_may_follow ? hex4(text, at + 7) : std::nullopt;
  if (low && *low >= 0xDC00 && *low < 0xE000) {
    append_code_point(out, 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00));
    return 11;
  }
  append_code_point(out, *high);
  return 5;
}
inline char unescape_plain(char escaped) {
  switch (escaped) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case '"':
    case '\\':
    case '/': return escaped;
    default: expected("a JSON escape after \\", std::string_view(&escaped, 1));
  }
}

}  // namespace detail

/// The characters that a JSON string stands for. Half of a surrogate pair becomes U+FFFD. Throws Error.
inline std::string unquote(std::string_view json) {
  json = detail::trimmed(json);
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') detail::expected("a string", json);
  const std::string_view text = json.substr(1, json.size() - 2);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out += text[i++];
      continue;
    }
    if (++i == text.size()) detail::expected("an escape, not the end, after \\", json);
    if (text[i] == 'u') {
      i += detail::unescape_unicode(out, text, i);
    } else {
      out += detail::unescape_plain(text[i++]);
    }
  }
  return out;
}

/// `text` as a JSON string. Bytes that are not UTF-8 become U+FFFD, so that the answer is always valid JSON.
inline std::string quote(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  out.reserve(text.size() + 2);
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    std::size_t length = 1;
    if (c == '"' || c == '\\') {
      out += '\\', out += text.front();
    } else if (c == '\n') {
      out += "\\n";
    } else if (c < 0x20) {
      out += "\\u00", out += kHex[c >> 4], out += kHex[c & 15];
    } else {
      length = detail::character_length(text);
      out += length ? text.substr(0, length) : detail::kReplacement;
    }
    text.remove_prefix(length ? length : 1);
  }
  return out += '"';
}

/// A JSON number as text. Throws Error for NaN and infinities, which JSON does not have.
template <class Number>
std::string number_text(Number value) {
  static_assert(std::is_arithmetic_v<Number>);
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value)) throw fail("bad_value", "a number that JSON cannot express: NaN or infinity");
#if !defined(__cpp_lib_to_chars)  // a library with to_chars for whole numbers only
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out.precision(std::numeric_limits<Number>::max_digits10);
    out << value;
    return out.str();
#endif
  }
  char digits[64];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

namespace detail {

inline double parse_double(std::string_view json) {
  double value = 0;
#if defined(__cpp_lib_to_chars)
  const char* end = json.data() + json.size();
  const auto [stopped, status] = std::from_chars(json.data(), end, value);
  if (status != std::errc() || stopped != end) expected("a number", json);
#else
  std::istringstream in{std::string(json)};
  in.imbue(std::locale::classic());
  if (!(in >> value) || in.peek() != std::istringstream::traits_type::eof()) expected("a number", json);
#endif
  if (!std::isfinite(value)) expected("a number", json);
  return value;
}

/// A whole number, also when it is written 3.0 or 1e3, as JSON Schema has it.
template <class Integer>
Integer parse_integer(std::string_view json) {
  Integer value{};
  const char* end = json.data() + json.size();
  const auto [stopped, status] = std::from_chars(json.data(), end, value);
  if (status == std::errc() && stopped == end && !json.empty()) return value;
  const char* wanted = "an integer in range";
  const bool written_otherwise = json.find_first_of(".eE") != std::string_view::npos;
  if (!written_otherwise || json.find('"') != std::string_view::npos) expected(wanted, json);
  const double number = parse_double(json);
  // 2^digits is exact as a double where max() is not.
  const double limit = std::ldexp(1.0, std::numeric_limits<Integer>::digits);
  const double least = std::is_signed_v<Integer> ? -limit : 0.0;
  if (std::trunc(number) != number || number < least || number >= limit) expected(wanted, json);
  return static_cast<Integer>(number);
}

}  // namespace detail

LW_SDK_END
