#pragma once

#include <memory>
#include <vector>

#include "core/engine/run_engine.hpp"
#include "core/exec/thread_pool_executor.hpp"
#include "core/store/memory_run_store.hpp"

namespace leeward {

/// One run with what belongs to it alone: store, executor, engine. Made by Application, which outlives it.
class RunSession {
 public:
  RunSession(std::shared_ptr<const Dag> dag, RunInfo info, const Clock& clock, OperatorSource& operators,
             AttemptListener& listener, std::vector<Observer*> observers)
      : run_(std::make_shared<const RunInfo>(std::move(info))),
        executor_(operators, listener, clock),
        engine_(std::move(dag), run_, clock, executor_, store_, std::move(observers), RunEngine::Options{}) {}

  /// Call once.
  [[nodiscard]] Result<RunRecord> run() {
    Result<RunState> ended = engine_.run();
    if (!ended) return std::move(ended).error();
    return store_.load(run_->run_id);
  }
  /// Any thread.
  void cancel() { engine_.cancel(); }

 private:
  const std::shared_ptr<const RunInfo> run_;
  MemoryRunStore store_;
  ThreadPoolExecutor executor_;
  RunEngine engine_;
};

}  // namespace leeward
