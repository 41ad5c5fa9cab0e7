#include "host/app/run_alarm.hpp"

namespace leeward {

void RunAlarm::add(Number run) {
  const std::lock_guard lock{mutex_};
  runs_.try_emplace(run);
}

void RunAlarm::remove(Number run) {
  const std::lock_guard lock{mutex_};
  const auto at = runs_.find(run);
  if (at == runs_.end()) return;
  if (at->second.rests && at->second.until) times_.erase({*at->second.until, run});
  runs_.erase(at);
}

void RunAlarm::looks(Number run) {
  const std::lock_guard lock{mutex_};
  runs_[run].rung = false;
}

bool RunAlarm::rest(Number number, std::optional<Instant> until) {
  const std::lock_guard lock{mutex_};
  Run& run = runs_[number];
  if (run.rung) return false;
  run.rests = true;
  run.until = until;
  if (!until) return true;
  times_.emplace(*until, number);
  changed_.notify_all();
  return true;
}

void RunAlarm::ring(Number number) {
  const std::lock_guard lock{mutex_};
  const auto at = runs_.find(number);
  if (at == runs_.end()) return;
  at->second.rung = true;
  if (at->second.rests) wake(number, at->second);
}

/// REQUIRES: mutex_ is held, and it rests.
void RunAlarm::wake(Number number, Run& run) {
  run.rests = false;
  if (run.until) times_.erase({*run.until, number});
  woken_.push_back(number);
  changed_.notify_all();
}

std::vector<RunAlarm::Number> RunAlarm::wait(const Clock& clock) {
  std::unique_lock lock{mutex_};
  while (!closed_) {
    while (!times_.empty() && times_.begin()->first <= clock.now()) {
      const Number due = times_.begin()->second;
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
