#include <charconv>
#include <cmath>
#include <optional>

#include "core/base/ascii.hpp"
#include "core/base/time_format.hpp"

namespace leeward {
namespace {

struct Unit {
  std::string_view name;
  double ns;
};

constexpr Unit kUnits[] = {{"ns", 1},   {"us", 1e3},   {"ms", 1e6},    {"s", 1e9},
                           {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}, {"w", 604800e9}};

/// A little below what fits 64 bits of nanoseconds: about 292 years.
constexpr double kLongestNs = 9.2e18;

/// Takes a number like "1" or "1.5" off the front.
std::optional<double> take_number(std::string_view& text) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (read.ec != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return value;
}

/// Takes the unit off the front. Units go from large to small: `below` is the last one.
std::optional<double> take_unit(std::string_view& text, double below) {
  std::size_t letters = 0;
  while (letters < text.size() && !is_digit(text[letters])) ++letters;
  for (const Unit& unit : kUnits) {
    if (unit.name != text.substr(0, letters) || unit.ns >= below) continue;
    text.remove_prefix(letters);
    return unit.ns;
  }
  return std::nullopt;
}

/// "1h30m"
std::optional<double> read_units(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double sum = 0;
  double below = INFINITY;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const auto unit = take_unit(text, below);
    if (!unit) return std::nullopt;
    sum += *number * *unit;
    below = *unit;
  }
  return sum;
}

/// "P1DT2H30M": like "1d2h30m", but M is a minute only behind the T (a month has no length).
std::optional<double> read_iso(std::string_view text) {
  std::string units;
  bool time = false;
  bool fresh_time = false;
  for (const char c : text.substr(1)) {
    if (c == 'T') {
      if (time) return std::nullopt;
      time = fresh_time = true;
      continue;
    }
    const bool fits = is_digit(c) || c == '.' || (time ? c == 'H' || c == 'M' || c == 'S' : c == 'D' || c == 'W');
    if (!fits) return std::nullopt;
    fresh_time = false;
    units += to_lower(c);
  }
  if (fresh_time) return std::nullopt;
  return read_units(units);
}

Error invalid(const std::string& found) {
  return {"duration.invalid",
          "expected a duration, not negative: seconds as a number, or a text such as \"90s\", \"5m\", \"1h30m\", "
          "\"250ms\" or "
          "\"PT5M\"; found " +
              found};
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const auto ns = text.starts_with('P') ? read_iso(text) : read_units(text);
  if (!ns) return invalid(json_excerpt(text));
  if (*ns > kLongestNs)
    return Error{"duration.invalid", "the duration " + json_excerpt(text) + " is longer than 290 years"};
  return Duration{std::llround(*ns)};
}

Result<Duration> duration_of(const Json& json) {
  Result<Duration> result =
      invalid(json.is_string() ? json_excerpt(json.string()) : std::string(to_string(json.kind())));
  if (json.is_string()) {
    result = parse_duration(json.string());
  } else if (json.is_number()) {
    const double ns = json.number() * 1e9;
    if (ns >= 0 && ns <= kLongestNs)
      result = Duration{std::llround(ns)};
    else
      result = invalid(std::string(json.text().substr(0, 40)));
  }
  if (result) return result;
  Error error = std::move(result).error();
  error.where = json.where();
  return error;
}

std::string format_duration(Duration duration) {
  if (duration < Duration::zero()) return "-" + format_duration(-duration);
  std::int64_t rest = duration.count();
  std::string out;
  constexpr std::string_view kShown[] = {"d", "h", "m", "s", "ms", "us", "ns"};
  for (const std::string_view name : kShown) {
    for (const Unit& unit : kUnits) {
      if (unit.name != name) continue;
      const auto length = static_cast<std::int64_t>(unit.ns);
      if (rest >= length) out += std::to_string(rest / length) + std::string(name);
      rest %= length;
    }
  }
  return out.empty() ? "0s" : out;
}

}  // namespace leeward
