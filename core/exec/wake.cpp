#include "core/exec/wake.hpp"

#include <cerrno>
#include <time.h>

#include "core/base/assert.hpp"

namespace leeward {
namespace {

constexpr long kNsPerSecond = 1'000'000'000;

timespec monotonic_in(Duration limit) {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  at.tv_sec += static_cast<time_t>(limit.count() / kNsPerSecond);
  at.tv_nsec += static_cast<long>(limit.count() % kNsPerSecond);
  if (at.tv_nsec >= kNsPerSecond) {
    ++at.tv_sec;
    at.tv_nsec -= kNsPerSecond;
  }
  return at;
}

}  // namespace

Wake::Wake() { LW_ASSERT(sem_init(&semaphore_, 0, 0) == 0, "an unshared semaphore of value 0 can always be made"); }

Wake::~Wake() { sem_destroy(&semaphore_); }

void Wake::ring() noexcept {
  if (!rung_.exchange(true, std::memory_order_acq_rel)) sem_post(&semaphore_);
}

void Wake::sleep(std::optional<Duration> limit) noexcept {
  if (!limit) {
    while (sem_wait(&semaphore_) != 0 && errno == EINTR) {
    }
  } else if (limit->count() > 0) {
    const timespec until = monotonic_in(*limit);
    while (sem_clockwait(&semaphore_, CLOCK_MONOTONIC, &until) != 0) {
      if (errno != EINTR) return;
    }
  } else if (sem_trywait(&semaphore_) != 0) {
    return;
  }
  // An exchange, and not a store: the caller's next look must see what was there before a ring that found rung_ still
  // true and so left the semaphore alone.
  rung_.exchange(false, std::memory_order_acq_rel);
}

}  // namespace leeward
