/// JSON as text, for operators that need no JSON library: strings, numbers, and the members of an object.
///
/// The values that a host hands out are valid JSON; these functions stay safe, and say what they expected, on any text.
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
#include <utility>
#include <vector>

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

namespace detail {

/// The length of the value that `text` starts with; text.size() if it never ends. Needs no stack, however deep the
/// value is.
inline std::size_t value_length(std::string_view text) noexcept {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      if (c == '"' && depth == 0) return i + 1;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      if (depth == 0) return i;  // the end of what holds this value
      if (--depth == 0) return i + 1;
    } else if (depth == 0 && (c == ',' || c == ':' || is_space(c))) {
      return i;
    }
  }
  return text.size();
}

/// Calls `fn(key, value)` for each element between the brackets, `key` being empty in a list; stops when it answers
/// false.
template <class Fn>
void walk(std::string_view json, char open, char close, const char* what, Fn&& fn) {
  json = trimmed(json);
  if (json.size() < 2 || json.front() != open || json.back() != close) expected(what, json);
  std::string_view rest = trimmed(json.substr(1, json.size() - 2));
  const auto take = [&rest] {
    const std::size_t length = value_length(rest);
    const std::string_view taken = rest.substr(0, length);
    rest = trimmed(rest.substr(length));
    return taken;
  };
  const auto skip_mark = [&](char mark) {
    if (rest.empty() || rest.front() != mark) expected(what, json);
    rest = trimmed(rest.substr(1));
  };
  while (!rest.empty()) {
    std::string_view key;
    if (open == '{') key = take(), skip_mark(':');
    const std::string_view value = take();
    if (value.empty()) expected(what, json);
    if (!fn(key, value)) return;
    if (!rest.empty()) skip_mark(',');
  }
}

}  // namespace detail

/// The elements of a JSON list, as JSON text; borrowed from `json`. Throws Error if it is no list.
inline std::vector<std::string_view> elements(std::string_view json) {
  std::vector<std::string_view> out;
  detail::walk(json, '[', ']', "a list", [&](std::string_view, std::string_view value) {
    out.push_back(value);
    return true;
  });
  return out;
}

/// The members of a JSON object, in order: names decoded, values as JSON text borrowed from `json`. Throws Error if it
/// is no object.
inline std::vector<std::pair<std::string, std::string_view>> members(std::string_view json) {
  std::vector<std::pair<std::string, std::string_view>> out;
  detail::walk(json, '{', '}', "an object", [&](std::string_view key, std::string_view value) {
    out.emplace_back(unquote(key), value);
    return true;
  });
  return out;
}

/// One member of a JSON object as JSON text borrowed from `json`, or nothing. Throws Error if `json` is no object.
inline std::optional<std::string_view> member(std::string_view json, std::string_view name) {
  std::optional<std::string_view> found;
  detail::walk(json, '{', '}', "an object", [&](std::string_view key, std::string_view value) {
    if (unquote(key) == name) found = value;
    return !found;
  });
  return found;
}

LW_SDK_END
