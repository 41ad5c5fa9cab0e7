#pragma once

#include <string>
#include <vector>

namespace leeward::conformance {

/// How a task's direct upstreams stand, by Airflow's words; empty: unfinished.
using Upstreams = std::vector<std::string>;

/// What Airflow's trigger rules make of them, written a second time from their description and shaped differently from
/// the engine's own (over the states, not over counts), so that the two agree only if both are right. For a task that
/// is neither mapped nor a teardown. "run", "wait", "skipped" or "upstream_failed".
[[nodiscard]] std::string decision_by_the_book(const std::string& rule, const Upstreams& upstreams);

}  // namespace leeward::conformance
