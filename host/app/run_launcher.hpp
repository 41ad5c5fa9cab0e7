#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/load/dag_loader.hpp"
#include "host/app/run_alarm.hpp"
#include "host/app/run_queue.hpp"
#include "host/app/run_session.hpp"
#include "host/plugin/run_gateway.hpp"

namespace leeward {

/// Starts the runs that other runs ask for, and takes up those that a process has left behind, each with its engine on
/// a thread of its own. Those beyond the limits wait in a queue and start in order; while some do, a run that only
/// waits gives its thread away until something comes for it. One a process, owned by Application. Thread-safe.
///
/// An attempt that is started again asks again for the run that it had asked for, and finds it: the run's id comes from
/// the attempt unless the DAG chose it, and the run says whose it is. Such a run is waited for, taken up, or told of
/// with the state in which it ended; a second one is never started.
class RunLauncher final : public RunGateway {
 public:
  /// Runs that started each other: a DAG that triggers itself ends here.
  static constexpr int kMaxDepth = 16;
  /// At work at the same time, at each depth: runs that wait for runs below them never keep those from starting.
  static constexpr std::size_t kMaxActive = 32;
  /// That wait for their turn, each with its DAG in memory.
  static constexpr std::size_t kMaxQueued = 4096;

  /// A run that was recorded before, and what it takes to go on with it.
  struct StoredRun {
    std::shared_ptr<const Dag> dag;  ///< of the text that was kept with it
    RunInfo info;
    std::string file;  ///< where that text came from
  };

  /// What a run is made of. Called from any thread; must outlive the launcher.
  class Workshop {
   public:
    virtual ~Workshop() = default;
    /// Reads and checks a DAG file, also whether this host has what it needs.
    [[nodiscard]] virtual LoadedDag load_to_run(const std::string& file) const = 0;
    /// Codes store.unknown_run, run.ended, run.invalid_dag.
    [[nodiscard]] virtual Result<StoredRun> load_stored(const std::string& run_id) const = 0;
    /// The run becomes this process's. Codes run.owned, home.unusable.
    [[nodiscard]] virtual Result<std::unique_ptr<RunSession>> new_session(std::shared_ptr<const Dag> dag, RunInfo info,
                                                                          ActiveRuns::Place place) = 0;
    /// The same of one that was recorded before, with its own Dag. Codes also run.ended, store.unknown_run.
    [[nodiscard]] virtual Result<std::unique_ptr<RunSession>> stored_session(std::shared_ptr<const Dag> dag,
                                                                             const std::string& run_id,
                                                                             ActiveRuns::Place place) = 0;
    [[nodiscard]] virtual const Clock& clock() const noexcept = 0;
    /// Throws std::system_error if there can be no more threads.
    [[nodiscard]] virtual std::thread thread(std::function<void()> body) { return std::thread{std::move(body)}; }
    /// A run that was accepted will never start, or not go on, and nobody waits to hear of it.
    virtual void lost(const RunInfo& run, const Error& why) = 0;
  };

  RunLauncher(Workshop& workshop, RunStore& store, const ActiveRuns& active);
  /// Suspends what is left and waits for it.
  ~RunLauncher() override;
  RunLauncher(const RunLauncher&) = delete;
  RunLauncher& operator=(const RunLauncher&) = delete;

  void trigger(const TaskCall& by, RunTrigger run, std::shared_ptr<CancelToken> cancel, Told told) override;
  [[nodiscard]] Result<std::optional<RunStates>> states(const TaskCall& by, const RunStatesQuery& query) const override;

  /// Goes on with a run that was recorded before; `told` of how it ended, or `running` if it was suspended. Errors:
  /// those of Workshop, run.too_many.
  void take_up(const std::string& run_id, Told told);
  /// Waits until there is room for more that wait for their turn, or no more are started.
  void wait_for_room();

  /// The runs that have not ended, in the order in which they were asked for.
  [[nodiscard]] std::vector<TriggeredRun> unfinished() const;
  /// Waits until all have ended, or were suspended.
  void wait();
  /// Active ones are suspended, queued ones left as they are recorded. New ones are refused from now on.
  void suspend_all();

 private:
  enum class Stage : std::uint8_t {
    queued,
    starting,  ///< it has a thread, and no engine yet
    stopping,  ///< the same, and its engine is to be told to stop at once
    running,   ///< it has an engine, and a thread unless it rests
    ended,
  };
  struct Run {
    std::uint64_t number = 0;  ///< in the order of the triggers
    std::shared_ptr<const Dag> dag;
    RunInfo info;
    ActiveRuns::Place place;
    bool stored = false;               ///< recorded before: to go on with, not to begin
    std::vector<Told> told;            ///< who waits for the end; guarded by mutex_
    Stage stage = Stage::queued;       ///< guarded by mutex_
    std::unique_ptr<RunSession> kept;  ///< its thread's, and nobody's while it rests
    RunSession* session = nullptr;     ///< while it has an engine; guarded by mutex_
    std::thread thread;                ///< guarded by mutex_
    std::optional<Error> not_started;  ///< why it never will be; guarded by mutex_
  };
  using RunPtr = std::shared_ptr<Run>;
  using DagAndDate = std::pair<std::string, std::int64_t>;

  /// A trigger, as seen from the run that asks.
  struct Asking {
    std::string dag_id;
    ActiveRuns::Place place;
    bool wait = false;
    std::shared_ptr<CancelToken> cancel;
    Told told;

    [[nodiscard]] int depth() const noexcept { return place.depth + 1; }
    [[nodiscard]] std::vector<std::string> waiting_dags() const;
  };

  [[nodiscard]] bool find_again(const RunInfo& wanted, const Asking& asking);
  [[nodiscard]] bool attach(const RunInfo& wanted, const Asking& asking);
  [[nodiscard]] Result<RunPtr> prepare(const Asking& asking, RunInfo wanted, const RunTrigger& asked) const;
  [[nodiscard]] Result<RunPtr> prepare_stored(const std::string& run_id, int depth,
                                              std::vector<std::string> waiting_dags) const;
  [[nodiscard]] Status admit(const RunPtr& run, const RunTrigger& asked);
  [[nodiscard]] Status line_up(const RunPtr& run);
  [[nodiscard]] Status stand_in_line(const RunPtr& run);
  [[nodiscard]] Status keep(const Run& run);
  [[nodiscard]] bool exists(const Run& run, const RunTrigger& asked) const;
  void launch(const RunPtr& run, const Asking& asking);
  void cancel_with(const std::shared_ptr<CancelToken>& token, const RunPtr& run);
  [[nodiscard]] Result<TriggeredRun> accepted(const Run& run) const;
  void start_queued();
  [[nodiscard]] bool start(const RunPtr& run, Stage stage);
  void forget(const Run& run);
  void execute(const RunPtr& run);
  [[nodiscard]] std::thread end(const RunPtr& run, const Result<RunState>& state);
  static void tell(Run& run, const Result<RunState>& state);
  [[nodiscard]] Result<RunState> run_engine(const RunPtr& run, std::thread& self);
  void introduce(Run& run);
  [[nodiscard]] bool rest(const RunPtr& run, std::thread& self);
  void ask_for_room();
  void wake_resting();
  [[nodiscard]] Result<std::unique_ptr<RunSession>> session_of(Run& run);
  [[nodiscard]] Result<RunState> without_session(const Run& run, const Error& why) const;
  void cancel(const RunPtr& run);
  void join_ended();

  Workshop& workshop_;
  RunStore& store_;
  const ActiveRuns& active_runs_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;                  ///< a run has gone, or a thread, or somebody wants one to
  RunQueue queue_{{kMaxActive, kMaxQueued}};         ///< guarded by mutex_
  std::map<std::string, RunPtr, std::less<>> runs_;  ///< those in the queue, by id; guarded by mutex_
  std::multiset<DagAndDate> dates_;                  ///< theirs; guarded by mutex_
  std::uint64_t triggers_ = 0;                       ///< guarded by mutex_
  std::set<Run*> at_work_;                           ///< those that have a thread; guarded by mutex_
  const std::shared_ptr<RunAlarm> alarm_ = std::make_shared<RunAlarm>();
  std::thread waker_;               ///< guarded by mutex_
  std::size_t threads_ = 0;         ///< that may still touch this; guarded by mutex_
  std::vector<std::thread> ended_;  ///< to be joined; guarded by mutex_
  bool closed_ = false;             ///< guarded by mutex_
};

}  // namespace leeward
