#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/run_engine.hpp"
#include "core/exec/thread_pool_executor.hpp"
#include "core/store/run_store.hpp"
#include "host/app/active_runs.hpp"

namespace leeward {

/// One run with what belongs to it alone: executor and engine. Made by Application, which outlives it and owns what its
/// runs share: the store, the pools, and the list of active runs, on which it stands until it has ended.
class RunSession {
 public:
  /// What the runs of a process share.
  struct Shared {
    const Clock& clock;
    OperatorSource& operators;
    RunStore& store;
    PoolTable& pools;
    ActiveRuns& active;
  };

  RunSession(std::shared_ptr<const Dag> dag, RunInfo info, ActiveRuns::Place place, const Shared& shared,
             AttemptListener& listener, std::vector<Observer*> observers);
  ~RunSession();
  RunSession(const RunSession&) = delete;
  RunSession& operator=(const RunSession&) = delete;

  [[nodiscard]] const RunInfo& info() const noexcept { return *run_; }
  /// The whole run, on this thread. Call once.
  [[nodiscard]] Result<RunState> run();
  /// As the store has it.
  [[nodiscard]] Result<RunRecord> record() const { return shared_.store.load(run_->run_id); }
  /// Any thread.
  void cancel() { engine_.cancel(); }

 private:
  const std::shared_ptr<const RunInfo> run_;
  const Shared shared_;
  ThreadPoolExecutor executor_;
  RunEngine engine_;
};

}  // namespace leeward
