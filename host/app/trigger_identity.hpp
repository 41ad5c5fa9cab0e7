#pragma once

#include <string>

#include "core/base/clock.hpp"
#include "core/exec/operator.hpp"
#include "host/plugin/run_gateway.hpp"

namespace leeward {

/// By what a run that an attempt asks for is found again, if the attempt is started again after a crash: it asks for
/// just the same then. Another try asks for another run.
struct TriggerIdentity {
  std::string run_id;        ///< as the DAG chose it, else made from the attempt
  std::string triggered_by;  ///< RunInfo's; empty: a callback asks, which is never made again
};

/// Counts among the attempt's calls, so ask once for each trigger. A run that is asked for by nobody who would ask
/// again gets a new id.
[[nodiscard]] TriggerIdentity identity_of(const TaskCall& by, const RunTrigger& asked, const Clock& clock);

}  // namespace leeward
