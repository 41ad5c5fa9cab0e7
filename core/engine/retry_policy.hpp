#pragma once

#include <optional>
#include <string_view>

#include "core/model/dag.hpp"

namespace leeward {

/// Whose retry it is: what the jitter of its backoff is made from, so that a run repeated waits as long.
struct RetryKey {
  std::string_view dag_id;
  std::string_view task_id;
  Timestamp logical_date;
  int map_index = -1;
};

/// Again after a failure, and when: the delay before the next attempt, or nothing if the retries are used up.
///
/// `try_number` is the attempt that failed, from 1. `asked_for` is what the attempt itself asked for (a Retry-After)
/// and goes before the rules. A backoff is Airflow's to the second: with b = max(1, ceil(delay * multiplier^(try - 1)))
/// the delay is b + sha1("dag_id#task_id#logical_date#try") mod b, at most a day, then at most `max_delay`. For an
/// instance of a mapped task "#map_index" follows in that text: else a thousand instances would come back at once.
/// Pure.
[[nodiscard]] std::optional<Duration> retry_delay(const RetryRules& rules, const RetryKey& key, int try_number,
                                                  std::optional<Duration> asked_for);

}  // namespace leeward
