#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace leeward {

/// Times and durations as people write and read them. Pure functions.

/// "2024-01-01T00:00:00.000Z": RFC 3339, UTC, always milliseconds, so that texts sort like the times they name.
[[nodiscard]] std::string format_timestamp(Timestamp time);

/// "2024-01-01T00:00:00+00:00", as Python's datetime.isoformat() writes UTC: microseconds, six digits of them, only if
/// there are any. `separator` stands between date and time.
[[nodiscard]] std::string format_iso_timestamp(Timestamp time, char separator = 'T');

/// RFC 3339 with `Z` or an offset, down to nanoseconds; also a date alone (midnight) and a time without offset, both
/// UTC. Years 1678 to 2261. Code time.invalid.
[[nodiscard]] Result<Timestamp> parse_timestamp(std::string_view text);

/// "1h30m", "90s" is "1m30s", "250ms"; "0s".
[[nodiscard]] std::string format_duration(Duration duration);

/// "90s", "5m", "1h30m", "1.5h", "250ms", "2d", "1w", or ISO 8601's "PT5M", "P1DT12H". Never negative. Code
/// duration.invalid.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

/// As a spec has it: a number of seconds, or a text as above. The error says where. REQUIRES: `json` exists.
[[nodiscard]] Result<Duration> duration_of(const Json& json);

}  // namespace leeward
