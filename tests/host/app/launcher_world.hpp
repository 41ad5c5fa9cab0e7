#pragma once

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <catch2/catch.hpp>

#include "core/store/memory_run_store.hpp"
#include "host/app/run_launcher.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/scripted_catalog.hpp"
#include "tests/support/scripted_operator.hpp"
#include "tests/support/temp_dir.hpp"

namespace leeward::test {

/// A process with runs of DAGs of one task each, whose operator does what the test says.
class World final : public RunLauncher::Workshop {
 public:
  explicit World(ScriptedOperator::Body body) : op_(scripted_info(), std::move(body)) { launcher.emplace(*this); }

  /// A DAG, with its file.
  void add(const std::string& dag_id, std::size_t max_active_runs = 0) {
    dir_.write(dag_id + ".json", R"({"dag_id": ")" + dag_id + "\"}");
    Dag::Header header;
    header.id = dag_id;
    header.max_active_runs = max_active_runs;
    header.params = Value{std::string{R"({"p": 1})"}};
    header.declared_params = {{"p", nullptr, false}};
    std::vector<Task> tasks(1);
    tasks[0].id = "t";
    tasks[0].op = &scripted_info();
    dags_[dag_id] = std::make_shared<const Dag>(std::move(header), std::move(tasks), std::vector<Dag::Edge>{});
  }
  /// A run that no other one started; it never runs, it only stands there.
  RunInfo first(const std::string& dag_id) {
    RunInfo info;
    info.run_id = "first";
    info.dag_id = dag_id;
    ActiveRuns::Place place{dag_id, (dir_ / (dag_id + ".json")).string(), 0, {}};
    first_ = new_session(dags_.at(dag_id), info, place).value();
    return info;
  }
  /// What a process leaves behind that is killed when the run has begun.
  void leave_behind(const std::string& dag_id, const std::string& run_id, const std::string& triggered_by = {}) {
    RunInfo info;
    info.run_id = run_id;
    info.dag_id = dag_id;
    info.triggered_by = triggered_by;
    const auto run = std::make_shared<const RunInfo>(info);
    REQUIRE(store.begin(run, dags_.at(dag_id)));
    Event started;
    started.kind = EventKind::run_started;
    REQUIRE(store.append(*run, std::vector<Event>{started}));
  }
  /// Another process has the run until this goes.
  [[nodiscard]] RunLock lock(const std::string& run_id) { return RunLock::take(locks_.path(), run_id).value(); }
  void end_first() { first_.reset(); }
  void restart() {
    launcher.reset();
    launcher.emplace(*this);
  }

  [[nodiscard]] LoadedDag load_to_run(const std::string& file) const override {
    return {dags_.at(std::filesystem::path{file}.stem().string()), {}};
  }
  [[nodiscard]] Result<RunLauncher::StoredRun> load_stored(const std::string& run_id) const override {
    const auto history = store.history(run_id);
    if (!history) return history.error();
    return RunLauncher::StoredRun{dags_.at(history->info->dag_id), *history->info, ""};
  }
  [[nodiscard]] Result<std::unique_ptr<RunSession>> new_session(std::shared_ptr<const Dag> dag, RunInfo info,
                                                                ActiveRuns::Place place) override {
    auto lock = RunLock::take(locks_.path(), info.run_id);
    if (!lock) return std::move(lock).error();
    RunSession::Subject subject{std::move(dag), std::make_shared<const RunInfo>(std::move(info)), std::move(place),
                                std::move(lock).value()};
    return std::make_unique<RunSession>(std::move(subject), shared(), listener_, std::vector<Observer*>{});
  }
  [[nodiscard]] Result<std::unique_ptr<RunSession>> stored_session(std::shared_ptr<const Dag> dag,
                                                                   const std::string& run_id,
                                                                   ActiveRuns::Place place) override {
    auto lock = RunLock::take(locks_.path(), run_id);
    if (!lock) return std::move(lock).error();
    if (*store.run_state(run_id) != RunState::running && *store.run_state(run_id) != RunState::queued)
      return Error{"run.ended", "it has ended"};
    auto history = store.history(run_id).value();
    RunSession::Subject subject{std::move(dag), history.info, std::move(place), std::move(lock).value(),
                                history.events};
    return std::make_unique<RunSession>(std::move(subject), shared(), listener_, std::vector<Observer*>{});
  }
  [[nodiscard]] const Clock& clock() const noexcept override { return clock_; }
  [[nodiscard]] std::thread thread(std::function<void()> body) override {
    if (--threads_left < 0) throw std::system_error{EAGAIN, std::generic_category()};
    return std::thread{std::move(body)};
  }
  void lost(const RunInfo& run, const Error& why) override { lost_runs.push_back(run.run_id + " " + why.code); }

  /// What a trigger was told, and when.
  struct Telling {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Result<TriggeredRun>> told;
    std::shared_ptr<CancelToken> cancel = std::make_shared<CancelToken>();

    [[nodiscard]] Result<TriggeredRun> wait() {
      std::unique_lock lock{mutex};
      changed.wait(lock, [&] { return !told.empty(); });
      return told.front();
    }
    [[nodiscard]] bool empty() {
      const std::lock_guard lock{mutex};
      return told.empty();
    }
    [[nodiscard]] static RunGateway::Told teller(const std::shared_ptr<Telling>& self) {
      return [self](Result<TriggeredRun> run) {
        const std::lock_guard lock{self->mutex};
        self->told.push_back(std::move(run));
        self->changed.notify_all();
      };
    }
  };
  std::shared_ptr<Telling> trigger(const RunInfo& by, RunTrigger asked) {
    TaskCall call;
    call.run = std::make_shared<const RunInfo>(by);
    call.of_run = false;
    return trigger(call, std::move(asked));
  }
  /// By an attempt, which may be started again and would ask again.
  std::shared_ptr<Telling> trigger_again(const RunInfo& by, RunTrigger asked, int try_number = 1) {
    static const Task task = [] {
      Task t;
      t.id = "go";
      return t;
    }();
    TaskCall call;
    call.run = std::make_shared<const RunInfo>(by);
    call.task = &task;
    call.try_number = try_number;
    return trigger(call, std::move(asked));
  }
  std::shared_ptr<Telling> trigger(const TaskCall& call, RunTrigger asked) {
    auto telling = std::make_shared<Telling>();
    launcher->get().trigger(call, std::move(asked), telling->cancel, telling->teller(telling));
    return telling;
  }
  std::shared_ptr<Telling> take_up(const std::string& run_id) {
    auto telling = std::make_shared<Telling>();
    launcher->get().take_up(run_id, telling->teller(telling));
    return telling;
  }

 private:
  struct Launcher {
    explicit Launcher(World& world) : launcher(world, world.store, world.active_) {}
    RunLauncher& get() { return launcher; }
    RunLauncher launcher;
  };
  [[nodiscard]] RunSession::Shared shared() {
    return {clock_, source_, store, pools_, active_, vault_, grants_, nullptr, {}};
  }

  TempDir dir_;
  TempDir locks_;
  SystemClock clock_;
  ScriptedOperator op_;
  SingleOperatorSource source_{op_};
  RecordingListener listener_;
  PoolTable pools_;
  ActiveRuns active_;
  SecretVault vault_;
  const SecretSource secrets_{{}, vault_};
  const SecretGrants grants_{{}, secrets_, scripted_catalog()};
  std::map<std::string, std::shared_ptr<const Dag>> dags_;
  std::unique_ptr<RunSession> first_;

 public:
  MemoryRunStore store{MemoryRunStore::Keep::events};
  std::atomic<int> threads_left = 1'000'000;
  std::vector<std::string> lost_runs;
  std::optional<Launcher> launcher;
};

/// Attempts that stay until the test lets them go.
class Held {
 public:
  void take(std::shared_ptr<Attempt> attempt) {
    attempt->cancel_token().on_cancel([weak = std::weak_ptr<Attempt>{attempt}] {
      TaskOutcome outcome;
      outcome.kind = OutcomeKind::canceled;
      if (const auto alive = weak.lock()) alive->complete(outcome);
    });
    const std::lock_guard lock{mutex_};
    attempts_.push_back(std::move(attempt));
    changed_.notify_all();
  }
  /// The run ids of the first `count`, once so many have come.
  std::vector<std::string> wait(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return attempts_.size() >= count; });
    std::vector<std::string> ids;
    for (const auto& attempt : attempts_) ids.push_back(attempt->call().run->run_id);
    return ids;
  }
  void let_go(std::size_t which) {
    std::shared_ptr<Attempt> attempt;
    {
      const std::lock_guard lock{mutex_};
      attempt = attempts_.at(which);
    }
    attempt->complete(TaskOutcome::succeeded(Value{}));
  }
  [[nodiscard]] ScriptedOperator::Body body() {
    return [this](std::shared_ptr<Attempt> attempt) { take(std::move(attempt)); };
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<Attempt>> attempts_;
};

inline void succeed(const std::shared_ptr<Attempt>& attempt) { attempt->complete(TaskOutcome::succeeded(Value{})); }

inline RunTrigger asked(const std::string& dag, const std::string& run_id = "", bool wait = false) {
  RunTrigger trigger;
  trigger.dag = dag;
  trigger.run_id = run_id;
  trigger.wait = wait;
  return trigger;
}

}  // namespace leeward::test
