#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sensor {

/// How a sensor looks again: Airflow's parameters of the same names.
struct PokeRules {
  std::int64_t poke_interval_ms = 60'000;
  std::int64_t timeout_ms = std::int64_t{7} * 24 * 3600 * 1000;
  std::optional<std::int64_t> max_wait_ms;
  bool exponential_backoff = false;
  bool soft_fail = false;
  bool never_fail = false;
  bool silent_fail = false;
};

/// How long to wait after poke number `poke` (from 1), milliseconds. Pure.
///
/// With backoff it is Airflow's: whole seconds, b = max(poke_interval * 2^(poke - 2), 1), and up to b more that depend
/// on `identity` and the number alone, so that many sensors do not look at the same moment; at most max_wait. Never
/// below 100 ms, so that no sensor keeps the engine busy with looking; never past the timeout, of which `left_ms` is
/// left: the last look falls on it.
[[nodiscard]] std::int64_t next_poke_ms(const PokeRules& rules, std::int64_t poke, std::string_view identity,
                                        std::int64_t left_ms);

}  // namespace sensor
