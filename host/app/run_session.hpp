#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/run_engine.hpp"
#include "core/exec/thread_pool_executor.hpp"
#include "core/store/run_store.hpp"
#include "host/app/active_runs.hpp"
#include "host/app/run_lock.hpp"
#include "host/app/secret_grants.hpp"
#include "host/observe/attempt_log.hpp"
#include "host/secret/masked_operators.hpp"

namespace leeward {

/// One run with what belongs to it alone: its lock, executor and engine, and between them and the operators the door at
/// which secrets are taken out of what attempts say. Made by Application, which outlives it and owns what its runs
/// share: the store, the pools, and the list of active runs, on which it stands until it has ended.
class RunSession {
 public:
  /// What the runs of a process share.
  struct Shared {
    const Clock& clock;
    OperatorSource& operators;
    RunStore& store;
    PoolTable& pools;
    ActiveRuns& active;
    const SecretVault& vault;
    const SecretGrants& grants;
    AttemptLog* attempt_log = nullptr;                  ///< null: what attempts say is kept nowhere
    Duration suspend_grace = std::chrono::seconds{10};  ///< how long attempts may go on after suspend()
  };
  /// What is to be run.
  struct Subject {
    std::shared_ptr<const Dag> dag;
    std::shared_ptr<const RunInfo> info;
    ActiveRuns::Place place;
    RunLock lock;
    std::optional<std::vector<Event>> so_far{};  ///< of a run that was recorded before, to go on with
  };

  RunSession(Subject subject, const Shared& shared, AttemptListener& listener, std::vector<Observer*> observers);
  ~RunSession();
  RunSession(const RunSession&) = delete;
  RunSession& operator=(const RunSession&) = delete;

  [[nodiscard]] const RunInfo& info() const noexcept { return *subject_.info; }
  /// It goes on with what was recorded before.
  [[nodiscard]] bool resumed() const noexcept { return subject_.so_far.has_value(); }
  /// What was recorded before.
  [[nodiscard]] std::span<const Event> so_far() const noexcept {
    return subject_.so_far ? std::span<const Event>{*subject_.so_far} : std::span<const Event>{};
  }
  /// The whole run, or what is left of it, on this thread; `running` if it was suspended, or rests. Call once.
  [[nodiscard]] Result<RunState> run();
  /// Any thread; see RunEngine::make_way, and for the next three.
  void make_way() { engine_.make_way(); }
  [[nodiscard]] bool rests() const noexcept { return engine_.rests(); }
  [[nodiscard]] std::optional<Instant> wakes_at() const { return engine_.wakes_at(); }
  [[nodiscard]] Result<RunState> go_on();
  /// Called on any thread when something has come for the run. It may be called after the session has gone.
  void on_ring(std::function<void()> ring) { executor_.on_ring(std::move(ring)); }
  /// As the store has it.
  [[nodiscard]] Result<RunRecord> record() const { return shared_.store.load(info().run_id); }
  /// Any thread. For good; see RunEngine::cancel.
  void cancel() { engine_.cancel(); }
  /// Any thread. To be taken up again; see RunEngine::suspend.
  void suspend() { engine_.suspend(); }

 private:
  void left();

  const Subject subject_;  ///< its lock goes last of all
  const Shared shared_;
  MaskedOperators operators_;
  std::optional<ListenerPair> listeners_;  ///< with the attempt log
  ThreadPoolExecutor executor_;
  RunEngine engine_;
};

}  // namespace leeward
