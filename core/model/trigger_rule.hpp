#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace leeward {

/// When a task may start, given how its direct upstreams ended. Airflow's names and meanings.
enum class TriggerRule : std::uint8_t {
  all_success,
  all_failed,
  all_done,
  all_skipped,
  all_done_min_one_success,
  one_success,
  one_failed,
  one_done,
  none_failed,
  none_failed_min_one_success,
  none_skipped,
  always,
};

[[nodiscard]] std::string_view to_string(TriggerRule rule) noexcept;
[[nodiscard]] std::optional<TriggerRule> trigger_rule_of(std::string_view word) noexcept;
[[nodiscard]] std::vector<std::string_view> trigger_rule_words();

/// How the direct upstreams stand, by count. `total` of an expanded upstream counts its instances.
struct UpstreamCounts {
  std::uint32_t total = 0;
  std::uint32_t success = 0;
  std::uint32_t failed = 0;
  std::uint32_t upstream_failed = 0;
  std::uint32_t skipped = 0;
  std::uint32_t removed = 0;
  [[nodiscard]] std::uint32_t done() const noexcept { return success + failed + upstream_failed + skipped + removed; }
};

enum class TriggerDecision : std::uint8_t { wait, run, skip, upstream_failed };

/// Decides as early as Airflow does: a rule that can already be decided does not wait. Pure, O(1).
[[nodiscard]] TriggerDecision decide(TriggerRule rule, const UpstreamCounts& upstream) noexcept;

}  // namespace leeward
