#include "core/engine/retry_policy.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/digest.hpp"
#include "core/base/time_format.hpp"

namespace leeward {
namespace {

constexpr std::int64_t kLongestDelaySeconds = 86'400;  // Airflow's core.max_task_retry_delay

/// The same number for the same attempt of the same instance, from 0 to below `bound`.
std::int64_t jitter(const RetryKey& key, int try_number, std::int64_t bound) {
  std::string text{key.dag_id};
  text.append("#").append(key.task_id).append("#").append(format_iso_timestamp(key.logical_date, ' '));
  text.append("#").append(std::to_string(try_number));
  if (key.map_index >= 0) text.append("#").append(std::to_string(key.map_index));
  std::int64_t rest = 0;
  for (const std::uint8_t byte : sha1(text))
    rest = (rest * 256 + byte) % bound;  // a number of 160 bits, digit by digit
  return rest;
}

Duration with_backoff(const RetryRules& rules, const RetryKey& key, int try_number) {
  const double delay = std::chrono::duration<double>(rules.delay).count();
  const double grown = std::ceil(delay * std::pow(rules.exponential_backoff, try_number - 1));
  // Written so that an overflow to infinity, or the NaN of 0 * infinity, still gives a delay within bounds.
  if (!(grown < static_cast<double>(kLongestDelaySeconds))) return std::chrono::seconds{kLongestDelaySeconds};
  const std::int64_t least = std::max<std::int64_t>(1, static_cast<std::int64_t>(grown));
  return std::chrono::seconds{std::min(kLongestDelaySeconds, least + jitter(key, try_number, least))};
}

}  // namespace

std::optional<Duration> retry_delay(const RetryRules& rules, const RetryKey& key, int try_number,
                                    std::optional<Duration> asked_for) {
  if (try_number > rules.retries) return std::nullopt;
  if (asked_for) return std::max(*asked_for, Duration::zero());
  const bool constant = rules.exponential_backoff == 0 || rules.exponential_backoff == 1;
  const Duration delay = constant ? rules.delay : with_backoff(rules, key, try_number);
  return rules.max_delay ? std::min(delay, *rules.max_delay) : delay;
}

}  // namespace leeward
