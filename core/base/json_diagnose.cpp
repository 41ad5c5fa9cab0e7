#include "core/base/json_diagnose.hpp"

#include <algorithm>
#include <cstdio>

#include "core/base/ascii.hpp"
#include "core/base/json.hpp"
#include "core/base/utf8.hpp"

namespace leeward {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool begins_name(char c) { return is_letter(c) || c == '_' || c == '$'; }

bool is_number_char(char c) { return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; }

std::string hex(unsigned char byte) {
  char out[8];
  std::snprintf(out, sizeof out, "0x%02X", byte);
  return out;
}

/// Reads the refused text from one place on. Each function looks at one thing and says what is wrong with it.
class Diagnosis {
 public:
  explicit Diagnosis(std::string_view text) : text_(text) {}

  JsonFault after(const JsonContext& context) const;

 private:
  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  std::size_t skip_space(std::size_t i) const {
    while (i < text_.size() && is_space(text_[i])) ++i;
    return i;
  }
  std::string_view word(std::size_t i) const {
    std::size_t end = i;
    while (end < text_.size() && (begins_name(text_[end]) || is_digit(text_[end]))) ++end;
    return text_.substr(i, std::min<std::size_t>(end - i, 40));
  }

  JsonFault fault(std::size_t i, std::string message, std::string code = "json.syntax") const {
    return {i, std::move(code), std::move(message), i >= text_.size()};
  }
  JsonFault expected(std::size_t i, const std::string& what) const;
  JsonFault name(std::size_t i, const std::string& what) const;
  JsonFault value(std::size_t i, const std::string& what) const;
  JsonFault string(std::size_t begin) const;
  JsonFault escape(std::size_t i) const;
  JsonFault number(std::size_t begin) const;
  JsonFault literal(std::size_t i, const std::string& what) const;
  JsonFault behind_value(const JsonContext& context) const;

  std::string_view text_;
};

/// "expected WHAT, found ...", with a hint where the finding is a habit from another language.
JsonFault Diagnosis::expected(std::size_t i, const std::string& what) const {
  if (i >= text_.size()) return fault(i, "expected " + what + ", but the text ends here");
  const char c = text_[i];
  const auto byte = static_cast<unsigned char>(c);
  if (utf8_sequence(text_.substr(i)) == 0) {
    return fault(i,
                 "expected " + what + ", found the byte " + hex(byte) + ", which is not UTF-8 (byte offset " +
                     std::to_string(i) + ")",
                 "json.utf8");
  }
  if (byte < 0x20 || byte == 0x7F) return fault(i, "expected " + what + ", found the control byte " + hex(byte));
  if (c == '/' && (at(i + 1) == '/' || at(i + 1) == '*')) {
    return fault(i, "expected " + what + ", found a comment; JSON has none");
  }
  if (c == '#') return fault(i, "expected " + what + ", found '#'; JSON has no comments");
  if (c == '\'') return fault(i, "expected " + what + ", found a single quote; JSON strings stand in double quotes");
  if (c == '"') return fault(i, "expected " + what + ", found a string");
  if (begins_name(c) || is_digit(c)) return fault(i, "expected " + what + ", found '" + std::string(word(i)) + "'");
  return fault(i,
               "expected " + what + ", found '" + std::string(text_.substr(i, utf8_sequence(text_.substr(i)))) + "'");
}

JsonFault Diagnosis::name(std::size_t i, const std::string& what) const {
  if (at(i) == '"') return string(i);
  if (begins_name(at(i))) {
    return fault(i, "expected " + what + ", found " + std::string(word(i)) + " without quotes");
  }
  return expected(i, what);
}

JsonFault Diagnosis::value(std::size_t i, const std::string& what) const {
  const char c = at(i);
  if (c == '"') return string(i);
  if (c == '-' && begins_name(at(i + 1))) return literal(i, what);
  if (is_digit(c) || c == '-' || ((c == '+' || c == '.') && is_digit(at(i + 1)))) return number(i);
  if (begins_name(c)) return literal(i, what);
  return expected(i, what);
}

JsonFault Diagnosis::literal(std::size_t i, const std::string& what) const {
  const std::string found(word(at(i) == '-' ? i + 1 : i));
  std::string lower = found;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "nan" || lower == "infinity" || lower == "inf") {
    return fault(i, "expected " + what + ", found '" + found + "'; JSON has no such number", "json.number");
  }
  for (const char* right : {"true", "false", "null"}) {
    const std::string_view r = right;
    const bool cut = lower.size() >= 2 && (r.starts_with(lower) || lower.starts_with(r));
    if (cut) return fault(i, "expected " + what + ", found '" + found + "'; did you mean " + right + "?");
  }
  if (lower == "none" || lower == "nil" || lower == "undefined") {
    return fault(i, "expected " + what + ", found '" + found + "'; did you mean null?");
  }
  return fault(i, "expected " + what + ", found '" + found + "'; text stands in double quotes");
}

JsonFault Diagnosis::number(std::size_t begin) const {
  std::size_t end = begin;
  while (end < text_.size() && (is_digit(text_[end]) || begins_name(text_[end]) || text_[end] == '.' ||
                                text_[end] == '-' || text_[end] == '+')) {
    ++end;
  }
  const std::string_view token = text_.substr(begin, std::min<std::size_t>(end - begin, 40));
  const std::string said = "'" + std::string(token) + "' is no JSON number: ";
  const std::string_view digits = token.substr(token[0] == '-' ? 1 : 0);
  if (token[0] == '+') return fault(begin, said + "no plus sign stands in front");
  if (digits.empty() || digits[0] == '.') return fault(begin, said + "a digit must stand before anything else");
  if (digits.size() > 1 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
    return fault(begin, said + "only decimal digits");
  }
  if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) return fault(begin, said + "no leading zeros");
  return fault(begin, said + "digits, then perhaps a fraction as in 1.5 and an exponent as in 1e9");
}

JsonFault Diagnosis::escape(std::size_t i) const {
  const char kind = at(i + 1);
  if (kind != 'u') {
    const std::string shown =
        i + 1 < text_.size()
            ? json_quote(text_.substr(i + 1, std::max<std::size_t>(1, utf8_sequence(text_.substr(i + 1)))))
            : "";
    return fault(i, "a backslash is followed by one of \" \\ / b f n r t u, found " + shown +
                        "; write \\\\ for the backslash itself");
  }
  for (std::size_t k = i + 2; k < i + 6; ++k) {
    if (!is_hex_digit(at(k))) return fault(i, "\\u is followed by four hexadecimal digits");
  }
  return fault(i,
               "\\u" + std::string(text_.substr(i + 2, 4)) +
                   " is half of a surrogate pair without its other half; that is no character",
               "json.utf8");
}

/// REQUIRES: the string that begins here is wrong. The first thing in it that is.
JsonFault Diagnosis::string(std::size_t begin) const {
  std::size_t i = begin + 1;
  while (i < text_.size() && text_[i] != '"') {
    const auto byte = static_cast<unsigned char>(text_[i]);
    if (byte < 0x20) {
      const std::string which = byte == '\n'   ? "a line break"
                                : byte == '\t' ? "a tab"
                                               : "the control byte " + hex(byte);
      return fault(i, "a string holds " + which + "; write it as " +
                          json_quote(text_.substr(i, 1)).substr(1, byte == '\n' || byte == '\t' ? 2 : 6) +
                          (byte == '\n' ? ", or close the string with '\"'" : ""));
    }
    if (byte == '\\') {
      const char kind = at(i + 1);
      if (kind == 'u') {
        const std::string_view digits = text_.substr(i + 2, 4);
        if (digits.size() < 4 || !std::all_of(digits.begin(), digits.end(), is_hex_digit)) return escape(i);
        const unsigned long unit = std::stoul(std::string(digits), nullptr, 16);
        if (unit >= 0xDC00 && unit <= 0xDFFF) return escape(i);
        i += 6;
        if (unit < 0xD800 || unit > 0xDBFF) continue;
        const std::string_view low = text_.substr(i, 6);
        const bool pair = low.size() == 6 && low[0] == '\\' && low[1] == 'u' &&
                          std::all_of(low.begin() + 2, low.end(), is_hex_digit) &&
                          (std::stoul(std::string(low.substr(2)), nullptr, 16) & 0xFC00u) == 0xDC00u;
        if (!pair) return escape(i - 6);
        i += 6;
        continue;
      }
      if (i + 1 < text_.size() && std::string_view("\"\\/bfnrt").find(kind) == std::string_view::npos) return escape(i);
      i += 2;
      continue;
    }
    const std::size_t length = utf8_sequence(text_.substr(i));
    if (length == 0) {
      return fault(
          i, "a string holds the byte " + hex(byte) + ", which is not UTF-8 (byte offset " + std::to_string(i) + ")",
          "json.utf8");
    }
    i += length;
  }
  JsonFault open = fault(begin, "a string begins here and is never closed with '\"'");
  open.at_end = false;
  return open;
}

JsonFault Diagnosis::behind_value(const JsonContext& context) const {
  const std::size_t i = skip_space(context.cursor);
  const bool glued =
      i == context.cursor && i > 0 && is_digit(text_[i - 1]) && (begins_name(at(i)) || is_digit(at(i)) || at(i) == '.');
  if (glued) {
    std::size_t begin = i;
    while (begin > 0 && is_number_char(text_[begin - 1])) --begin;
    return number(begin);
  }
  if (context.container == 0) {
    JsonFault trailing = expected(i, "the end of the text after its one value");
    if (trailing.code == "json.syntax") trailing.code = "json.trailing";
    return trailing;
  }
  const bool object = context.container == '{';
  if (at(i) != ',')
    return expected(i, object ? "',' or '}' after a member's value" : "',' or ']' after an array element");
  const std::size_t next = skip_space(i + 1);
  if (at(next) == (object ? '}' : ']')) {
    return fault(i, std::string("a comma stands before '") + at(next) + "'; the last " +
                        (object ? "member" : "element") + " is followed by none");
  }
  return object ? name(next, "a member's name in double quotes after ','") : value(next, "a value after ','");
}

JsonFault Diagnosis::after(const JsonContext& context) const {
  const std::size_t i = skip_space(context.cursor);
  switch (context.after) {
    case JsonContext::After::nothing: return value(i, "a JSON value");
    case JsonContext::After::object_begin: return name(i, "a member's name in double quotes or '}'");
    case JsonContext::After::array_begin: return value(i, "a value or ']'");
    case JsonContext::After::key:
      if (at(i) != ':') return expected(i, "':' after a member's name");
      return value(skip_space(i + 1), "a value after ':'");
    case JsonContext::After::value: return behind_value(context);
  }
  return expected(i, "JSON");
}

}  // namespace

JsonFault diagnose_json(std::string_view text, const JsonContext& context) { return Diagnosis(text).after(context); }

}  // namespace leeward
