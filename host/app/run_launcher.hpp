#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/load/dag_loader.hpp"
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

  /// What a run is made of. Called from any thread; must outlive the launcher.
  class Workshop {
   public:
    virtual ~Workshop() = default;
    /// Reads and checks a DAG file, also whether this host has what it needs.
    [[nodiscard]] virtual LoadedDag load_to_run(const std::string& file) const = 0;
    [[nodiscard]] virtual std::unique_ptr<RunSession> unwatched_session(std::shared_ptr<const Dag> dag, RunInfo info,
                                                                        ActiveRuns::Place place) = 0;
    [[nodiscard]] virtual const Clock& clock() const noexcept = 0;
  };

  RunLauncher(Workshop& workshop, RunStore& store, const ActiveRuns& active);
  /// Cancels what is left and waits for it.
  ~RunLauncher() override;
  RunLauncher(const RunLauncher&) = delete;
  RunLauncher& operator=(const RunLauncher&) = delete;

  void trigger(const RunInfo& by, RunTrigger run, std::shared_ptr<CancelToken> cancel, Told told) override;
  [[nodiscard]] const RunStore& store() const override { return store_; }

  /// The runs that have not ended, "dag_id run_id" each.
  [[nodiscard]] std::vector<std::string> unfinished() const;
  /// Waits until all have ended.
  void wait();
  /// Queued ones end without having started, active ones as a canceled run does. New ones are refused from now on.
  void cancel_all();

 private:
  struct Run {
    std::shared_ptr<const Dag> dag;
    RunInfo info;
    ActiveRuns::Place place;
    Told told;                      ///< empty: nobody waits for the end
    RunSession* session = nullptr;  ///< while its engine runs
    bool active = false;
    bool canceled = false;
    bool ended = false;
    std::thread thread;
  };
  using RunPtr = std::shared_ptr<Run>;

  [[nodiscard]] Result<RunPtr> prepare(const RunInfo& by, const RunTrigger& asked) const;
  [[nodiscard]] Status admit(const RunPtr& run, const RunTrigger& asked);
  [[nodiscard]] bool exists(const Run& run, const RunTrigger& asked) const;
  [[nodiscard]] bool may_start(const Run& run) const;
  void start_queued();
  void execute(const RunPtr& run);
  void cancel(const RunPtr& run);
  void join_ended();

  Workshop& workshop_;
  RunStore& store_;
  const ActiveRuns& active_runs_;
  mutable std::mutex mutex_;             ///< guards the rest, and what is not constant in a Run
  std::condition_variable all_ended_;    ///< a run has gone, or a thread
  std::deque<RunPtr> runs_;              ///< those that have not ended, in the order of their triggers
  std::map<int, std::size_t> at_depth_;  ///< active ones
  std::size_t threads_ = 0;              ///< that may still touch this
  std::vector<std::thread> ended_;       ///< to be joined
  bool closed_ = false;
};

}  // namespace leeward
