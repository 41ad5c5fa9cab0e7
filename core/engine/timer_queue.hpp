#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"

namespace leeward {

/// What the engine wants to be woken for. Nothing is ever taken back: whoever takes a timer checks that it still means
/// something (`generation`). Called only from RunEngine's loop.
class TimerQueue {
 public:
  enum class Kind : std::uint8_t { again, attempt_timeout, give_up, input_timeout, past_check, run_timeout };
  struct Timer {
    Instant due;
    Kind kind = Kind::again;
    InstanceIndex instance;
    std::uint32_t generation = 0;
    std::uint64_t order = 0;  ///< of two that are due at once, the one set first comes first
  };

  void add(Instant due, Kind kind, InstanceIndex instance = {}, std::uint32_t generation = 0) {
    timers_.push({due, kind, instance, generation, next_order_++});
  }
  /// When the next one is due.
  [[nodiscard]] std::optional<Instant> next() const {
    return timers_.empty() ? std::nullopt : std::optional(timers_.top().due);
  }
  /// One that is due at `now`; nothing if none is.
  [[nodiscard]] std::optional<Timer> take(Instant now) {
    if (timers_.empty() || timers_.top().due > now) return std::nullopt;
    const Timer timer = timers_.top();
    timers_.pop();
    return timer;
  }

 private:
  struct Later {
    bool operator()(const Timer& a, const Timer& b) const noexcept {
      return a.due != b.due ? a.due > b.due : a.order > b.order;
    }
  };
  std::priority_queue<Timer, std::vector<Timer>, Later> timers_;
  std::uint64_t next_order_ = 0;
};

}  // namespace leeward
