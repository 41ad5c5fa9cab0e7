#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace leeward {

using IoTime = std::chrono::steady_clock::time_point;

/// So long from now; a delay of years, which could overflow, is never.
[[nodiscard]] IoTime io_time_after(std::chrono::milliseconds delay) noexcept;

/// One entry of a DeadlineHeap, kept inside whatever waits, so that arming and dropping a timeout allocates nothing.
struct Deadline {
  IoTime at{};
  std::size_t position = kNowhere;  ///< the heap's own bookkeeping

  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  [[nodiscard]] bool armed() const noexcept { return position != kNowhere; }
};

/// The deadlines of one loop, earliest first: one heap and one system timer for tens of thousands of timeouts.
/// Loop-only. It borrows its entries: each must be erased before it dies.
class DeadlineHeap {
 public:
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  /// REQUIRES: not empty.
  [[nodiscard]] Deadline& earliest() const noexcept { return *entries_.front(); }
  /// Adds the entry, or moves it if it is in already.
  void set(Deadline& entry, IoTime at);
  /// Takes the entry out, if it is in.
  void erase(Deadline& entry) noexcept;

 private:
  void place(std::size_t position, Deadline* entry) noexcept;
  void sift_up(std::size_t position) noexcept;
  void sift_down(std::size_t position) noexcept;

  std::vector<Deadline*> entries_;
};

}  // namespace leeward
