#include "core/model/template_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include "core/base/ascii.hpp"
#include "core/base/utf8.hpp"
#include "core/model/template_filters.hpp"

namespace leeward {

namespace {

constexpr int kMaxWidth = 10'000;
constexpr int kMaxPrecision = 1'000;

constexpr bool is_align(char c) { return c == '<' || c == '>' || c == '^' || c == '='; }

/// Reads a decimal number that is at most `limit`; false if it is larger.
bool read_number(std::string_view& text, int& number, int limit) {
  number = 0;
  while (!text.empty() && is_digit(text.front())) {
    number = number * 10 + (text.front() - '0');
    if (number > limit) return false;
    text.remove_prefix(1);
  }
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

void read_fill_and_align(std::string_view& text, FormatSpec& spec) {
  if (text.empty()) return;
  const std::size_t fill = std::max<std::size_t>(utf8_sequence(text), 1);
  if (text.size() > fill && is_align(text[fill])) {
    spec.fill = std::string{text.substr(0, fill)};
    spec.align = text[fill];
    text.remove_prefix(fill + 1);
  } else if (is_align(text.front())) {
    spec.align = text.front();
    text.remove_prefix(1);
  }
}

/// A number in writing, before it is padded.
struct Digits {
  std::string sign;
  std::string prefix;  ///< 0x and the like
  std::string whole;
  std::string rest;  ///< fraction, exponent, percent sign
};

Digits split(std::string text) {
  Digits digits;
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  digits.rest = text.substr(end);
  text.resize(end);
  digits.whole = std::move(text);
  return digits;
}

std::string group(const std::string& digits, char separator, std::size_t every) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % every == 0) out += separator;
    out += digits[i];
  }
  return out;
}

std::string written(double magnitude, std::chars_format format, int precision) {
  std::string out(static_cast<std::size_t>(kMaxPrecision) + 400, '\0');
  const auto end = std::to_chars(out.data(), out.data() + out.size(), magnitude, format, precision).ptr;
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

void capitalise(std::string& text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
}

Digits real_digits(const FormatSpec& spec, double magnitude) {
  const int precision = spec.precision < 0 ? 6 : spec.precision;
  switch (spec.type) {
    case 'e':
    case 'E': return split(written(magnitude, std::chars_format::scientific, precision));
    case 'f':
    case 'F': return split(written(magnitude, std::chars_format::fixed, precision));
    case '%': {
      Digits digits = split(written(magnitude * 100, std::chars_format::fixed, precision));
      digits.rest += '%';
      return digits;
    }
    default: {
      Digits digits = split(written(magnitude, std::chars_format::general, std::max(precision, 1)));
      // As in Python: without a type, a real number never reads like an integer.
      if (spec.type == 0 && digits.rest.empty()) digits.rest = ".0";
      return digits;
    }
  }
}

Digits integer_digits(const FormatSpec& spec, std::uint64_t magnitude) {
  int base = 10;
  std::string_view prefix;
  if (spec.type == 'b') base = 2, prefix = "0b";
  if (spec.type == 'o') base = 8, prefix = "0o";
  if (spec.type == 'x' || spec.type == 'X') base = 16, prefix = spec.type == 'x' ? "0x" : "0X";
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, base).ptr;
  Digits digits;
  digits.whole.assign(buffer.data(), end);
  if (spec.type == 'X') capitalise(digits.whole);
  if (spec.alternate) digits.prefix = prefix;
  return digits;
}

std::string pad(const FormatSpec& spec, const std::string& left, const std::string& right, char align) {
  const std::size_t length = utf8_characters(left) + utf8_characters(right);
  const auto width = static_cast<std::size_t>(spec.width);
  if (length >= width) return left + right;
  const auto fill = [&](std::size_t count) {
    std::string out;
    while (count-- > 0) out += spec.fill;
    return out;
  };
  const std::size_t room = width - length;
  switch (align) {
    case '<': return left + right + fill(room);
    case '^': return fill(room / 2) + left + right + fill(room - room / 2);
    case '=': return left + fill(room) + right;
    default: return fill(room) + left + right;
  }
}

Error refused(std::string_view what, const FormatSpec& spec) {
  std::string message{what};
  if (spec.type != 0) message += std::string{" with the format type '"} + spec.type + "'";
  return {"template.format", message + " cannot be written this way"};
}

Result<std::string> apply_to_number(const FormatSpec& spec, const Json& value) {
  const bool wants_integer = std::string_view{"dboxX"}.find(spec.type) != std::string_view::npos && spec.type != 0;
  const bool wants_real = std::string_view{"eEfFgG%"}.find(spec.type) != std::string_view::npos && spec.type != 0;
  if (spec.type == 's') return refused("a number", spec);
  std::optional<std::int64_t> integer = value.integer();
  const double number = value.number();
  if (!integer && wants_integer && std::nearbyint(number) == number && std::abs(number) < 9e15) {
    integer = static_cast<std::int64_t>(number);
  }
  if (!integer && wants_integer) return refused("a number with a fraction", spec);
  const bool as_integer = integer && !wants_real && (wants_integer || spec.precision < 0);
  if (as_integer && spec.precision >= 0) return refused("an integer with a precision", spec);

  Digits digits;
  if (as_integer) {
    const std::uint64_t bits = static_cast<std::uint64_t>(*integer);
    digits = integer_digits(spec, *integer < 0 ? 0 - bits : bits);
  } else if (spec.type == 0 && spec.precision < 0) {
    std::string text{value.text()};
    if (text.front() == '-') text.erase(0, 1);
    digits = split(std::move(text));
  } else {
    digits = real_digits(spec, std::abs(number));
  }
  if (spec.type == 'E' || spec.type == 'G') capitalise(digits.rest);
  const bool negative = integer ? *integer < 0 : std::signbit(number);
  if (negative) digits.sign = "-";
  if (!negative && spec.sign != '-') digits.sign = spec.sign;
  if (spec.grouping != 0) {
    const bool by_four = spec.type == 'b' || spec.type == 'o' || spec.type == 'x' || spec.type == 'X';
    if (by_four && spec.grouping == ',') return refused("a ','", spec);
    digits.whole = group(digits.whole, spec.grouping, by_four ? 4 : 3);
  }
  return pad(spec, digits.sign + digits.prefix, digits.whole + digits.rest, spec.align == 0 ? '>' : spec.align);
}

Result<std::string> apply_to_text(const FormatSpec& spec, std::string_view text) {
  const bool numeric = (spec.type != 0 && spec.type != 's') || spec.sign != '-' || spec.alternate || spec.grouping != 0;
  if (numeric || spec.align == '=') return refused("a text", spec);
  if (spec.precision >= 0) text = first_characters(text, static_cast<std::size_t>(spec.precision));
  return pad(spec, std::string{text}, "", spec.align == 0 ? '<' : spec.align);
}

}  // namespace

std::optional<FormatSpec> FormatSpec::parse(std::string_view text) {
  FormatSpec spec;
  read_fill_and_align(text, spec);
  if (!text.empty() && (text.front() == '+' || text.front() == '-' || text.front() == ' ')) {
    spec.sign = text.front();
    text.remove_prefix(1);
  }
  spec.alternate = take(text, '#');
  if (!text.empty() && text.front() == '0' && spec.align == 0) {
    spec.fill = "0";
    spec.align = '=';
  }
  if (!read_number(text, spec.width, kMaxWidth)) return std::nullopt;
  if (!text.empty() && (text.front() == ',' || text.front() == '_')) {
    spec.grouping = text.front();
    text.remove_prefix(1);
  }
  if (take(text, '.')) {
    if (text.empty() || !is_digit(text.front()) || !read_number(text, spec.precision, kMaxPrecision)) return {};
  }
  if (!text.empty()) {
    if (std::string_view{"sdboxXeEfFgG%"}.find(text.front()) == std::string_view::npos) return std::nullopt;
    spec.type = text.front();
    text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return spec;
}

Result<std::string> FormatSpec::apply(const Json& value) const {
  if (value.is_number()) return apply_to_number(*this, value);
  if (value.is_string()) return apply_to_text(*this, value.string());
  if (value.is_boolean() || value.is_null()) return apply_to_text(*this, value.text());
  return Error{"template.format", std::string{to_string(value.kind())} +
                                      " takes no format; a filter such as |json or "
                                      "|join makes text of it"};
}

}  // namespace leeward
