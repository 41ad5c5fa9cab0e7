/// leeward.wait/1 for C++: how long a sensor has been looking.
#pragma once

#include <cstdint>

#include <leeward/cpp/task.hpp>
#include <leeward/ext/wait.h>

LW_SDK_BEGIN

namespace detail {
inline const lw_wait& wait_service() {
  const auto* wait = extension<lw_wait>(LW_EXT_WAIT);
  if (!wait) throw fail("no_extension", "this host does not count how long a task waits (" LW_EXT_WAIT ")");
  return *wait;
}
}  // namespace detail

/// Milliseconds from the start of the task's first attempt to that of this one, over all retries. Any thread.
inline std::int64_t waited_ms(Task task) { return detail::wait_service().waited_ms(task.raw()); }

/// How often the task was "not ready" before (LW_RESCHEDULE). Any thread.
inline std::int64_t reschedules(Task task) { return detail::wait_service().reschedules(task.raw()); }

LW_SDK_END
