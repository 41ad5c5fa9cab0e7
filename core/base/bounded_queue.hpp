#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/assert.hpp"
#include "core/base/clock.hpp"

namespace leeward {

/// Hands things from threads to threads, first in, first out, never more than `limit` of them at once: a producer that
/// is too fast waits instead of eating the memory. Thread-safe.
///
/// After close() nothing gets in any more; what is in can still be taken, and then every pop says so by coming back
/// empty. Waiting is in real time: a simulation drives its parts itself and has no queue to wait on.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t limit) : limit_(limit) {
    LW_ASSERT(limit > 0, "a queue that holds nothing would block for ever");
  }

  /// Waits for room. False, with the item gone, if the queue is or gets closed.
  bool push(T item) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return closed_ || items_.size() < limit_; });
    return enter(lock, std::move(item));
  }

  /// Does not wait. False, with `item` untouched, if the queue is full or closed.
  bool try_push(T&& item) {
    std::unique_lock lock(mutex_);
    if (items_.size() >= limit_ || closed_) return false;
    return enter(lock, std::move(item));
  }

  /// Waits for an item. Nothing if the queue is closed and empty.
  [[nodiscard]] std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return closed_ || !items_.empty(); });
    return leave(lock);
  }

  /// The same, but waits no longer than `wait`; nothing if that was not long enough.
  [[nodiscard]] std::optional<T> pop_for(Duration wait) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, wait, [this] { return closed_ || !items_.empty(); });
    return leave(lock);
  }

  /// Does not wait.
  [[nodiscard]] std::optional<T> try_pop() {
    std::unique_lock lock(mutex_);
    return leave(lock);
  }

  /// Waits up to `wait` for the first item and takes all that are there by then, `most` of them at the utmost: one lock
  /// and one wake-up for many. Empty if nothing came or the queue is closed and empty.
  [[nodiscard]] std::vector<T> pop_batch(std::size_t most, Duration wait) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, wait, [this] { return closed_ || !items_.empty(); });
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, items_.size()));
    const auto stop = items_.begin() + count;
    std::vector<T> batch(std::make_move_iterator(items_.begin()), std::make_move_iterator(stop));
    items_.erase(items_.begin(), stop);
    const bool more = !items_.empty();
    lock.unlock();
    if (count > 0) room_.notify_all();
    if (more) filled_.notify_one();
    return batch;
  }

  /// Lets everybody who waits go. May be called again.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    room_.notify_all();
    filled_.notify_all();
  }

  [[nodiscard]] bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  bool enter(std::unique_lock<std::mutex>& lock, T&& item) {
    if (closed_) return false;
    items_.push_back(std::move(item));
    lock.unlock();
    filled_.notify_one();
    return true;
  }

  std::optional<T> leave(std::unique_lock<std::mutex>& lock) {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    room_.notify_one();
    return item;
  }

  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<T> items_;  // guarded by mutex_
  bool closed_ = false;  // guarded by mutex_
};

}  // namespace leeward
