/// World: all that the harness's host knows during one run. One at a time in a process, for the host's functions know
/// no other way to find it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <leeward/testing/buffer_ledger.hpp>
#include <leeward/testing/event_queue.hpp>
#include <leeward/testing/report.hpp>
#include <leeward/testing/script.hpp>

namespace leeward::testing {

struct World {
  World() {
    if (current_) throw std::logic_error("leeward::testing: one harness at a time");
    current_ = this;
  }
  ~World() { current_ = nullptr; }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  static World* current() { return current_; }

  /// Notes a mistake of the operator.
  void problem(std::string what) {
    const std::lock_guard lock(mutex);
    report.problems.push_back(std::move(what));
  }
  void post(std::int64_t delay_ms, EventQueue::Action action) {
    const std::lock_guard lock(mutex);
    events.post(delay_ms, std::move(action));
    if (cancelled) events.cancel_all();
    changed.notify_all();
  }

  Script script;     // set up before the run; functions in it are called without the lock
  std::mutex mutex;  // guards what follows; never held while the plugin runs
  std::condition_variable changed;
  Result report;
  EventQueue events;
  bool cancelled = false;
  SeenError host_error;  // by lw_host.set_error

 private:
  static inline World* current_ = nullptr;
};

}  // namespace leeward::testing
