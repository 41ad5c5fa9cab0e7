#pragma once

#include <optional>

#include "core/model/dag.hpp"

namespace leeward {

/// Again after a failure, and when: the delay before the next attempt, or nothing if the retries are used up.
///
/// `try_number` is the attempt that failed, from 1. `asked_for` is what the attempt itself asked for (a Retry-After)
/// and goes before the rules. With a backoff the delay is Airflow's lower bound, max(1 s, ceil(delay * multiplier^(try
/// - 1))), at most a day, then at most `max_delay`; it has no jitter. Pure.
[[nodiscard]] std::optional<Duration> retry_delay(const RetryRules& rules, int try_number,
                                                  std::optional<Duration> asked_for);

}  // namespace leeward
