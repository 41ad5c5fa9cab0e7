#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace time_text {

/// A point in time: milliseconds since the beginning of 1970, UTC.
using UnixMs = std::int64_t;

/// RFC 3339 with `Z` or an offset, the part below a millisecond cut; a time without offset, and a date alone (its
/// midnight), are UTC. Nothing if it is no such time.
[[nodiscard]] std::optional<UnixMs> parse_time(std::string_view text);

/// "07:30" or "07:30:15": milliseconds since midnight. Nothing if it is no such time.
[[nodiscard]] std::optional<std::int64_t> parse_time_of_day(std::string_view text);

/// The midnight, UTC, that the day of `time` began with.
[[nodiscard]] UnixMs midnight_of(UnixMs time);

/// "2024-01-31T08:00:00.000Z", as the host writes it.
[[nodiscard]] std::string format_time(UnixMs time);

/// The machine's clock.
[[nodiscard]] UnixMs now();

}  // namespace time_text
