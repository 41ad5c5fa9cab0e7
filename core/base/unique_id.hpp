#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"

namespace leeward {

/// A ULID: 26 characters of Crockford's base 32, 48 bits of milliseconds and then 80 random ones. Sorts by time, needs
/// no escaping anywhere, and can be read out aloud.
using UniqueIdRandom = std::array<std::uint8_t, 10>;

/// Pure, so that a simulation can seed it. Times before 1970 count as 1970.
[[nodiscard]] std::string unique_id(Timestamp time, const UniqueIdRandom& random);

/// From the operating system. Thread-safe.
[[nodiscard]] UniqueIdRandom system_random();

/// The time in an id, to the millisecond; nothing if `id` is none. Takes lower case too.
[[nodiscard]] std::optional<Timestamp> unique_id_time(std::string_view id);

}  // namespace leeward
