#include "core/engine/retry_policy.hpp"

#include <catch2/catch.hpp>

using namespace leeward;
using namespace std::chrono_literals;

namespace {
RetryRules rules(int retries, Duration delay, double backoff = 0) {
  RetryRules r;
  r.retries = retries;
  r.delay = delay;
  r.exponential_backoff = backoff;
  return r;
}
}  // namespace

TEST_CASE("A task is retried as often as its retries say, and no more", "[engine]") {
  CHECK_FALSE(retry_delay(rules(0, 1s), 1, {}).has_value());
  CHECK(retry_delay(rules(2, 1s), 2, {}) == Duration{1s});
  CHECK_FALSE(retry_delay(rules(2, 1s), 3, {}).has_value());
}

TEST_CASE("Without a backoff the delay stays", "[engine]") {
  CHECK(retry_delay(rules(9, 300s), 5, {}) == Duration{300s});
  CHECK(retry_delay(rules(9, 300s, 1), 3, {}) == Duration{300s});
  CHECK(retry_delay(rules(9, 10ms), 3, {}) == Duration{10ms});
}

TEST_CASE("A backoff multiplies the delay for each attempt", "[engine]") {
  CHECK(retry_delay(rules(9, 30s, 2), 1, {}) == Duration{30s});
  CHECK(retry_delay(rules(9, 30s, 2), 5, {}) == Duration{480s});
  CHECK(retry_delay(rules(9, 10s, 3), 3, {}) == Duration{90s});
  CHECK(retry_delay(rules(9, 100ms, 2), 1, {}) == Duration{1s});
  CHECK(retry_delay(rules(9, 0s, 2), 4, {}) == Duration{1s});
}

TEST_CASE("A backoff never exceeds max_retry_delay, nor a day", "[engine]") {
  RetryRules capped = rules(5000, 30s, 2);
  CHECK(retry_delay(capped, 50, {}) == Duration{24h});
  CHECK(retry_delay(capped, 4000, {}) == Duration{24h});
  capped.max_delay = Duration{1h};
  CHECK(retry_delay(capped, 50, {}) == Duration{1h});
  capped.delay = 0s;
  CHECK(retry_delay(capped, 4000, {}).has_value());
}

TEST_CASE("A delay that the attempt asked for goes before the rules", "[engine]") {
  RetryRules r = rules(1, 300s, 2);
  r.max_delay = 2s;
  CHECK(retry_delay(r, 1, Duration{7s}) == Duration{7s});
  CHECK(retry_delay(r, 1, Duration{-7s}) == Duration{0});
  CHECK_FALSE(retry_delay(r, 2, Duration{7s}).has_value());
}
