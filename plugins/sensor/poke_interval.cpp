#include "plugins/sensor/poke_interval.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace sensor {
namespace {

constexpr std::int64_t kShortestMs = 100;

// FNV-1a: spreads well enough, and is the same everywhere and for ever.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

std::int64_t backed_off_ms(const PokeRules& rules, std::int64_t poke, std::string_view identity) {
  constexpr double kEnough = 4e12;  // milliseconds: more than a century, and far from any overflow
  const double seconds = static_cast<double>(rules.poke_interval_ms) / 1000;
  const double doubled = std::ldexp(seconds, static_cast<int>(std::min<std::int64_t>(poke - 2, 1000)));
  const auto base = static_cast<std::uint64_t>(std::clamp(doubled, 1.0, kEnough / 1000));
  const std::uint64_t jitter = hash_of(std::string(identity) + "#" + std::to_string(poke)) % base;
  return static_cast<std::int64_t>(base + jitter) * 1000;
}

}  // namespace

std::int64_t next_poke_ms(const PokeRules& rules, std::int64_t poke, std::string_view identity, std::int64_t left_ms) {
  std::int64_t wait = std::max(rules.poke_interval_ms, kShortestMs);
  if (rules.exponential_backoff) {
    wait = backed_off_ms(rules, poke, identity);
    if (rules.max_wait_ms) wait = std::min(wait, std::max(*rules.max_wait_ms, kShortestMs));
  }
  return std::max<std::int64_t>(std::min(wait, left_ms), 0);
}

}  // namespace sensor
