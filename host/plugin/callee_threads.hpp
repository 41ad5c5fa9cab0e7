#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace leeward {

/// Marks the calling thread, while it lives, as one that must not wait: the HTTP client's, or the engine's own.
class MustNotBlock {
 public:
  MustNotBlock() noexcept;
  ~MustNotBlock();
  MustNotBlock(const MustNotBlock&) = delete;
  MustNotBlock& operator=(const MustNotBlock&) = delete;
  [[nodiscard]] static bool here() noexcept;

 private:
  bool before_;
};

/// Where a blocking operator runs that was called from a thread that must not wait. Rare, so a few threads, started
/// when first needed and kept, are enough; what exceeds them waits its turn. Thread-safe. Destroying it finishes what
/// it was given.
class CalleeThreads {
 public:
  explicit CalleeThreads(std::size_t most = 16) : most_(most) {}
  ~CalleeThreads();
  CalleeThreads(const CalleeThreads&) = delete;
  CalleeThreads& operator=(const CalleeThreads&) = delete;
  void run(std::function<void()> work);
  /// Forgets what waits for its turn.
  void drop_waiting();

 private:
  void add_thread();
  void serve();

  const std::size_t most_;
  std::mutex mutex_;  ///< guards the rest
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool closing_ = false;
};

}  // namespace leeward
