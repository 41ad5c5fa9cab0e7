#include "tests/simulation/crashed_run.hpp"

#include <algorithm>

#include "core/base/json.hpp"
#include "core/model/instance_name.hpp"
#include "core/store/run_invariants.hpp"
#include "tests/simulation/clears.hpp"
#include "tests/support/forwarding_store.hpp"

namespace leeward::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::uint32_t kMostPoints = 60;  // between a process's start and its end

std::shared_ptr<const RunInfo> info_of(const Dag& dag) {
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  info->dag_id = dag.id();
  return info;
}

}  // namespace

/// The store: a process may end before or after it has recorded something, but never in between.
class CrashedRun::Disk final : public ForwardingStore {
 public:
  explicit Disk(CrashedRun& run) : ForwardingStore(run.disk_), run_(run) {}

  Status append(const RunInfo& run, std::span<const Event> events) override {
    run_.pass_point();
    Status appended = inner().append(run, events);
    for (const Event& event : events) run_.note_recorded(event);
    run_.pass_point();
    return appended;
  }

 private:
  CrashedRun& run_;
};

/// The executor: a process may end before an attempt is started, after it, or before one is asked to stop.
class CrashedRun::Attempts final : public Executor {
 public:
  Attempts(CrashedRun& run, SimulatedExecutor& executor) : run_(run), executor_(executor) {}

  void start(TaskCall call) override {
    run_.pass_point();
    run_.witness_start(call);
    executor_.start(std::move(call));
    run_.pass_point();
  }
  [[nodiscard]] std::size_t free_threads() const override { return executor_.free_threads(); }
  void cancel(InstanceIndex instance, int try_number) override {
    run_.pass_point();
    executor_.cancel(instance, try_number);
  }
  void wait(std::optional<Instant> deadline, std::vector<Completion>& out) override {
    const std::size_t before = out.size();
    executor_.wait(deadline, out);
    for (std::size_t i = before; i < out.size(); ++i) {
      if (out[i].outcome.kind != OutcomeKind::deferred) run_.at_work_.erase({out[i].instance, out[i].try_number});
    }
  }
  void interrupt() override { executor_.interrupt(); }

 private:
  CrashedRun& run_;
  SimulatedExecutor& executor_;
};

/// Whoever is told: of nothing that is not recorded, of nothing twice.
class CrashedRun::Reader final : public Observer {
 public:
  explicit Reader(CrashedRun& run) : run_(run) {}
  void on_events(const RunInfo&, const Dag&, std::span<const Event> events) override {
    run_.pass_point();
    for (const Event& event : events) {
      if (event.sequence >= run_.events_recorded_)
        run_.mistakes_.emplace_back("an event was told that is not recorded");
      if (event.sequence < run_.told_) run_.mistakes_.emplace_back("an event was told twice");
      run_.told_ = event.sequence + 1;
    }
  }

 private:
  CrashedRun& run_;
};

CrashedRun::CrashedRun(const RandomScenario& scenario)
    : scenario_(scenario),
      outcomes_(scenario),
      dice_(Dice::of({scenario.seed, 41})),
      info_(info_of(*scenario.dag)),
      sets_clock_(dice_.one_in(3)),
      suspends_(dice_.one_in(3)),
      clear_dice_(Dice::of({scenario.seed, 43})),
      clears_left_(clear_dice_.one_in(3) ? 1 + clear_dice_.below(3) : 0),
      standing_(*scenario.dag) {
  for (std::uint32_t more = 1 + dice_.below(4); !is_over_; more -= more > 0 ? 1 : 0) {
    run_process(more == 0);
    if (clears_left_ > 0 && clear_dice_.one_in(2)) clear_some();
  }
  events_ = disk_.history(info_->run_id).value().events;
  record_ = disk_.load(info_->run_id).value();
}

void CrashedRun::run_process(bool is_last) {
  const std::vector<Event> so_far = begun_ ? disk_.history(info_->run_id).value().events : std::vector<Event>{};
  FakeClock clock(wall_);
  SimulatedExecutor executor(
      clock, [this](const TaskCall& call) { return step(call); }, dice_.next());
  Attempts attempts(*this, executor);
  Disk disk(*this);
  Reader reader(*this);
  PoolTable pools(scenario_.pools);
  RunEngine::Options options;
  options.max_active_tasks = scenario_.max_active_tasks;
  options.pools = &pools;
  options.suspend_grace = milliseconds(dice_.below(3000));
  options.cancel_grace = milliseconds(dice_.below(3000));
  points_left_.reset();
  at_work_.clear();
  is_suspending_ = false;
  try {
    RunLoop loop(scenario_.dag, info_, clock, attempts, disk, {&reader}, options);
    clock_ = &clock;
    executor_ = &executor;
    loop_ = &loop;
    visit_outside(loop, so_far, is_last);
    const bool is_first = !std::exchange(begun_, true);
    const Result<RunState> ended = is_first ? loop.run() : loop.resume(so_far);
    if (!ended) {
      mistakes_.push_back("the engine failed: " + ended.error().message);
      is_over_ = true;
      return;
    }
    compare(loop);
    is_over_ = *ended != RunState::running;
    suspensions_ += !is_over_;
    if (!is_over_ && !is_suspending_) mistakes_.emplace_back("a run that nobody suspended was left");
    if (*ended != disk_.run_state(info_->run_id).value())
      mistakes_.emplace_back("it says another end than it recorded");
    for (const auto& [name, pool] : scenario_.pools) {
      const bool all_back = pools.take(name, pool.slots);
      if (is_over_ && !all_back) mistakes_.push_back("the pool " + name + " did not get all its slots back");
    }
  } catch (const Crash&) {
    ++crashes_;
    const RunState left = disk_.run_state(info_->run_id).value();
    is_over_ = left != RunState::running && left != RunState::queued;
  }
  wall_ = clock.wall();
  if (!sets_clock_) return;
  const auto by = milliseconds(dice_.below(20'000));
  if (dice_.one_in(2)) wall_.unix_ns += dice_.one_in(2) ? Duration(by).count() : -Duration(by).count();
}

/// Whatever state the run is in, its history stays sound, and just those tasks are cleared that should be.
void CrashedRun::clear_some() {
  --clears_left_;
  const Dag& dag = *scenario_.dag;
  std::vector<Event> events = disk_.history(info_->run_id).value().events;
  const auto before = RunStanding::of(dag, events);
  if (!before) return mistakes_.push_back(before.error().message);
  const ClearRequest request = random_clear(dag, clear_dice_);
  const std::set<TaskIndex> expected = should_clear(dag, request, standing_);
  const auto cleared = clear(dag, *before, request, wall_);
  if (!cleared) {
    if (cleared.error().code != "clear.nothing" || !expected.empty()) mistakes_.push_back(cleared.error().message);
    return;
  }
  std::set<TaskIndex> tasks;
  for (const Event& event : *cleared) {
    if (event.kind == EventKind::task_cleared) tasks.insert(event.task);
  }
  if (tasks != expected) mistakes_.emplace_back("other tasks are cleared than should be");
  events.insert(events.end(), cleared->begin(), cleared->end());
  for (const std::string& broken : broken_invariants(dag.size(), events)) mistakes_.push_back("cleared: " + broken);
  if (const Status recorded = disk_.append(*info_, *cleared); !recorded) mistakes_.push_back(recorded.error().message);
  for (const Event& event : *cleared) note_recorded(event);
  is_over_ = false;
  ++clears_;
}

/// What people do to this process: end it, suspend it, cancel the run, answer what was asked before it began.
void CrashedRun::visit_outside(RunLoop& loop, const std::vector<Event>& so_far, bool is_last) {
  const Duration passed{wall_.unix_ns - FakeClock::kStart.unix_ns};
  const auto at = [&](Duration since_first) { return std::max(Duration::zero(), since_first - passed); };
  if (!is_last && suspends_ && dice_.one_in(2)) {
    const auto suspend = [this, &loop] {
      is_suspending_ = true;
      loop.suspend();
    };
    const Duration when = milliseconds(dice_.below(6000));
    executor_->at(when, suspend);
    if (dice_.one_in(4)) executor_->at(when + milliseconds(dice_.below(4000)), suspend);
  }
  if (!is_last && (!suspends_ || dice_.one_in(2))) points_left_ = dice_.below(1 + dice_.below(kMostPoints));
  if (scenario_.cancels_at && !cancel_recorded_) {
    executor_->at(at(*scenario_.cancels_at), [&loop] { loop.cancel(); });
  }
  const auto standing = RunStanding::of(*scenario_.dag, so_far);
  if (!standing) return mistakes_.push_back(standing.error().message);
  for (InstanceIndex i{0}; i.value < standing->instances().size(); ++i.value) {
    const RunStanding::Instance& instance = standing->instances()[i.value];
    if (instance.replaced || instance.state != TaskState::awaiting_input) continue;
    const auto acts = outcomes_.acts(instance.task, instance.map_index, instance.try_number);
    const Act& act = acts.at(recorded_.at(i).put_off - 1);
    if (!act.answered_after) continue;
    const Duration since{wall_.unix_ns - instance.since.unix_ns};
    const Duration left = std::clamp(*act.answered_after - since, Duration::zero(), *act.answered_after);
    answer_later(i, instance.task, instance.map_index, left);
  }
}

void CrashedRun::pass_point() {
  if (points_left_ && (*points_left_)-- == 0) {
    points_left_.reset();
    throw Crash{};
  }
}

void CrashedRun::note_recorded(const Event& event) {
  events_recorded_ = event.sequence + 1;
  standing_.apply(event);
  if (event.kind == EventKind::task_cleared) recorded_[InstanceIndex{event.task.value}] = {};
  if (event.kind == EventKind::run_stopping && event.end_reason == RunEndReason::canceled) cancel_recorded_ = true;
  if (event.kind != EventKind::task_transition) return;
  Recorded& recorded = recorded_[event.instance];
  if (event.try_number != recorded.try_number) recorded.put_off = 0;
  recorded.state = event.to;
  recorded.try_number = event.try_number;
  if (event.to == TaskState::up_for_reschedule) ++recorded.reschedules;
  if (event.to == TaskState::up_for_reschedule || event.to == TaskState::awaiting_input) ++recorded.put_off;
}

/// Commit, then effect: what is started stands on disk as running, and once.
void CrashedRun::witness_start(const TaskCall& call) {
  const Recorded& recorded = recorded_[call.instance];
  if (is_finished(recorded.state)) mistaken(call, "is done, and is started again");
  if (recorded.state != TaskState::running || recorded.try_number != call.try_number) {
    mistaken(call, "is started, and that is not recorded");
  }
  if (!at_work_.insert({call.instance, call.try_number}).second) mistaken(call, "is started while it is at work");
  if (is_suspending_) mistaken(call, "is started while the run is suspended");
}

SimulatedExecutor::Step CrashedRun::step(const TaskCall& call) {
  const TaskIndex task = scenario_.dag->find(call.task->id);
  const auto acts = outcomes_.acts(task, call.map_index, call.try_number);
  const std::size_t place = recorded_[call.instance].put_off;
  check_call(call, acts, place);
  const Act& act = acts[std::min(place, acts.size() - 1)];
  SimulatedExecutor::Step step = act.step;
  if (act.answered_after) answer_later(call.instance, task, call.map_index, step.takes + *act.answered_after);
  if (step.outcome.kind == OutcomeKind::success) {
    step.outcome.value = JsonDocument::of(call.params)->root()["give"].value();
  }
  return step;
}

void CrashedRun::check_call(const TaskCall& call, const std::vector<Act>& acts, std::size_t place) {
  if (place >= acts.size()) return mistaken(call, "is called once more than its try takes");
  if (call.reschedules != recorded_[call.instance].reschedules) mistaken(call, "is told another number of reschedules");
  const int before = standing_.at(call.instance).tries_before;
  if (call.max_tries != before + call.task->retry.retries + 1) mistaken(call, "is told another number of tries");
  if (call.try_number > call.max_tries) mistaken(call, "has one try too many");
  if (place == 0 || acts[place - 1].step.outcome.kind != OutcomeKind::awaiting_input) return;
  if (!call.answer) return mistaken(call, "is called again without an answer");
  const auto answer = JsonDocument::of(*call.answer);
  const bool answered = acts[place - 1].answered_after.has_value();
  if (answer->root()["timed_out"].boolean() == answered)
    mistaken(call, "hears wrongly whether the answer came in time");
  if (answer->root()["chosen_options"].at(0).string() != (answered ? "yes" : "no"))
    mistaken(call, "hears another answer");
}

void CrashedRun::answer_later(InstanceIndex instance, TaskIndex task, int map_index, Duration after) {
  executor_->at(clock_->now().since_start + after, [this, instance, task, map_index] {
    const std::string id = scenario_.dag->task(task).id;
    loop_->answer({id, map_index, Value{std::string{R"({"chosen_options":["yes"]})"}}, "somebody",
                   [this, instance, id](const Status& status) {
                     // A run that stops awaits nothing any more, and one that is suspended hears nothing.
                     if (!status && !scenario_.may_stop() && !is_suspending_)
                       mistakes_.push_back(id + ": " + status.error().message);
                     if (status && recorded_[instance].state == TaskState::awaiting_input) {
                       mistakes_.push_back(id + ": its answer is acknowledged, and not recorded");
                     }
                   }});
  });
}

/// The engine and what it recorded must agree about where everybody stands.
void CrashedRun::compare(const RunLoop& loop) {
  const auto standing = RunStanding::of(*scenario_.dag, disk_.history(info_->run_id).value().events);
  if (!standing) return mistakes_.push_back(standing.error().message);
  const auto stood = standing->instances();
  if (stood.size() != loop.instances().size()) {
    mistakes_.emplace_back("it knows of other instances than it recorded");
    return;
  }
  for (InstanceIndex i{0}; i.value < stood.size(); ++i.value) {
    const Instance& is = loop.instances()[i];
    const RunStanding::Instance& recorded = stood[i.value];
    const bool same = is.task == recorded.task && is.map_index == recorded.map_index && is.state == recorded.state &&
                      is.try_number == recorded.try_number && is.tries_before == recorded.tries_before &&
                      is.keeps_try == recorded.keeps_try && is.reschedules == recorded.reschedules &&
                      is.generation == recorded.starts;
    if (is.expanded != recorded.replaced || (!recorded.replaced && !same)) {
      mistakes_.push_back(instance_name(scenario_.dag->task(recorded.task).id, recorded.map_index) +
                          " stands elsewhere than was recorded");
    }
  }
}

bool CrashedRun::lost_any() const {
  return std::any_of(record_.tasks.begin(), record_.tasks.end(),
                     [](const TaskRecord& task) { return task.state == TaskState::lost; });
}

void CrashedRun::mistaken(const TaskCall& call, const std::string& what) {
  mistakes_.push_back(instance_name(call.task->id, call.map_index) + " " + what);
}

}  // namespace leeward::test
