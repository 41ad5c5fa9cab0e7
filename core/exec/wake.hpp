#pragma once

#include <atomic>
#include <optional>
#include <semaphore.h>

#include "core/base/clock.hpp"

namespace leeward {

/// Lets one thread sleep until somebody rings. Rings that come while nobody sleeps are kept, as one.
///
/// `ring` is safe on any thread and in a signal handler: it is a POSIX semaphore and one atomic, which is why this is
/// not a condition variable. `sleep` is for one thread at a time.
class Wake {
 public:
  Wake();
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  void ring() noexcept;
  /// Returns when somebody rang since the last return, or after `limit`; at once for a `limit` of zero or less.
  void sleep(std::optional<Duration> limit) noexcept;

 private:
  sem_t semaphore_;
  std::atomic<bool> rung_{false};
};

}  // namespace leeward
