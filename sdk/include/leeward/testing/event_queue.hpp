/// EventQueue: what will happen to the operator under test, in the order of a clock that nobody waits for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace leeward::testing {

/// Not thread-safe: the World's lock guards it.
class EventQueue {
 public:
  /// `cancelled`: the task was told to stop before the event was due.
  using Action = std::function<void(bool cancelled)>;
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  std::int64_t now_ms() const { return now_ms_; }

  /// `delay_ms` kNever: only a cancellation makes it happen.
  void post(std::int64_t delay_ms, Action action) {
    const std::int64_t due = delay_ms >= kNever - now_ms_ ? kNever : now_ms_ + delay_ms;
    events_.push_back({due, next_++, false, std::move(action)});
  }
  /// Everything that was to happen happens now, as cancelled.
  void cancel_all() {
    for (auto& event : events_) event.due_ms = now_ms_, event.cancelled = true;
  }

  /// The next event whose time has come, to be run outside the lock.
  std::optional<std::function<void()>> take_ready() {
    const auto first = next_due();
    if (first == events_.end() || first->due_ms > now_ms_) return std::nullopt;
    auto run = [action = std::move(first->action), cancelled = first->cancelled] { action(cancelled); };
    events_.erase(first);
    return run;
  }
  /// Moves the clock to the next event, but not past `limit_ms`. False: there is none.
  bool advance_to_next(std::int64_t limit_ms = kNever) {
    const auto first = next_due();
    if (first == events_.end() || first->due_ms == kNever || first->due_ms > limit_ms) return false;
    now_ms_ = std::max(now_ms_, first->due_ms);
    return true;
  }
  void advance_to(std::int64_t time_ms) { now_ms_ = std::max(now_ms_, time_ms); }
  bool empty() const { return events_.empty(); }

 private:
  struct Event {
    std::int64_t due_ms;
    std::uint64_t order;
    bool cancelled;
    Action action;
  };

  std::vector<Event>::iterator next_due() {
    return std::min_element(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
      return a.due_ms != b.due_ms ? a.due_ms < b.due_ms : a.order < b.order;
    });
  }

  std::vector<Event> events_;
  std::int64_t now_ms_ = 0;
  std::uint64_t next_ = 0;
};

}  // namespace leeward::testing
