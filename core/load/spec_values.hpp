#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"

namespace leeward {

// Readers of single values of a spec: the value, or nothing and a mistake in `errors` that says what was expected.

void add_error(Errors& errors, std::string code, std::string message, const Json& at);
/// False once so many mistakes were told that one more helps nobody; the last of them then says so.
[[nodiscard]] bool has_room(Errors& errors);
/// As add_error(), at the member's key. REQUIRES: `member` is a member's value.
void add_key_error(Errors& errors, std::string code, std::string message, const Json& member);

/// Code spec.type, naming the key: `"retries" must be an integer, and this is a string`.
bool expect(bool holds, std::string_view expected, const Json& value, Errors& errors);

[[nodiscard]] std::optional<bool> read_boolean(const Json& value, Errors& errors);
[[nodiscard]] std::optional<int> read_integer(const Json& value, int least, Errors& errors);

/// Seconds as a number, "90s" "5m" "1h30m" "1d" "500ms", or ISO 8601 "PT5M". Code spec.duration.
[[nodiscard]] std::optional<Duration> read_duration(const Json& value, Errors& errors);

/// "2024-01-01", or a time of RFC 3339. Code spec.date.
[[nodiscard]] std::optional<Timestamp> read_date(const Json& value, Errors& errors);

/// A dag_id, a task_id: ^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$. Code spec.id.
[[nodiscard]] bool read_id(const Json& value, Errors& errors);
[[nodiscard]] bool is_id(std::string_view text) noexcept;

}  // namespace leeward
