#include "plugins/time_text/duration.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include <leeward/cpp/json_value.hpp>

namespace time_text {
namespace {

constexpr double kDayMs = 24.0 * 3600 * 1000;
constexpr double kCenturyMs = 366.0 * 100 * kDayMs;

struct Unit {
  std::string_view name;
  double ms;
};
// A longer name comes before one that it begins with.
constexpr Unit kUnits[] = {{"ms", 1},     {"us", 1e-3},  {"ns", 1e-6}, {"w", 7 * kDayMs},
                           {"d", kDayMs}, {"h", 3600e3}, {"m", 60e3},  {"s", 1000}};
constexpr Unit kIsoDateUnits[] = {{"W", 7 * kDayMs}, {"D", kDayMs}};
constexpr Unit kIsoTimeUnits[] = {{"H", 3600e3}, {"M", 60e3}, {"S", 1000}};

/// Takes "12.5" off the front.
std::optional<double> take_number(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && (std::isdigit(static_cast<unsigned char>(text[length])) != 0 || text[length] == '.'))
    ++length;
  const std::string digits(text.substr(0, length));
  const bool well_formed = length > 0 && digits.front() != '.' && digits.back() != '.' &&
                           std::count(digits.begin(), digits.end(), '.') <= 1 && length < 20;
  if (!well_formed) return std::nullopt;
  text.remove_prefix(length);
  const std::size_t dot = std::min(digits.find('.'), digits.size());
  double value = 0;
  for (std::size_t i = 0; i < dot; ++i) value = value * 10 + (digits[i] - '0');
  double scale = 0.1;
  for (std::size_t i = dot + 1; i < digits.size(); ++i, scale /= 10) value += scale * (digits[i] - '0');
  return value;
}

/// Adds up "1h30m" as long as there are numbers; nothing if one has no unit of these.
template <std::size_t N>
std::optional<double> take_sum(std::string_view& text, const Unit (&units)[N]) {
  double sum = 0;
  while (!text.empty() && text.front() != 'T') {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const Unit* const unit = std::find_if(std::begin(units), std::end(units),
                                          [&](const Unit& u) { return text.substr(0, u.name.size()) == u.name; });
    if (unit == std::end(units)) return std::nullopt;
    text.remove_prefix(unit->name.size());
    sum += *number * unit->ms;
  }
  return sum;
}

std::optional<double> iso_ms(std::string_view text) {
  text.remove_prefix(1);
  if (text.empty() || text.back() == 'T') return std::nullopt;
  const auto date = take_sum(text, kIsoDateUnits);
  if (!date || text.empty()) return date;
  text.remove_prefix(1);
  const auto time = take_sum(text, kIsoTimeUnits);
  return time && text.empty() ? std::optional(*date + *time) : std::nullopt;
}

std::optional<double> text_ms(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.front() == 'P') return iso_ms(text);
  const auto sum = take_sum(text, kUnits);
  return text.empty() ? sum : std::nullopt;
}

std::optional<double> seconds_as_ms(std::string_view json) {
  try {
    const double seconds = leeward::sdk::read_json<double>(json);
    return seconds >= 0 ? std::optional(seconds * 1000) : std::nullopt;
  } catch (const leeward::sdk::Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<std::int64_t> milliseconds_in(std::string_view json) {
  const bool is_text = !json.empty() && json.front() == '"';
  const auto ms = is_text ? text_ms(leeward::sdk::unquote(json)) : seconds_as_ms(json);
  if (!ms) return std::nullopt;
  // A little more, so that 0.29 s is 290 ms whatever a double makes of it.
  return static_cast<std::int64_t>(std::min(*ms + 1e-6, kCenturyMs));
}

std::optional<std::int64_t> duration_param_ms(leeward::sdk::Task task, std::string_view name) {
  const auto json = task.find_param(name);
  if (!json || *json == "null") return std::nullopt;
  if (const auto ms = milliseconds_in(*json)) return ms;
  throw leeward::sdk::fail("bad_value", "parameter '" + std::string(name) +
                                            "': expected a duration, such as 90, \"90s\" " + "or \"1h30m\", got " +
                                            leeward::sdk::well_formed(json->substr(0, 60)));
}

std::string format_ms(std::int64_t ms) {
  std::string out;
  std::int64_t rest = ms;
  constexpr std::pair<const char*, std::int64_t> kShown[] = {
      {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
  for (const auto& [name, length] : kShown) {
    if (rest >= length) out += std::to_string(rest / length) + name;
    rest %= length;
  }
  return out.empty() ? "0s" : out;
}

}  // namespace time_text
