#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/event.hpp"
#include "core/model/run_record.hpp"
#include "tests/simulation/random_dag.hpp"

namespace leeward::test {

/// What an engine promises whatever happens, timeouts and stops included, checked against the events of one run: which
/// promises were broken, in words; empty: none.
///
///  - every transition is lawful, every instance ends, and ends once for each time that its task was cleared, and
///    nothing comes after the run's end but a clear
///  - the history is one that a store would believe
///  - nothing starts or is given up before its upstreams have decided it, nor later than then (DecisionWatch)
///  - what waits for its time is scheduled just then
///  - no limit is ever exceeded, and priorities decide who starts (LimitWatch)
///  - a teardown runs if, and only if, one of its setups succeeded; only a dagrun_timeout stops it
///  - the run ends as its leaves do, or as what stopped it asks
///  - what was told adds up to what was stored
///
/// Of a run whose events' times say little, because the clock was set or nobody was there for a while, not what hangs
/// on them: that everything decided is done at once, limits, and teardowns where a timeout may have come.
enum class Times : std::uint8_t { exact, unsure };
[[nodiscard]] std::vector<std::string> broken_promises(const RandomScenario& scenario, const std::vector<Event>& events,
                                                       const RunRecord& stored, Times times = Times::exact);

}  // namespace leeward::test
