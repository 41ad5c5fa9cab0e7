#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/model/event.hpp"

namespace leeward {

/// What is wrong with the history of one run of a DAG with so many tasks, in words, the first 20; empty: nothing, and
/// the events may be given to a RunProjection.
///
///  - sequences go on from 0 without a gap
///  - a run starts once, tasks change only while it runs, and after its end there is only a run_reopened (which may
///  also take a stop back)
///  - every transition is in the table, and goes on from where the last one led; try numbers never fall, and what runs
///    has one
///  - a task that succeeded has an outcome that is a success
///  - expansions number their instances one after another; the task itself stands still from then on
///  - a run ends in an end state, and with all its instances finished
///
/// Pure. What a store keeps is checked by it before it is believed, and every test of faults asks it.
[[nodiscard]] std::vector<std::string> broken_invariants(std::size_t tasks, std::span<const Event> events);

}  // namespace leeward
