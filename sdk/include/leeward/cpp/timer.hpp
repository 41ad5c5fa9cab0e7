/// leeward.timer/1 for C++: waiting without a thread.
///
///     return after(task.defer(), 500, [](Deferred& deferred) { deferred.task().result("half a second later"); });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include <leeward/cpp/deferred.hpp>
#include <leeward/ext/timer.h>

LW_SDK_BEGIN

/// The part of the task after the wait: returning ends it with success, throwing does not, and moving the Deferred on
/// continues it.
using OnTimer = std::function<void(Deferred&)>;

namespace detail {

struct PendingTimer {
  Deferred held;
  OnTimer on_time;

  static void fire(void* arg, lw_code outcome) noexcept {
    const std::unique_ptr<PendingTimer> self(static_cast<PendingTimer*>(arg));
    go_on(std::move(self->held), [&](Deferred& deferred) {
      if (outcome == LW_CANCELLED) throw cancelled();
      self->on_time(deferred);
    });
  }
};

}  // namespace detail

/// [task] Waits `delay_ms`; the task goes on in `on_time`, on a host's thread. A task that is to stop meanwhile ends as
/// cancelled, and `on_time` is not called. Always answers LW_DEFERRED.
inline lw_code after(Deferred deferred, std::uint64_t delay_ms, OnTimer on_time) {
  const auto* timer = extension<lw_timer>(LW_EXT_TIMER);
  if (!timer) {
    deferred.finish(fail("no_extension", "this host offers no timer (" LW_EXT_TIMER ")"));
    return LW_DEFERRED;
  }
  lw_task* const task = deferred.task().raw();
  auto* pending = new detail::PendingTimer{std::move(deferred), std::move(on_time)};
  const lw_code code = timer->after(task, delay_ms, &detail::PendingTimer::fire, pending);
  if (code != LW_OK) {
    const std::unique_ptr<detail::PendingTimer> refused(pending);
    refused->held.finish(fail("host_error", "the host's timer answered code " + std::to_string(code)));
  }
  return LW_DEFERRED;
}

LW_SDK_END
