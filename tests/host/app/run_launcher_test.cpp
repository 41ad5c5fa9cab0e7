#include "host/app/run_launcher.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>

#include <catch2/catch.hpp>

#include "core/store/memory_run_store.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/scripted_operator.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

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
    RunSession::Subject subject{std::move(dag), history.info, std::move(place), std::move(lock).value(), history.events};
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
  [[nodiscard]] RunSession::Shared shared() { return {clock_, source_, store, pools_, active_, {}}; }

  TempDir dir_;
  TempDir locks_;
  SystemClock clock_;
  ScriptedOperator op_;
  SingleOperatorSource source_{op_};
  RecordingListener listener_;
  PoolTable pools_;
  ActiveRuns active_;
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

void succeed(const std::shared_ptr<Attempt>& attempt) { attempt->complete(TaskOutcome::succeeded(Value{})); }

RunTrigger asked(const std::string& dag, const std::string& run_id = "", bool wait = false) {
  RunTrigger trigger;
  trigger.dag = dag;
  trigger.run_id = run_id;
  trigger.wait = wait;
  return trigger;
}

}  // namespace

TEST_CASE("A triggered run that is waited for is told of when it has ended, with its conf and params", "[host][app]") {
  World world{succeed};
  world.add("a");
  world.add("b");
  RunTrigger trigger = asked("b", "mine", true);
  trigger.conf = Value{std::string{R"({"p": 2, "other": 3})"}};
  trigger.logical_date = Timestamp{1'000'000'000};
  const auto told = world.trigger(world.first("a"), trigger)->wait();
  REQUIRE(told);
  CHECK(told->run_id == "mine");
  CHECK(told->dag_id == "b");
  CHECK(told->state == RunState::success);
  const auto record = world.store.load("mine");
  REQUIRE(record);
  CHECK(record->info.params.json() == R"({"p":2})");
  CHECK(record->info.conf.json() == R"({"p": 2, "other": 3})");
  CHECK(record->info.logical_date == Timestamp{1'000'000'000});
}

TEST_CASE("A triggered run that is not waited for is told of at once, and goes on", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  const auto told = world.trigger(world.first("a"), asked("a", "mine"))->wait();
  REQUIRE(told);
  CHECK(told->state == RunState::running);
  CHECK(held.wait(1) == std::vector<std::string>{"mine"});
  REQUIRE(world.launcher->get().unfinished().size() == 1);
  CHECK(world.launcher->get().unfinished()[0].run_id == "mine");
  held.let_go(0);
  world.launcher->get().wait();
  CHECK(world.launcher->get().unfinished().empty());
  CHECK(*world.store.run_state("mine") == RunState::success);
}

TEST_CASE("Runs beyond a DAG's max_active_runs start in order as others end, the first run among them", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a", 2);
  const RunInfo first = world.first("a");
  CHECK(world.trigger(first, asked("a", "r1"))->wait()->state == RunState::running);
  CHECK(world.trigger(first, asked("a", "r2"))->wait()->state == RunState::queued);
  CHECK(world.trigger(first, asked("a", "r3"))->wait()->state == RunState::queued);
  held.wait(1);
  held.let_go(0);
  CHECK(held.wait(2) == std::vector<std::string>{"r1", "r2"});
  held.let_go(1);
  CHECK(held.wait(3) == std::vector<std::string>{"r1", "r2", "r3"});
  held.let_go(2);
  world.launcher->get().wait();
}

TEST_CASE("A run that waited for the first run starts when that has ended", "[host][app]") {
  World world{succeed};
  world.add("a", 1);
  const auto told = world.trigger(world.first("a"), asked("a", "r1"));
  CHECK(told->wait()->state == RunState::queued);
  world.end_first();
  world.launcher->get().wait();
  CHECK(*world.store.run_state("r1") == RunState::success);
}

TEST_CASE("At most 32 triggered runs are active at one depth", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  const RunInfo first = world.first("a");
  for (std::size_t i = 0; i < RunLauncher::kMaxActive; ++i)
    CHECK(world.trigger(first, asked("a"))->wait()->state == RunState::running);
  CHECK(world.trigger(first, asked("a"))->wait()->state == RunState::queued);
  held.wait(RunLauncher::kMaxActive);
  held.let_go(0);
  held.wait(RunLauncher::kMaxActive + 1);
  world.launcher->get().suspend_all();
}

TEST_CASE("A DAG that triggers itself without end is refused at a depth of 16", "[host][app]") {
  std::mutex mutex;
  std::vector<std::string> refused;
  RunLauncher* launcher = nullptr;
  World world{[&](const std::shared_ptr<Attempt>& attempt) {
    launcher->trigger(attempt->call(), asked("a", "", true), std::make_shared<CancelToken>(),
                      [&, attempt](const Result<TriggeredRun>& run) {
                        if (!run) {
                          const std::lock_guard lock{mutex};
                          refused.push_back(run.error().code);
                        }
                        succeed(attempt);
                      });
  }};
  world.add("a");
  launcher = &world.launcher->get();
  CHECK(world.trigger(world.first("a"), asked("a", "", true))->wait()->state == RunState::success);
  CHECK(refused == std::vector<std::string>{"run.too_deep"});
}

TEST_CASE("A run that would wait for a run that waits for it is refused", "[host][app]") {
  World world{succeed};
  world.add("a", 1);
  const RunInfo first = world.first("a");
  const auto told = world.trigger(first, asked("a", "", true))->wait();
  REQUIRE_FALSE(told);
  CHECK(told.error().code == "run.deadlock");
  CHECK(world.trigger(first, asked("a", "later"))->wait());  // nobody waits for that one
  world.end_first();
}

TEST_CASE("Cancelling the task that waits cancels the run, queued or active", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  world.add("b", 1);
  const RunInfo first = world.first("a");
  const auto active = world.trigger(first, asked("b", "active", true));
  held.wait(1);
  const auto queued = world.trigger(first, asked("b", "queued", true));
  queued->cancel->cancel();
  CHECK(queued->wait()->state == RunState::canceled);
  CHECK_FALSE(world.store.run_state("queued"));  // it never was one
  CHECK(active->empty());
  active->cancel->cancel();
  CHECK(active->wait()->state == RunState::canceled);
  CHECK(*world.store.run_state("active") == RunState::canceled);
}

TEST_CASE("A run id, or a logical date that was asked for, is there once", "[host][app]") {
  World world{succeed};
  world.add("a");
  world.add("b");
  const RunInfo first = world.first("a");
  RunTrigger dated = asked("b", "r1", true);
  dated.logical_date = Timestamp{5};
  REQUIRE(world.trigger(first, dated)->wait());
  CHECK(world.trigger(first, asked("a", "r1"))->wait().error().code == "run.exists");
  dated.run_id = "r2";
  CHECK(world.trigger(first, dated)->wait().error().code == "run.exists");
  dated.dag = "a";
  CHECK(world.trigger(first, dated)->wait());
}

TEST_CASE("What cannot be run is told with the reason", "[host][app]") {
  World world{succeed};
  world.add("a");
  const RunInfo first = world.first("a");
  CHECK(world.trigger(first, asked("nowhere"))->wait().error().code == "run.unknown_dag");
  RunTrigger wrong = asked("a");
  wrong.params = Value{std::string{R"({"q": 1})"}};
  CHECK(world.trigger(first, wrong)->wait().error().code == "run.param");
  world.launcher->get().suspend_all();
  CHECK(world.trigger(first, asked("a"))->wait().error().code == "run.canceled");
}

TEST_CASE("A run without a thread is told of with an error, and those that wait behind it go on", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  const RunInfo first = world.first("a");
  world.threads_left = 0;
  const auto told = world.trigger(first, asked("a", "none", true))->wait();
  REQUIRE_FALSE(told);
  CHECK(told.error().code == "run.no_thread");
  CHECK(world.launcher->get().unfinished().empty());
  world.threads_left = 1;
  CHECK(world.trigger(first, asked("a", "none"))->wait());  // the id is free
  held.wait(1);
  held.let_go(0);
  world.launcher->get().wait();
}

TEST_CASE("A run that was accepted and finds no thread when its turn comes is told of as lost", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  world.add("b", 1);
  const RunInfo first = world.first("a");
  world.threads_left = 1;
  CHECK(world.trigger(first, asked("b", "r1"))->wait()->state == RunState::running);
  CHECK(world.trigger(first, asked("b", "r2"))->wait()->state == RunState::queued);
  held.wait(1);
  held.let_go(0);
  world.launcher->get().wait();
  CHECK(world.lost_runs == std::vector<std::string>{"r2 run.no_thread"});
  CHECK(*world.store.run_state("r2") == RunState::queued);  // somebody may still take it up
}

TEST_CASE("More runs than may stand in line are refused", "[host][app][slow]") {
  Held held;
  World world{held.body()};
  world.add("a");
  world.add("b", 1);
  const RunInfo first = world.first("a");
  for (std::size_t i = 0; i < RunLauncher::kMaxQueued + 1; ++i) REQUIRE(world.trigger(first, asked("b"))->wait());
  CHECK(world.trigger(first, asked("b"))->wait().error().code == "run.too_many");
  world.launcher->get().suspend_all();
}

TEST_CASE("An attempt that is started again finds the run that it had asked for, in whatever state", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  const RunInfo first = world.first("a");
  const std::string by = "first/go/-1/1";

  SECTION("left behind: it is taken up, and waited for") {
    world.leave_behind("a", "mine", by);
    const auto told = world.trigger_again(first, asked("a", "mine", true));
    CHECK(held.wait(1) == std::vector<std::string>{"mine"});
    CHECK(told->empty());
    held.let_go(0);
    CHECK(told->wait()->state == RunState::success);
  }
  SECTION("under way in this process: it is waited for") {
    world.leave_behind("a", "mine", by);
    const auto resumed = world.take_up("mine");
    held.wait(1);
    const auto told = world.trigger_again(first, asked("a", "mine", true));
    CHECK(told->empty());
    held.let_go(0);
    CHECK(resumed->wait()->state == RunState::success);
    CHECK(told->wait()->state == RunState::success);
  }
  SECTION("ended: its state is told") {
    const auto earlier = world.trigger_again(first, asked("a", "mine", true));
    held.wait(1);
    held.let_go(0);
    REQUIRE(earlier->wait());
    CHECK(world.trigger_again(first, asked("a", "mine", true))->wait()->state == RunState::success);
    CHECK(world.trigger_again(first, asked("a", "mine"))->wait()->state == RunState::success);
  }
  SECTION("with an id that was made from the attempt") {
    const auto earlier = world.trigger_again(first, asked("a", "", true));
    held.wait(1);
    held.let_go(0);
    const std::string run_id = earlier->wait()->run_id;
    CHECK(world.trigger_again(first, asked("a", "", true))->wait()->run_id == run_id);
  }
}

TEST_CASE("Another try starts another run, and may not take one whose id it chose again", "[host][app]") {
  World world{succeed};
  world.add("a");
  const RunInfo first = world.first("a");
  const std::string run_id = world.trigger_again(first, asked("a", "", true))->wait()->run_id;
  CHECK(world.trigger_again(first, asked("a", "", true), 2)->wait()->run_id != run_id);
  REQUIRE(world.trigger_again(first, asked("a", "mine", true))->wait());
  CHECK(world.trigger_again(first, asked("a", "mine", true), 2)->wait().error().code == "run.exists");
}

TEST_CASE("A run that another process has is waited for until that ends it or leaves it behind", "[host][app]") {
  World world{succeed};
  world.add("a");
  world.leave_behind("a", "r");
  std::optional<RunLock> other{world.lock("r")};
  const auto told = world.take_up("r");
  CHECK(told->empty());
  SECTION("it leaves it behind") {
    other.reset();
    CHECK(told->wait()->state == RunState::success);
  }
  SECTION("this process is stopped first") {
    world.launcher->get().suspend_all();
    CHECK(told->wait()->state == RunState::running);
  }
}

TEST_CASE("Stopping leaves what was accepted recorded, and it can be taken up", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  world.add("b", 1);
  const RunInfo first = world.first("a");
  CHECK(world.trigger(first, asked("b", "active"))->wait()->state == RunState::running);
  CHECK(world.trigger(first, asked("b", "queued"))->wait()->state == RunState::queued);
  const auto waiting = world.trigger(first, asked("b", "waited for", true));
  held.wait(1);
  world.launcher->get().suspend_all();
  CHECK(waiting->wait().error().code == "run.suspended");
  world.launcher->get().wait();
  CHECK(*world.store.run_state("active") == RunState::running);
  CHECK(*world.store.run_state("queued") == RunState::queued);
  CHECK_FALSE(world.store.run_state("waited for"));  // whoever asked for it will ask again

  world.restart();
  const auto one = world.take_up("active");
  const auto two = world.take_up("queued");
  CHECK(held.wait(2).back() == "active");  // the DAG's limit holds
  held.let_go(1);
  CHECK(one->wait()->state == RunState::success);
  CHECK(held.wait(3).back() == "queued");
  held.let_go(2);
  CHECK(two->wait()->state == RunState::success);
}
