#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/engine/run_standing.hpp"

namespace leeward {

/// Airflow's `tasks clear`: what is recorded of a run so that some of its tasks run again. History stays; what a
/// cleared task did counts no more, but for its try numbers, which go on, and it has all its retries again.
struct ClearRequest {
  std::vector<std::string> task_ids;
  bool downstream = false;  ///< and whatever comes after them
  bool only_failed =
      false;  ///< of all these, those with an instance that failed, was lost, canceled or upstream_failed
};

/// The events that do it, to be appended to the run's history, in the spec's order; whoever takes the run up afterwards
/// goes on with it. A task is cleared with all its instances, and expanded anew. As in Airflow, a task comes with the
/// setups in whose scope it stands and their teardowns, and a setup with its teardowns. Beyond what Airflow says, who
/// is mapped over what a cleared task returns is cleared, too, unless it has ended.
///
/// REQUIRES: nobody runs it. A run that had begun or was to be stopped is queued again: its dagrun_timeout counts anew.
/// Codes clear.unknown_task;
/// clear.nothing: none of them has anything to clear.
[[nodiscard]] Result<std::vector<Event>> clear(const Dag& dag, const RunStanding& standing, const ClearRequest& request,
                                               Timestamp at);

}  // namespace leeward
