#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace leeward {

using Duration = std::chrono::nanoseconds;

/// A point on the monotonic time line of one process: for delays and timeouts, never shown to anyone.
struct Instant {
  Duration since_start{};
  friend auto operator<=>(const Instant&, const Instant&) = default;
  friend Instant operator+(Instant t, Duration d) { return {t.since_start + d}; }
  friend Duration operator-(Instant a, Instant b) { return a.since_start - b.since_start; }
};

/// A point on the wall clock, UTC: for records and logical dates, never for measuring.
struct Timestamp {
  std::int64_t unix_ns = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

/// The only source of time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual Timestamp wall() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] Timestamp wall() const override;
};

}  // namespace leeward
