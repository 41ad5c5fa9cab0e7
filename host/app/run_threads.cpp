#include <chrono>
#include <system_error>
#include <utility>

#include "host/app/run_launcher.hpp"

// What the launcher's threads do: a run that may start gets one, which stays until the run has ended, or rests.

namespace leeward {
namespace {

/// How often a run that another process has is looked at.
constexpr std::chrono::milliseconds kLookAgain{500};

}  // namespace

void RunLauncher::start_queued() {
  join_ended();
  std::vector<RunPtr> lost;
  {
    const std::lock_guard lock{mutex_};
    while (const auto next = queue_.take_next()) {
      const RunPtr run = runs_.at(*next);
      if (start(run, run->kept ? Stage::running : Stage::starting)) continue;
      lost.push_back(run);
      if (threads_ > 0) break;  // the others go on when one of these has ended
    }
    ask_for_room();
    changed_.notify_all();
  }
  for (const RunPtr& run : lost) {
    if (run->told.empty()) workshop_.lost(run->info, *run->not_started);
    tell(*run, *run->not_started);
  }
}

/// False: there is no thread for it, and it is forgotten. REQUIRES: mutex_ is held.
bool RunLauncher::start(const RunPtr& run, Stage stage) {
  try {
    run->thread = workshop_.thread([this, run] { execute(run); });
  } catch (const std::system_error& error) {
    run->stage = Stage::ended;
    run->session = nullptr;
    run->not_started = Error{"run.no_thread", "run " + run->info.run_id + " of DAG \"" + run->info.dag_id +
                                                  "\" cannot start, the system gives no thread: " + error.what()};
    forget(*run);
    return false;
  }
  run->stage = stage;
  at_work_.insert(run.get());
  ++threads_;
  return true;
}

/// A run's thread: until the run ends, or rests.
void RunLauncher::execute(const RunPtr& run) {
  std::thread self;
  const Result<RunState> state = run_engine(run, self);
  if (!self.joinable()) self = end(run, state);
  start_queued();
  const std::lock_guard lock{mutex_};
  ended_.push_back(std::move(self));
  --threads_;
  changed_.notify_all();  // with the lock held: whoever waits may destroy all this
}

/// The thread that it needs no more.
std::thread RunLauncher::end(const RunPtr& run, const Result<RunState>& state) {
  {
    const std::lock_guard lock{mutex_};
    run->stage = Stage::ended;
  }
  if (!state && run->told.empty()) workshop_.lost(run->info, state.error());
  tell(*run, state);
  const std::lock_guard lock{mutex_};
  forget(*run);
  at_work_.erase(run.get());
  return std::move(run->thread);
}

/// Everybody who waits for the run. REQUIRES: it ended, so that nobody comes to wait for it any more.
void RunLauncher::tell(Run& run, const Result<RunState>& state) {
  for (const Told& told : std::exchange(run.told, {})) {
    if (state) {
      told(TriggeredRun{run.info.run_id, run.info.dag_id, *state});
    } else {
      const bool ours = state.error().code.starts_with("run.");
      told(ours ? state.error() : Error{"run.store", state.error().message});
    }
  }
}

/// Until it ends; or until it rests, then `self` is the thread that it needs no more, and the run may be at work again.
Result<RunState> RunLauncher::run_engine(const RunPtr& run, std::thread& self) {
  const bool begins = !run->kept;
  if (begins) {
    Result<std::unique_ptr<RunSession>> made = session_of(*run);
    if (!made) return without_session(*run, made.error());
    run->kept = std::move(made).value();
    introduce(*run);
  }
  RunSession& session = *run->kept;
  alarm_->looks(run->info.run_id);
  Result<RunState> state = begins ? session.run() : session.go_on();
  while (session.rests()) {
    if (rest(run, self)) return state;
    alarm_->looks(run->info.run_id);
    state = session.go_on();
  }
  {
    const std::lock_guard lock{mutex_};
    run->session = nullptr;
  }
  run->kept.reset();
  return state;
}

/// From now on others reach its engine.
void RunLauncher::introduce(Run& run) {
  RunSession& session = *run.kept;
  session.on_ring([alarm = alarm_, run_id = run.info.run_id] { alarm->ring(run_id); });
  const std::lock_guard lock{mutex_};
  if (run.stage == Stage::stopping) session.cancel();
  if (closed_) session.suspend();
  run.session = &session;
  run.stage = Stage::running;
  ask_for_room();
}

/// False: something has come for it meanwhile.
bool RunLauncher::rest(const RunPtr& run, std::thread& self) {
  const std::lock_guard lock{mutex_};
  if (!alarm_->rest(run->info.run_id, run->kept->wakes_at())) {
    ask_for_room();
    return false;
  }
  queue_.rest(run->info.run_id);
  at_work_.erase(run.get());
  self = std::move(run->thread);
  return true;
}

/// Has the runs that only wait rest, where others wait for their place. REQUIRES: mutex_ is held.
void RunLauncher::ask_for_room() {
  for (Run* const run : at_work_) {
    if (run->session == nullptr || !queue_.crowded(run->place.depth)) continue;
    try {
      if (!waker_.joinable()) waker_ = std::thread{[this] { wake_resting(); }};
    } catch (const std::system_error&) {
      return;  // whoever rests now would rest for good
    }
    run->session->make_way();
  }
}

void RunLauncher::wake_resting() {
  for (auto woken = alarm_->wait(workshop_.clock()); !woken.empty(); woken = alarm_->wait(workshop_.clock())) {
    {
      const std::lock_guard lock{mutex_};
      for (const std::string& run_id : woken) queue_.wake(run_id);
    }
    start_queued();
  }
}

Result<RunState> RunLauncher::without_session(const Run& run, const Error& why) const {
  if (why.code == "run.ended") return store_.run_state(run.info.run_id);
  const std::lock_guard lock{mutex_};
  if (closed_ && why.code == "run.owned") return RunState::running;
  return why;
}

/// Waits for a run that another process is at: it ends it, or leaves it behind.
Result<std::unique_ptr<RunSession>> RunLauncher::session_of(Run& run) {
  while (true) {
    auto session = run.stored ? workshop_.stored_session(run.dag, run.info.run_id, run.place)
                              : workshop_.new_session(run.dag, run.info, run.place);
    if (session || session.error().code != "run.owned") return session;
    std::unique_lock lock{mutex_};
    const auto unwanted = [&] { return closed_ || run.stage == Stage::stopping; };
    if (changed_.wait_for(lock, kLookAgain, unwanted)) return session;
  }
}

}  // namespace leeward
