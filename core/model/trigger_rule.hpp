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
  all_done_setup_success,  ///< what a teardown has
};

[[nodiscard]] std::string_view to_string(TriggerRule rule) noexcept;
[[nodiscard]] std::optional<TriggerRule> trigger_rule_of(std::string_view word) noexcept;
[[nodiscard]] std::vector<std::string_view> trigger_rule_words();

/// How the direct upstreams stand, by count. `total` of a mapped upstream counts its instances.
struct UpstreamCounts {
  std::uint32_t total = 0;
  std::uint32_t success = 0;
  std::uint32_t failed = 0;
  std::uint32_t upstream_failed = 0;
  std::uint32_t skipped = 0;
  std::uint32_t removed = 0;
  [[nodiscard]] std::uint32_t done() const noexcept { return success + failed + upstream_failed + skipped + removed; }
};

enum class TriggerDecision : std::uint8_t { wait, run, skip, upstream_failed, remove };

/// Decides as early as Airflow does: a rule that can already be decided does not wait. `setups` are those of the
/// upstreams that are setups (all_done_setup_success asks). For a mapped instance (`map_index` >= 0) an upstream that
/// was removed does not count; for any other it is done without success. Pure, O(1). Airflow: trigger_rule_dep.py.
[[nodiscard]] TriggerDecision decide(TriggerRule rule, const UpstreamCounts& upstream,
                                     const UpstreamCounts& setups = {}, int map_index = -1) noexcept;

/// What the setups above a task make of it, whatever its rule: a failed one fails it and a skipped one skips it at
/// once, and until all have succeeded it does not run (`wait`). `run`: they stand in nobody's way.
[[nodiscard]] TriggerDecision decide_by_setups(const UpstreamCounts& setups) noexcept;

}  // namespace leeward
