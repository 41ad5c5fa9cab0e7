#include "core/engine/retry_policy.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "core/base/time_format.hpp"

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

RetryKey key(std::string_view task = "load", std::string_view logical_date = "2024-01-01", int map_index = -1) {
  return {"etl", task, parse_timestamp(logical_date).value(), map_index};
}

std::optional<Duration> delay(const RetryRules& r, int try_number, std::optional<Duration> asked_for = {}) {
  return retry_delay(r, key(), try_number, asked_for);
}
}  // namespace

TEST_CASE("A task is retried as often as its retries say, and no more", "[engine]") {
  CHECK_FALSE(delay(rules(0, 1s), 1).has_value());
  CHECK(delay(rules(2, 1s), 2) == Duration{1s});
  CHECK_FALSE(delay(rules(2, 1s), 3).has_value());
}

TEST_CASE("Without a backoff the delay stays", "[engine]") {
  CHECK(delay(rules(9, 300s), 5) == Duration{300s});
  CHECK(delay(rules(9, 300s, 1), 3) == Duration{300s});
  CHECK(delay(rules(9, 10ms), 3) == Duration{10ms});
}

// The seconds are those of Airflow's own formula, with Python's hashlib.
TEST_CASE("A backoff multiplies the delay and adds Airflow's jitter", "[engine]") {
  CHECK(delay(rules(9, 30s, 2), 1) == Duration{52s});
  CHECK(delay(rules(9, 30s, 2), 5) == Duration{487s});
  CHECK(delay(rules(9, 10s, 3), 3) == Duration{103s});
  CHECK(delay(rules(9, 300s, 1.5), 2) == Duration{875s});
  CHECK(delay(rules(9, 43200500ms, 2), 1) == Duration{53382s});
  CHECK(delay(rules(9, 100ms, 2), 1) == Duration{1s});
  CHECK(delay(rules(9, 0s, 2), 4) == Duration{1s});
}

TEST_CASE("The jitter counts the logical date to the microsecond", "[engine]") {
  const RetryRules minutes = rules(9, 60s, 2);
  CHECK(retry_delay(rules(9, 300s, 2), key("load", "2024-02-29T23:59:58.123456789Z"), 2, {}) == Duration{972s});
  CHECK(retry_delay(minutes, key("load", "1969-12-31T23:59:59.5Z"), 3, {}) == Duration{396s});
  CHECK(retry_delay(minutes, key(), 3, {}) == Duration{313s});
}

TEST_CASE("The jitter spreads tasks, and the instances of one task", "[engine]") {
  const RetryRules minutes = rules(9, 60s, 2);
  CHECK(retry_delay(minutes, key("load", "2024-01-01", 0), 3, {}) == Duration{418s});
  CHECK(retry_delay(minutes, key("load", "2024-01-01", 1), 3, {}) == Duration{296s});
  CHECK(retry_delay(minutes, key("load", "2024-01-01", 999), 3, {}) == Duration{350s});
  CHECK(retry_delay(rules(9, 300s, 2), {"llm", "总结", key().logical_date}, 2, {}) == Duration{750s});

  std::set<Duration> delays;
  for (int i = 0; i < 1000; ++i) delays.insert(retry_delay(minutes, key("load", "2024-01-01", i), 3, {}).value());
  CHECK(delays.size() > 200);  // of the 240 there are
  CHECK(*delays.begin() >= 240s);
  CHECK(*delays.rbegin() < 480s);
}

TEST_CASE("A backoff never exceeds max_retry_delay, nor a day", "[engine]") {
  RetryRules capped = rules(5000, 30s, 2);
  CHECK(delay(capped, 11) == Duration{45524s});
  CHECK(delay(capped, 12) == Duration{24h});
  CHECK(delay(capped, 50) == Duration{24h});
  CHECK(delay(capped, 4000) == Duration{24h});
  capped.max_delay = Duration{1h};
  CHECK(delay(capped, 50) == Duration{1h});
  CHECK(delay(capped, 1) == Duration{52s});
  capped.delay = 0s;
  CHECK(delay(capped, 4000).has_value());
}

TEST_CASE("A delay that the attempt asked for goes before the rules", "[engine]") {
  RetryRules r = rules(1, 300s, 2);
  r.max_delay = 2s;
  CHECK(delay(r, 1, Duration{7s}) == Duration{7s});
  CHECK(delay(r, 1, Duration{-7s}) == Duration{0});
  CHECK_FALSE(delay(r, 2, Duration{7s}).has_value());
}
