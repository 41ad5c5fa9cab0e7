#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <limits>

#include <leeward/cpp/task.hpp>

#include "plugins/sensor/poke_interval.hpp"
#include "plugins/time_text/duration.hpp"

namespace sensor {

/// The members that every sensor's params_schema has, to stand among its own.
#define SENSOR_PARAMS                                                                                        \
  R"("poke_interval": )" TIME_TEXT_DURATION_SCHEMA R"(, "timeout": )" TIME_TEXT_DURATION_SCHEMA              \
  R"(, "soft_fail": {"type": "boolean", "default": false, "description": "Skipped instead of failed"})"      \
  R"(, "never_fail": {"type": "boolean", "default": false, "description": "Skipped, whatever fails"})"       \
  R"(, "silent_fail": {"type": "boolean", "default": false, "description": "A look that fails is no look"})" \
  R"(, "exponential_backoff": {"type": "boolean", "default": false, "description": "Look ever less often"})" \
  R"(, "max_wait": )" TIME_TEXT_DURATION_SCHEMA

/// What one look has shown.
struct Look {
  bool ready = false;
  /// Not ready: when it is worth looking again, should that be sooner than the rules have it.
  std::int64_t within_ms = std::numeric_limits<std::int64_t>::max();
};

/// One attempt of a sensor: looks once, and unless it is ready ends the attempt, to be run again later. Nothing waits
/// in between. Lives inside execute(), or in the callbacks of what it started; one thread at a time.
///
/// The timeout counts from the task's first attempt, over all retries; past it the task fails for good, code
/// sensor.timeout, or is skipped (soft_fail, never_fail).
class Poke {
 public:
  /// Throws leeward::sdk::Error if a parameter is wrong, or the host does not count the wait (leeward.wait/1).
  explicit Poke(leeward::sdk::Task task);

  /// Calls `look`, which answers a Look or throws what stood in its way; returns if it is ready, and else throws how
  /// the attempt ends. `task` is the same task, which a Deferred may hold by now.
  template <class Fn>
  void look(leeward::sdk::Task task, Fn&& look) const {
    Look seen;
    try {
      seen = look();
    } catch (const leeward::sdk::Error& error) {
      judge(task, error);
    } catch (const std::exception& error) {
      judge(task, leeward::sdk::retry("unhandled_exception", error.what()));
    }
    if (!seen.ready) throw not_ready(task, seen);
  }

 private:
  /// Throws what the failed look means, unless it counts as "not ready".
  void judge(leeward::sdk::Task task, const leeward::sdk::Error& error) const;
  [[nodiscard]] leeward::sdk::Error not_ready(leeward::sdk::Task task, const Look& seen) const;

  PokeRules rules_;
  std::int64_t waited_ms_ = 0;
  std::int64_t poke_ = 1;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace sensor
