#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/run_engine.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/simulation/outcomes.hpp"
#include "tests/support/recording_observer.hpp"
#include "tests/support/simulated_executor.hpp"

namespace leeward::test {

/// One scenario, run by the engine on a clock that jumps, from its first event to its last.
class SimulatedRun {
 public:
  explicit SimulatedRun(const RandomScenario& scenario);

  [[nodiscard]] const std::vector<Event>& events() const noexcept { return observer_.events(); }
  [[nodiscard]] const RunRecord& record() const noexcept { return record_; }
  /// What went wrong between the engine and those it called; empty: nothing.
  [[nodiscard]] const std::vector<std::string>& mistakes() const noexcept { return mistakes_; }

 private:
  [[nodiscard]] SimulatedExecutor::Step step(const TaskCall& call);
  void answer_later(const TaskCall& call, Duration after);
  void check_call(const TaskCall& call, const std::vector<Act>& acts, std::size_t place);

  const RandomScenario& scenario_;
  const Outcomes outcomes_;
  FakeClock clock_;
  SimulatedExecutor executor_;
  MemoryRunStore store_;
  RecordingObserver observer_;
  PoolTable pools_;
  RunEngine* engine_ = nullptr;                                 ///< while it runs
  std::map<std::pair<InstanceIndex, int>, std::size_t> calls_;  ///< so far, by instance and try
  std::map<InstanceIndex, int> reschedules_;
  RunRecord record_;
  std::vector<std::string> mistakes_;
};

}  // namespace leeward::test
