#include "plugins/sensor/poke_interval.hpp"

#include <limits>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace sensor;

namespace {
constexpr std::int64_t kPlenty = std::numeric_limits<std::int64_t>::max();

PokeRules backing_off(std::int64_t poke_interval_ms) {
  PokeRules rules;
  rules.poke_interval_ms = poke_interval_ms;
  rules.exponential_backoff = true;
  return rules;
}
}  // namespace

TEST_CASE("Without backoff every wait is the poke_interval", "[sensor]") {
  PokeRules rules;
  rules.max_wait_ms = 10;
  for (const std::int64_t poke : {1, 2, 50}) CHECK(next_poke_ms(rules, poke, "x", kPlenty) == 60'000);
}

TEST_CASE("No wait is shorter than a tenth of a second, but for the one that ends on the timeout", "[sensor]") {
  PokeRules rules;
  rules.poke_interval_ms = 0;
  CHECK(next_poke_ms(rules, 1, "x", kPlenty) == 100);
  CHECK(next_poke_ms(rules, 1, "x", 30) == 30);
  rules.exponential_backoff = true;
  rules.max_wait_ms = 5;
  CHECK(next_poke_ms(rules, 1, "x", kPlenty) == 100);
}

TEST_CASE("With backoff a wait lies in Airflow's span, which doubles with each look", "[sensor]") {
  const PokeRules rules = backing_off(60'000);
  const auto [poke, base] =
      GENERATE(table<std::int64_t, std::int64_t>({{1, 30}, {2, 60}, {3, 120}, {4, 240}, {5, 480}, {12, 61440}}));
  std::set<std::int64_t> seen;
  for (int sensor = 0; sensor < 200; ++sensor) {
    const std::int64_t wait = next_poke_ms(rules, poke, "dag#task#" + std::to_string(sensor), kPlenty);
    CHECK(wait % 1000 == 0);
    CHECK(wait >= base * 1000);
    CHECK(wait < 2 * base * 1000);
    seen.insert(wait);
  }
  CHECK(seen.size() > 15);
}

TEST_CASE("With backoff the same sensor waits the same", "[sensor]") {
  const PokeRules rules = backing_off(60'000);
  CHECK(next_poke_ms(rules, 3, "a", kPlenty) == next_poke_ms(rules, 3, "a", kPlenty));
}

TEST_CASE("Backoff of a short interval begins with a second", "[sensor]") {
  CHECK(next_poke_ms(backing_off(100), 1, "x", kPlenty) == 1000);
  CHECK(next_poke_ms(backing_off(0), 40, "x", kPlenty) == 1000);
}

TEST_CASE("Backoff stops at max_wait, and no number of looks is too large", "[sensor]") {
  PokeRules rules = backing_off(60'000);
  CHECK(next_poke_ms(rules, 1'000'000'000, "x", kPlenty) > 0);
  rules.max_wait_ms = 90'000;
  for (const std::int64_t poke : {3, 10, 2000}) CHECK(next_poke_ms(rules, poke, "x", kPlenty) == 90'000);
}

TEST_CASE("The last look falls on the timeout", "[sensor]") {
  CHECK(next_poke_ms({}, 1, "x", 1500) == 1500);
  CHECK(next_poke_ms(backing_off(60'000), 9, "x", 1500) == 1500);
}
