#include <algorithm>

#include "core/engine/run_loop.hpp"

// The ways out that leave the run for later. To rest: a run of which nothing needs its thread gives that away, and
// stays in memory as it is. To be suspended: nothing new starts, what is at work gets its time to end, and what has not
// ended then stays recorded as it was, so that whoever takes the run up starts it again.

namespace leeward {

/// One phase after the other, each with its time; a second call goes on to the last.
void RunLoop::obey_suspends() {
  const int asked = suspends_asked_.load(std::memory_order_acquire);
  if (asked == 0) return;
  const Instant now = clock_.now();
  if (suspension_ == Suspension::none) {
    suspension_ = Suspension::lets_end;
    suspension_until_ = now + options_.suspend_grace;
  }
  if (suspension_ == Suspension::lets_end && (asked > 1 || now >= suspension_until_)) {
    suspension_ = Suspension::stops;
    suspension_until_ = now + options_.cancel_grace;
    stop_for_later();
  }
  if (asked > 1 || (suspension_ == Suspension::stops && now >= suspension_until_)) suspension_ = Suspension::over;
}

/// One that was stopped for another reason already ends as that asks, if it does so in time.
void RunLoop::stop_for_later() {
  for (InstanceIndex i{0}; i.value < instances_.size(); ++i.value) {
    Instance& instance = instances_[i];
    if (!is_in_flight(instance.state) || instance.stop_reason != StopReason::none) continue;
    instance.stop_reason = StopReason::suspended;
    to_stop_.emplace_back(i, instance.try_number);
  }
}

bool RunLoop::is_at_rest() const {
  if (store_error_ || plan_.all_finished()) return false;  // that is an end of its own
  return suspension_ == Suspension::over || (!admission_.anybody_at_work() && callbacks_.idle());
}

/// REQUIRES: all is recorded and started.
bool RunLoop::makes_way() const {
  if (!way_asked_.load(std::memory_order_acquire) || is_suspending()) return false;
  return !plan_.has_decisions() && !more_to_start_ && !admission_.anybody_active() && callbacks_.idle();
}

Result<RunState> RunLoop::rest() {
  way_asked_.store(false, std::memory_order_relaxed);
  rests_ = true;
  executor_.rest();
  return RunState::running;
}

Result<RunState> RunLoop::leave() {
  desk_.shut({"run.suspended", "the run is suspended and hears no answer; resume it and answer then"});
  callbacks_.give_up();
  return RunState::running;
}

}  // namespace leeward
