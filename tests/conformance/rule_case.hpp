#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "tests/conformance/group.hpp"
#include "tests/conformance/rule_oracle.hpp"

namespace leeward::conformance {

/// Whether the task is repeated over four items, of which the last is looked at: by itself, by its group, or first one
/// way and then the other.
enum class Mapped : std::uint8_t { no, task, group, both };

/// One task with a trigger rule below some upstreams, and how these end.
struct RuleCase {
  std::string rule;
  Upstreams upstreams;
  std::vector<bool> setups;  ///< which of them are setups; empty: none
  bool is_teardown = false;  ///< the task itself
  Mapped mapped = Mapped::no;
  std::vector<std::size_t> ending;  ///< which upstream ends first, and so on, a second apart; empty: those that failed
                                    ///< first, since Airflow looks at failures before anything else
};

struct RuleAnswer {
  std::string decision;          ///< run, wait, skipped or upstream_failed
  std::optional<Duration> when;  ///< it fell, since the start; nothing: it has not
};

/// A run of the engine. An unfinished upstream is an attempt that does not end until the decision was seen; a failing
/// task above it makes one upstream_failed. REQUIRES: no upstream is `removed`.
[[nodiscard]] RuleAnswer decide_in_a_run(const RuleCase& c);

/// Without a run: by the engine's own plan, which is told how the upstreams ended. For `removed`, which no run comes to
/// before there is a way to clear it.
[[nodiscard]] std::string decide_in_the_plan(const RuleCase& c);

/// By whichever of the two can.
[[nodiscard]] Verdict check(const RuleCase& c, const std::string& decision);

}  // namespace leeward::conformance
