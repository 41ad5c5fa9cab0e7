#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/exec/executor.hpp"
#include "core/exec/pool_table.hpp"
#include "core/model/dag.hpp"
#include "core/model/run_record.hpp"
#include "core/observe/observer.hpp"
#include "core/store/run_store.hpp"

namespace leeward {

/// Runs one DAG once: the only writer of the run's state.
///
/// One loop on the calling thread. It asks three pure questions (RunPlan: what is ready; InputResolver: what does it
/// receive; RetryPolicy: again, and when), starts attempts through the Executor, and makes an Event of every change:
/// first recorded by the store, then told to the observers. All references must outlive the engine.
class RunEngine {
 public:
  struct Options {
    std::size_t max_active_tasks = 0;                    ///< attempts at the same time; 0: no limit of its own
    Duration cancel_grace = std::chrono::seconds{10};    ///< how long a cancelled or timed-out attempt may take to end
    Duration callback_grace = std::chrono::seconds{30};  ///< how long callbacks may go on after the run's end
    PoolTable* pools = nullptr;                          ///< shared with other runs; null: nothing is limited
  };

  RunEngine(std::shared_ptr<const Dag> dag, std::shared_ptr<const RunInfo> run, const Clock& clock, Executor& executor,
            RunStore& store, std::vector<Observer*> observers, Options options);
  ~RunEngine();

  /// The whole run, from its first event to its last, and how it ended; its record is the store's to show. Call once.
  /// An Error only if the store failed: a run that fails ends with state `failed`.
  [[nodiscard]] Result<RunState> run();

  /// Any thread, also a signal handler's helper: running attempts are asked to stop, what has not started becomes
  /// `canceled`, and so does the run. Teardowns of what was set up still run; a second call ends those, too.
  void cancel();

  /// Any thread: what `user` says to the input that a task instance awaits (InputRequest::accept). `told` is called
  /// once, on the engine's thread, or on the caller's if the run is over: done when it was recorded, or why not:
  /// input.forbidden, input.answer, and input.nothing_asked if the instance awaits none.
  void answer(std::string task_id, int map_index, Value said, std::string user, std::function<void(Status)> told);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace leeward
