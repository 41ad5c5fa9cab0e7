#pragma once

#include <optional>
#include <string_view>

#include "plugins/time_text/timestamp.hpp"

namespace time_sensor {

/// The time that `target` names: RFC 3339, or a time of the day, UTC, that `today` lies in. Nothing if it is neither.
[[nodiscard]] inline std::optional<time_text::UnixMs> target_time(std::string_view target, time_text::UnixMs today) {
  if (const auto of_day = time_text::parse_time_of_day(target)) return time_text::midnight_of(today) + *of_day;
  return time_text::parse_time(target);
}

}  // namespace time_sensor
