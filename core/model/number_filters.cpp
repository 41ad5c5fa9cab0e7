#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/model/filter_functions.hpp"

// Filters that count, and those that read a number from a text.

namespace leeward {
namespace {

/// With a fraction even if it is whole, so that what is no integer does not look like one.
FilterValue real(double number) {
  JsonWriter out;
  out.number(number);
  std::string text = out.take();
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return FilterValue::of(std::move(text));
}

/// Without what people and models write around a number: blanks, and a plus.
std::string_view bare(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(kBlanks) + 1));
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return text;
}

/// The whole text as a number.
template <class Number>
std::optional<Number> read(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// No number, and why: an error unless `default` follows.
FilterValue no_number(std::string message) { return {{}, {}, Error{"template.type", std::move(message)}}; }

FilterValue not_a_number(const Json& text) {
  return no_number("the text " + json_excerpt(text.string()) + " is no number");
}

/// Towards zero.
FilterValue whole(double number) {
  const double cut = std::trunc(number);
  if (!(std::abs(cut) < 0x1p63)) return no_number("the number is too large for an integer");
  return FilterValue::of(std::to_string(static_cast<std::int64_t>(cut)));
}

}  // namespace

Result<FilterValue> filter_abs(const FilterCall& call) {
  if (!call.json().is_number()) return call.wrong_type("a number");
  const std::string_view text = call.json().text();
  return FilterValue::of(std::string{text.substr(text.starts_with('-') ? 1 : 0)});
}

Result<FilterValue> filter_float(const FilterCall& call) {
  const Json& value = call.json();
  if (value.is_number()) return real(value.number());
  if (value.is_boolean()) return real(value.boolean() ? 1 : 0);
  if (!value.is_string()) return call.wrong_type("a number or a text");
  const auto number = read<double>(bare(value.string()));
  return number && std::isfinite(*number) ? real(*number) : not_a_number(value);
}

Result<FilterValue> filter_int(const FilterCall& call) {
  const Json& value = call.json();
  if (value.is_integer()) return call.value;
  if (value.is_number()) return whole(value.number());
  if (value.is_boolean()) return FilterValue::of(value.boolean() ? "1" : "0");
  if (!value.is_string()) return call.wrong_type("a number or a text");
  const std::string_view text = bare(value.string());
  if (const auto exact = read<std::int64_t>(text)) return FilterValue::of(std::to_string(*exact));
  const auto number = read<double>(text);
  return number && std::isfinite(*number) ? whole(*number) : not_a_number(value);
}

Result<FilterValue> filter_round(const FilterCall& call) {
  const Json& value = call.json();
  if (!value.is_number()) return call.wrong_type("a number");
  const auto decimals = call.integer(0, 0);
  if (!decimals || *decimals < 0 || *decimals > 15) return call.wrong_argument("a number of decimals from 0 to 15");
  if (value.integer()) return FilterValue::of(std::string{value.text()});
  const double scale = std::pow(10.0, static_cast<double>(*decimals));
  const double scaled = value.number() * scale;
  JsonWriter out;
  if (!std::isfinite(scaled) || std::abs(scaled) >= 9e15) {
    out.raw(value.text());  // too large to have decimals
  } else if (*decimals == 0) {
    out.integer(static_cast<std::int64_t>(std::nearbyint(scaled)));
  } else {
    out.number(std::nearbyint(scaled) / scale);
  }
  return FilterValue::of(out.take());
}

Result<FilterValue> filter_sum(const FilterCall& call) {
  if (!call.json().is_array()) return call.wrong_type("a list of numbers");
  bool is_integer = true;
  std::int64_t exact = 0;
  double sum = 0;
  for (const Json& item : call.json()) {
    if (!item.is_number()) return call.wrong_argument("numbers, and here is " + std::string{to_string(item.kind())});
    sum += item.number();
    const auto integer = item.is_integer() ? item.integer() : std::nullopt;
    is_integer = is_integer && integer && !__builtin_add_overflow(exact, *integer, &exact);
  }
  if (is_integer) return FilterValue::of(std::to_string(exact));
  if (!std::isfinite(sum)) return no_number("the sum is too large for a number");
  return real(sum);
}

}  // namespace leeward
