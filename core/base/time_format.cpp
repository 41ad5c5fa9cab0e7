#include "core/base/time_format.hpp"

#include <charconv>
#include <cstdio>
#include <optional>

namespace leeward {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

/// Eats a text from the left.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_any(std::string_view chars) {
    if (rest_.empty() || chars.find(rest_.front()) == chars.npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Exactly so many digits.
  std::optional<int> number(std::size_t digits) {
    int value = 0;
    if (rest_.size() < digits || rest_.front() == '-') return std::nullopt;
    const auto read = std::from_chars(rest_.data(), rest_.data() + digits, value);
    if (read.ec != std::errc{} || read.ptr != rest_.data() + digits) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }
  /// The digits of a fraction, as nanoseconds; more than nine are cut.
  std::optional<std::int64_t> fraction() {
    std::int64_t value = 0;
    std::int64_t scale = kNsPerSecond;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      scale /= 10;
      value += scale * (rest_[digits] - '0');
    }
    rest_.remove_prefix(digits);
    return digits == 0 ? std::nullopt : std::optional(value);
  }

 private:
  std::string_view rest_;
};

struct TimeOfDay {
  std::int64_t seconds = 0, ns = 0;
};

std::optional<sys_days> read_date(Reader& in) {
  const auto year = in.number(4);
  if (!year || !in.take('-')) return std::nullopt;
  const auto month = in.number(2);
  if (!month || !in.take('-')) return std::nullopt;
  const auto day = in.number(2);
  if (!day) return std::nullopt;
  const year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                            std::chrono::day{static_cast<unsigned>(*day)}};
  return date.ok() ? std::optional<sys_days>(date) : std::nullopt;
}

std::optional<TimeOfDay> read_time(Reader& in) {
  const auto hour = in.number(2);
  if (!hour || *hour > 23 || !in.take(':')) return std::nullopt;
  const auto minute = in.number(2);
  if (!minute || *minute > 59 || !in.take(':')) return std::nullopt;
  const auto second = in.number(2);
  if (!second || *second > 59) return std::nullopt;
  TimeOfDay time{*hour * 3600 + *minute * 60 + *second, 0};
  if (in.take('.')) {
    const auto ns = in.fraction();
    if (!ns) return std::nullopt;
    time.ns = *ns;
  }
  return time;
}

/// Seconds east of UTC.
std::optional<std::int64_t> read_offset(Reader& in) {
  if (in.done() || in.take_any("Zz")) return 0;
  const bool west = in.take('-');
  if (!west && !in.take('+')) return std::nullopt;
  const auto hours = in.number(2);
  if (!hours || *hours > 23 || !in.take(':')) return std::nullopt;
  const auto minutes = in.number(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return west ? -seconds : seconds;
}

std::optional<Timestamp> read_timestamp(std::string_view text) {
  Reader in(text);
  const auto date = read_date(in);
  if (!date) return std::nullopt;
  TimeOfDay time;
  std::int64_t offset = 0;
  if (!in.done()) {
    if (!in.take_any("Tt ")) return std::nullopt;
    const auto read = read_time(in);
    if (!read) return std::nullopt;
    time = *read;
    const auto east = read_offset(in);
    if (!east || !in.done()) return std::nullopt;
    offset = *east;
  }
  const auto year = year_month_day{*date}.year();
  if (year < std::chrono::year{1678} || year > std::chrono::year{2261}) return std::nullopt;
  const std::int64_t days = date->time_since_epoch().count();
  return Timestamp{(days * kSecondsPerDay + time.seconds - offset) * kNsPerSecond + time.ns};
}

}  // namespace

std::string format_timestamp(Timestamp time) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{floor<milliseconds>(nanoseconds{time.unix_ns})};
  const auto midnight = floor<days>(at);
  const year_month_day date{midnight};
  const hh_mm_ss clock{at - midnight};
  char out[40];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return out;
}

std::string format_iso_timestamp(Timestamp time, char separator) {
  using namespace std::chrono;
  std::string out = format_timestamp(time).substr(0, 19);
  out[10] = separator;
  const auto at = floor<microseconds>(nanoseconds{time.unix_ns});
  if (const auto us = (at - floor<seconds>(at)).count(); us != 0) {
    char fraction[8];
    std::snprintf(fraction, sizeof fraction, ".%06d", static_cast<int>(us));
    out += fraction;
  }
  return out + "+00:00";
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  if (const auto time = read_timestamp(text)) return *time;
  return Error{"time.invalid",
               "expected a time such as \"2024-01-31\", \"2024-01-31T08:00:00Z\" or "
               "\"2024-01-31T08:00:00+02:00\", found " +
                   json_excerpt(text)};
}

}  // namespace leeward
