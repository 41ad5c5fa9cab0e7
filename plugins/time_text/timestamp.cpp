#include "plugins/time_text/timestamp.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>

namespace time_text {
namespace {

constexpr std::int64_t kMsPerDay = 24 * 3600 * 1000;

/// Eats a text from the left.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  bool take_any(std::string_view chars) {
    if (rest_.empty() || chars.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Exactly so many digits, a number up to `most`.
  std::optional<int> number(std::size_t digits, int most) {
    int value = 0;
    if (rest_.size() < digits || rest_.front() == '-') return std::nullopt;
    const auto read = std::from_chars(rest_.data(), rest_.data() + digits, value);
    if (read.ec != std::errc{} || read.ptr != rest_.data() + digits || value > most) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }
  /// The digits after a point, in milliseconds; nothing if there are none.
  std::optional<std::int64_t> fraction_ms() {
    std::int64_t value = 0;
    std::int64_t scale = 100;
    bool any = false;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1), scale /= 10) {
      value += scale * (rest_.front() - '0');
      any = true;
    }
    return any ? std::optional(value) : std::nullopt;
  }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> read_clock(Reader& in, bool needs_seconds) {
  const auto hour = in.number(2, 23);
  if (!hour || !in.take_any(":")) return std::nullopt;
  const auto minute = in.number(2, 59);
  if (!minute) return std::nullopt;
  std::int64_t ms = (*hour * 60 + *minute) * std::int64_t{60000};
  if (!in.take_any(":")) return needs_seconds ? std::nullopt : std::optional(ms);
  const auto second = in.number(2, 59);
  if (!second) return std::nullopt;
  ms += *second * std::int64_t{1000};
  if (!in.take_any(".")) return ms;
  const auto fraction = in.fraction_ms();
  return fraction ? std::optional(ms + *fraction) : std::nullopt;
}

/// Milliseconds east of UTC.
std::optional<std::int64_t> read_offset(Reader& in) {
  if (in.done() || in.take_any("Zz")) return 0;
  const bool west = in.take_any("-");
  if (!west && !in.take_any("+")) return std::nullopt;
  const auto hours = in.number(2, 23);
  if (!hours || !in.take_any(":")) return std::nullopt;
  const auto minutes = in.number(2, 59);
  if (!minutes) return std::nullopt;
  const std::int64_t ms = (*hours * 60 + *minutes) * std::int64_t{60000};
  return west ? -ms : ms;
}

std::optional<UnixMs> read_date(Reader& in) {
  const auto year = in.number(4, 9999);
  if (!year || !in.take_any("-")) return std::nullopt;
  const auto month = in.number(2, 12);
  if (!month || !in.take_any("-")) return std::nullopt;
  const auto day = in.number(2, 31);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count() * kMsPerDay;
}

}  // namespace

std::optional<UnixMs> parse_time(std::string_view text) {
  Reader in(text);
  const auto date = read_date(in);
  if (!date || in.done()) return date;
  if (!in.take_any("Tt ")) return std::nullopt;
  const auto clock = read_clock(in, true);
  if (!clock) return std::nullopt;
  const auto east = read_offset(in);
  return east && in.done() ? std::optional(*date + *clock - *east) : std::nullopt;
}

std::optional<std::int64_t> parse_time_of_day(std::string_view text) {
  Reader in(text);
  const auto clock = read_clock(in, false);
  return in.done() ? clock : std::nullopt;
}

UnixMs midnight_of(UnixMs time) {
  const std::int64_t into_day = (time % kMsPerDay + kMsPerDay) % kMsPerDay;
  return time - into_day;
}

std::string format_time(UnixMs time) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds{time}};
  const auto midnight = floor<days>(at);
  const year_month_day date{midnight};
  const hh_mm_ss clock{at - midnight};
  char out[48];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return out;
}

UnixMs now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace time_text
