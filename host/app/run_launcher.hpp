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
#include "host/app/run_queue.hpp"
#include "host/app/run_session.hpp"
#include "host/plugin/run_gateway.hpp"

namespace leeward {

/// Starts the runs that other runs ask for, in this process: each has its engine on a thread of its own. Those beyond
/// the limits wait in a queue and start in order. One a process, owned by Application. Thread-safe.
class RunLauncher final : public RunGateway {
 public:
  /// Runs that started each other: a DAG that triggers itself ends here.
  static constexpr int kMaxDepth = 16;
  /// Active at the same time, at each depth: runs that wait for runs below them never keep those from starting.
  static constexpr std::size_t kMaxActive = 32;
  /// That wait for their turn, each with its DAG in memory.
  static constexpr std::size_t kMaxQueued = 4096;

  /// What a run is made of. Called from any thread; must outlive the launcher.
  class Workshop {
   public:
    virtual ~Workshop() = default;
    /// Reads and checks a DAG file, also whether this host has what it needs.
    [[nodiscard]] virtual LoadedDag load_to_run(const std::string& file) const = 0;
    [[nodiscard]] virtual std::unique_ptr<RunSession> unwatched_session(std::shared_ptr<const Dag> dag, RunInfo info,
                                                                        ActiveRuns::Place place) = 0;
    [[nodiscard]] virtual const Clock& clock() const noexcept = 0;
    /// Throws std::system_error if there can be no more threads.
    [[nodiscard]] virtual std::thread thread(std::function<void()> body) { return std::thread{std::move(body)}; }
    /// A run that was accepted will never start, and nobody waits to hear of it.
    virtual void lost(const RunInfo& run, const Error& why) = 0;
  };

  RunLauncher(Workshop& workshop, RunStore& store, const ActiveRuns& active);
  /// Cancels what is left and waits for it.
  ~RunLauncher() override;
  RunLauncher(const RunLauncher&) = delete;
  RunLauncher& operator=(const RunLauncher&) = delete;

  void trigger(const TaskCall& by, RunTrigger run, std::shared_ptr<CancelToken> cancel, Told told) override;
  [[nodiscard]] Result<std::optional<RunStates>> states(const TaskCall& by, const RunStatesQuery& query) const override;

  /// The runs that have not ended, "dag_id run_id" each.
  [[nodiscard]] std::vector<std::string> unfinished() const;
  /// Waits until all have ended.
  void wait();
  /// Queued ones end without having started, active ones as a canceled run does. New ones are refused from now on.
  void cancel_all();

 private:
  enum class Stage : std::uint8_t {
    queued,
    starting,  ///< it has a thread, and no engine yet
    stopping,  ///< the same, and its engine is to be told to stop at once
    running,
    ended,
  };
  struct Run {
    std::uint64_t number = 0;  ///< in the order of the triggers
    std::shared_ptr<const Dag> dag;
    RunInfo info;
    ActiveRuns::Place place;
    Told told;                         ///< empty: nobody waits for the end
    Stage stage = Stage::queued;       ///< guarded by mutex_
    RunSession* session = nullptr;     ///< while its engine runs; guarded by mutex_
    std::thread thread;                ///< guarded by mutex_
    std::optional<Error> not_started;  ///< why it never will be; guarded by mutex_
  };
  using RunPtr = std::shared_ptr<Run>;
  using DagAndDate = std::pair<std::string, std::int64_t>;

  [[nodiscard]] Result<RunPtr> prepare(const RunInfo& by, const RunTrigger& asked) const;
  [[nodiscard]] Status admit(const RunPtr& run, const RunTrigger& asked);
  [[nodiscard]] bool exists(const Run& run, const RunTrigger& asked) const;
  [[nodiscard]] Result<TriggeredRun> accepted(const Run& run) const;
  void start_queued();
  [[nodiscard]] bool start(const RunPtr& run);
  void forget(const Run& run);
  void execute(const RunPtr& run);
  [[nodiscard]] Result<RunState> run_engine(Run& run);
  void cancel(const RunPtr& run);
  void join_ended();

  Workshop& workshop_;
  RunStore& store_;
  const ActiveRuns& active_runs_;
  mutable std::mutex mutex_;
  std::condition_variable all_ended_;         ///< a run has gone, or a thread
  RunQueue queue_{{kMaxActive, kMaxQueued}};  ///< guarded by mutex_
  std::map<std::string, RunPtr> runs_;        ///< those in the queue, by id; guarded by mutex_
  std::multiset<DagAndDate> dates_;           ///< theirs; guarded by mutex_
  std::uint64_t triggers_ = 0;                ///< guarded by mutex_
  std::size_t threads_ = 0;                   ///< that may still touch this; guarded by mutex_
  std::vector<std::thread> ended_;            ///< to be joined; guarded by mutex_
  bool closed_ = false;                       ///< guarded by mutex_
};

}  // namespace leeward
