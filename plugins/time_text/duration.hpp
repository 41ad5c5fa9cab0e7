#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <leeward/cpp/task.hpp>

namespace time_text {

/// A parameter's schema: a length of time as a DAG writes it, a number of seconds or a text such as "90s".
#define TIME_TEXT_DURATION_SCHEMA                   \
  R"({"anyOf": [{"type": "number", "minimum": 0},)" \
  R"( {"type": "string", "pattern": "^(([0-9]+([.][0-9]+)?(w|d|h|ms|us|ns|m|s))+|P[0-9.DTHMSW]+)$"}]})"

/// Milliseconds; the part below one is cut, and what is longer than a century counts as one. JSON: a number of seconds,
/// or "90s", "5m", "1h30m", "1.5h", "250ms", "2d", "1w", or ISO 8601's "PT5M", "P1DT12H". Nothing if it is neither.
[[nodiscard]] std::optional<std::int64_t> milliseconds_in(std::string_view json);

/// A parameter of the task. Throws leeward::sdk::Error, type bad_value, if it is no duration.
[[nodiscard]] std::optional<std::int64_t> duration_param_ms(leeward::sdk::Task task, std::string_view name);

/// "90s", "1h30m": for messages.
[[nodiscard]] std::string format_ms(std::int64_t ms);

}  // namespace time_text
