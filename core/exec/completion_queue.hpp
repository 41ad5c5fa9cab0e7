#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/exec/executor.hpp"
#include "core/exec/wake.hpp"

namespace leeward {

/// Ended attempts on their way to the engine's thread. Shared by an executor and its attempts, so that an attempt that
/// ends after its executor is gone ends in nothing.
///
/// It never holds more than the attempts that were started. An attempt that ends on the engine's own thread (an inline
/// operator) takes no lock.
class CompletionQueue {
 public:
  /// Any thread.
  void push(Completion completion);
  /// Makes a `sleep`, now or the next one, return. Any thread; where nobody called on_ring(), signal handlers, too.
  void interrupt();
  /// From now on also called after each push of another thread and each interrupt, on that thread. Any thread.
  void on_ring(std::function<void()> ring);

  /// Engine's thread. Says which thread that is.
  void adopt_thread() noexcept { owner_.store(std::this_thread::get_id(), std::memory_order_relaxed); }
  /// Engine's thread, which leaves. Rings if it has not taken everything.
  void leave_thread();
  /// Engine's thread. Appends what has ended; true if anything had.
  bool take(std::vector<Completion>& out);
  /// Engine's thread. Waits for a push or an interrupt, at most `limit`. May return early.
  void sleep(std::optional<Duration> limit) noexcept { wake_.sleep(limit); }

 private:
  std::atomic<std::thread::id> owner_{};
  std::vector<Completion> local_;  ///< of the owner's thread
  std::atomic<bool> has_remote_{false};
  std::mutex mutex_;
  std::vector<Completion> remote_;  ///< guarded by mutex_
  std::atomic<bool> has_ring_{false};
  std::function<void()> ring_;  ///< guarded by mutex_
  Wake wake_;
};

}  // namespace leeward
