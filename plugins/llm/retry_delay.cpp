#include "retry_delay.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace llm {
namespace {

// Far beyond any cap and far below any overflow.
constexpr double kLongestWaitMs = 1e15;

std::optional<double> positive_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return std::nullopt;
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number) || number <= 0)
    return std::nullopt;
  return number;
}

std::optional<std::int64_t> whole(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// "Fri, 29 Sep 2023 16:26:57 GMT" (IMF-fixdate, the one form that may be sent today) in seconds since 1970.
std::optional<std::int64_t> http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const auto day = whole(text.substr(5, 2));
  const auto year = whole(text.substr(12, 4));
  const auto hour = whole(text.substr(17, 2));
  const auto minute = whole(text.substr(20, 2));
  const auto second = whole(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                         std::chrono::month{static_cast<unsigned>(month - kMonths.begin() + 1)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  return std::int64_t{days} * 86'400 + *hour * 3'600 + *minute * 60 + *second;
}

std::string_view header(const Headers& headers, const char* name) {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

std::int64_t milliseconds(double ms) { return static_cast<std::int64_t>(std::ceil(std::min(ms, kLongestWaitMs))); }

}  // namespace

std::optional<std::int64_t> server_wait_ms(const Headers& headers, std::int64_t now_epoch_s) {
  for (const char* name : {"retry-after-ms", "x-ms-retry-after-ms"}) {
    if (const auto ms = positive_number(header(headers, name))) return milliseconds(*ms);
  }
  const std::string_view text = header(headers, "retry-after");
  if (const auto seconds = positive_number(text)) return milliseconds(*seconds * 1000);
  if (const auto date = http_date(text); date && *date > now_epoch_s) return (*date - now_epoch_s) * 1000;
  return std::nullopt;
}

std::int64_t backoff_ms(int retry, std::uint64_t seed) {
  const double longest = std::min(500.0 * std::pow(2.0, std::clamp(retry, 0, 10)), 8000.0);
  // One step of SplitMix64: neighbouring retries of one seed differ in every bit.
  std::uint64_t mixed = seed + 0x9E3779B97F4A7C15u * (static_cast<std::uint64_t>(retry) + 1);
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  const double fraction = static_cast<double>((mixed ^ (mixed >> 31)) >> 11) / 9007199254740992.0;  // 2^53
  return static_cast<std::int64_t>(longest * (1.0 - 0.25 * fraction));
}

std::int64_t retry_delay_ms(const Headers& headers, std::int64_t now_epoch_s, int retry, std::uint64_t seed,
                            std::int64_t cap_ms) {
  const auto wait = server_wait_ms(headers, now_epoch_s);
  return wait && *wait <= cap_ms ? *wait : backoff_ms(retry, seed);
}

std::uint64_t seed_of(std::string_view text) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

}  // namespace llm
