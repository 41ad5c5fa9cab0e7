#include "core/engine/retry_policy.hpp"

#include <algorithm>
#include <cmath>

namespace leeward {
namespace {

constexpr double kLongestDelaySeconds = 86'400;  // Airflow's core.max_task_retry_delay

Duration with_backoff(const RetryRules& rules, int try_number) {
  const double delay = std::chrono::duration<double>(rules.delay).count();
  const double grown = std::ceil(delay * std::pow(rules.exponential_backoff, try_number - 1));
  // Written so that an overflow to infinity, or the NaN of 0 * infinity, still gives a delay within bounds.
  const double seconds = grown < kLongestDelaySeconds ? std::max(1.0, grown) : kLongestDelaySeconds;
  return std::chrono::seconds{static_cast<std::int64_t>(seconds)};
}

}  // namespace

std::optional<Duration> retry_delay(const RetryRules& rules, int try_number, std::optional<Duration> asked_for) {
  if (try_number > rules.retries) return std::nullopt;
  if (asked_for) return std::max(*asked_for, Duration::zero());
  const bool constant = rules.exponential_backoff == 0 || rules.exponential_backoff == 1;
  const Duration delay = constant ? rules.delay : with_backoff(rules, try_number);
  return rules.max_delay ? std::min(delay, *rules.max_delay) : delay;
}

}  // namespace leeward
