#pragma once

#include <mutex>

#include "core/base/clock.hpp"

namespace leeward::test {

/// A clock that stands still until the test moves it; both time lines go together. Thread-safe.
class FakeClock final : public Clock {
 public:
  /// 2024-01-01T00:00:00Z, so that times in expectations can be read.
  static constexpr Timestamp kStart{1'704'067'200'000'000'000};

  explicit FakeClock(Timestamp start = kStart) : wall_(start) {}

  [[nodiscard]] Instant now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  [[nodiscard]] Timestamp wall() const override {
    const std::lock_guard lock(mutex_);
    return wall_;
  }

  void advance(Duration by) {
    const std::lock_guard lock(mutex_);
    now_.since_start += by;
    wall_.unix_ns += by.count();
  }
  /// As when somebody sets the machine's clock: measured time does not notice.
  void set_wall(Timestamp wall) {
    const std::lock_guard lock(mutex_);
    wall_ = wall;
  }

 private:
  mutable std::mutex mutex_;
  Instant now_{};
  Timestamp wall_;
};

}  // namespace leeward::test
