#pragma once

namespace leeward {

/// Prints the broken assumption and stops the process. The run's record makes restarting cheap; going on is not.
[[noreturn]] void assertion_failed(const char* condition, const char* why, const char* file, int line) noexcept;

}  // namespace leeward

/// For our own bugs only, and on in release builds: bad input is a Result, a failed task is data.
#define LW_ASSERT(condition, why)                      \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::leeward::assertion_failed(#condition, why, __FILE__, __LINE__))
