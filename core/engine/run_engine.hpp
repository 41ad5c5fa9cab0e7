#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
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

/// Runs one DAG once, or goes on with such a run: the only writer of the run's state.
///
/// One loop on the calling thread, one thread at a time. It asks three pure questions (RunPlan: what is ready;
/// InputResolver: what does it receive; RetryPolicy: again, and when), starts attempts through the Executor, and makes
/// an Event of every change: first recorded by the store, then told to the observers. All references must outlive the
/// engine.
class RunEngine {
 public:
  struct Options {
    std::size_t max_active_tasks = 0;                    ///< attempts at the same time; 0: no limit of its own
    Duration cancel_grace = std::chrono::seconds{10};    ///< how long a cancelled or timed-out attempt may take to end
    Duration suspend_grace = std::chrono::seconds{10};   ///< how long attempts may go on after suspend()
    Duration callback_grace = std::chrono::seconds{30};  ///< how long callbacks may go on after the run's end
    PoolTable* pools = nullptr;                          ///< shared with other runs; null: nothing is limited
  };

  RunEngine(std::shared_ptr<const Dag> dag, std::shared_ptr<const RunInfo> run, const Clock& clock, Executor& executor,
            RunStore& store, std::vector<Observer*> observers, Options options);
  ~RunEngine();

  /// The whole run, from its first event to its last, and how it ended; its record is the store's to show. Call once,
  /// this or resume(). `running` if it was suspended. An Error only if the store failed: a run that fails ends with
  /// state `failed`.
  [[nodiscard]] Result<RunState> run();

  /// In place of run(): goes on with a run that the store has recorded before. `so_far` are all its events, as
  /// RunStore::history tells them, the last of them not its end. What is done is not done again; what was at work is
  /// started again as the same try, or becomes `lost` if its operator is at_most_once; what waits has as long to go as
  /// the wall clock says, but never longer than it had to wait from the beginning. Observers are told what is new.
  /// Further Errors: resume.finished (the run is over), resume.history (these events are not of a run of this Dag),
  /// resume.expansion (what a task is mapped over has another length now).
  [[nodiscard]] Result<RunState> resume(std::span<const Event> so_far);

  /// Any thread, also a signal handler's helper: running attempts are asked to stop, what has not started becomes
  /// `canceled`, and so does the run. Teardowns of what was set up still run; a second call ends those, too.
  void cancel();

  /// Any thread, also a signal handler's helper: ends run() or resume() so that the run can be taken up again. Nothing
  /// new starts; attempts at work may end within Options::suspend_grace, and are then asked to stop. One that still
  /// succeeds has succeeded; whatever else they say counts as nothing said: they stay recorded as at work, and are
  /// started again as the same try. What only waits does not keep it. A second call: waits for nobody any more.
  void suspend();

  /// Any thread. From now on run(), resume() and go_on() return `running` as soon as nothing of the run needs a thread:
  /// what is left waits for a time, a person, a slot of a pool, or in attempts that say that they only wait. Then the
  /// run rests: all it has stays in memory. Whatever comes to it interrupts the executor.
  void make_way();
  /// Whether the last of them returned since the run rests.
  [[nodiscard]] bool rests() const noexcept;
  /// When it wants to go on by itself. REQUIRES: it rests.
  [[nodiscard]] std::optional<Instant> wakes_at() const;
  /// Goes on, on the calling thread, and no longer makes way until it is asked to again. REQUIRES: it rests.
  [[nodiscard]] Result<RunState> go_on();

  /// Any thread: what `user` says to the input that a task instance awaits (InputRequest::accept). `told` is called
  /// once, on the engine's thread, or on the caller's if the run is over: done when it was recorded, or why not:
  /// input.forbidden, input.answer, input.nothing_asked if the instance awaits none, and run.suspended.
  void answer(std::string task_id, int map_index, Value said, std::string user, std::function<void(Status)> told);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace leeward
