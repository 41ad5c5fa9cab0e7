#include "fallback.hpp"

#include <algorithm>

namespace llm {

FallbackPlan::Step FallbackPlan::ask(std::size_t model, int retry, std::int64_t wait_ms,
                                     std::int64_t elapsed_ms) const {
  const std::int64_t left = options_.deadline_ms - elapsed_ms - wait_ms;
  const auto in_line = static_cast<std::int64_t>(options_.models - model);
  return {Action::ask, model, retry, wait_ms, std::max<std::int64_t>(1, left / in_line)};
}

FallbackPlan::Step FallbackPlan::after(const Step& last, const Failure& failure, std::int64_t elapsed_ms) const {
  const Step give_up{Action::give_up, last.model, last.retry, 0, 0};
  if (failure.content_emitted || elapsed_ms >= options_.deadline_ms) return give_up;

  const std::int64_t wait = failure.server_wait_ms.value_or(failure.backoff_ms);
  const bool too_long = failure.server_wait_ms && *failure.server_wait_ms > options_.retry_after_cap_ms;
  const bool in_time = elapsed_ms + wait < options_.deadline_ms;
  if (failure.retryable && last.retry < options_.max_retries && !too_long && in_time) {
    return ask(last.model, last.retry + 1, wait, elapsed_ms);
  }
  if (failure.may_fall_back && last.model + 1 < options_.models) return ask(last.model + 1, 0, 0, elapsed_ms);
  return give_up;
}

}  // namespace llm
