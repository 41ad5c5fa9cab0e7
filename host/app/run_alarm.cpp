#include "host/app/run_alarm.hpp"

namespace leeward {

void RunAlarm::add(const std::string& run_id) {
  const std::lock_guard lock{mutex_};
  runs_.try_emplace(run_id);
}

void RunAlarm::remove(const std::string& run_id) {
  const std::lock_guard lock{mutex_};
  const auto at = runs_.find(run_id);
  if (at == runs_.end()) return;
  if (at->second.rests && at->second.until) times_.erase({*at->second.until, run_id});
  runs_.erase(at);
}

void RunAlarm::looks(const std::string& run_id) {
  const std::lock_guard lock{mutex_};
  runs_[run_id].rung = false;
}

bool RunAlarm::rest(const std::string& run_id, std::optional<Instant> until) {
  const std::lock_guard lock{mutex_};
  Run& run = runs_[run_id];
  if (run.rung) return false;
  run.rests = true;
  run.until = until;
  if (!until) return true;
  times_.emplace(*until, run_id);
  changed_.notify_all();
  return true;
}

void RunAlarm::ring(const std::string& run_id) {
  const std::lock_guard lock{mutex_};
  const auto at = runs_.find(run_id);
  if (at == runs_.end()) return;
  at->second.rung = true;
  if (at->second.rests) wake(run_id, at->second);
}

/// REQUIRES: mutex_ is held, and it rests.
void RunAlarm::wake(const std::string& run_id, Run& run) {
  run.rests = false;
  if (run.until) times_.erase({*run.until, run_id});
  woken_.push_back(run_id);
  changed_.notify_all();
}

std::vector<std::string> RunAlarm::wait(const Clock& clock) {
  std::unique_lock lock{mutex_};
  while (!closed_) {
    while (!times_.empty() && times_.begin()->first <= clock.now()) {
      const std::string due = times_.begin()->second;
      wake(due, runs_.at(due));
    }
    if (!woken_.empty()) return std::exchange(woken_, {});
    if (times_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_for(lock, times_.begin()->first - clock.now());
    }
  }
  return {};
}

void RunAlarm::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  changed_.notify_all();
}

}  // namespace leeward
