#pragma once

#include <memory>
#include <vector>

#include "core/engine/run_engine.hpp"
#include "core/exec/thread_pool_executor.hpp"
#include "core/store/run_store.hpp"

namespace leeward {

/// One run with what belongs to it alone: executor and engine. Made by Application, which outlives it and owns what its
/// runs share: the store, where they find each other, and the pools.
class RunSession {
 public:
  RunSession(std::shared_ptr<const Dag> dag, RunInfo info, const Clock& clock, OperatorSource& operators,
             AttemptListener& listener, std::vector<Observer*> observers, RunStore& store, PoolTable& pools)
      : run_(std::make_shared<const RunInfo>(std::move(info))),
        store_(store),
        executor_(operators, listener, clock),
        engine_(std::move(dag), run_, clock, executor_, store_, std::move(observers), options(pools)) {}

  /// Call once.
  [[nodiscard]] Result<RunRecord> run() {
    Result<RunState> ended = engine_.run();
    if (!ended) return std::move(ended).error();
    return store_.load(run_->run_id);
  }
  /// Any thread.
  void cancel() { engine_.cancel(); }

 private:
  static RunEngine::Options options(PoolTable& pools) {
    RunEngine::Options options;
    options.pools = &pools;
    return options;
  }

  const std::shared_ptr<const RunInfo> run_;
  RunStore& store_;
  ThreadPoolExecutor executor_;
  RunEngine engine_;
};

}  // namespace leeward
