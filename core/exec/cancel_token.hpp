#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

namespace leeward {

/// "Please stop", seen by one attempt. Thread-safe. Created by the executor, asked by the operator.
class CancelToken {
 public:
  /// One atomic load.
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_.load(std::memory_order_acquire); }

  /// Runs the callback, if one is set, on the calling thread. Only the first call does anything.
  void cancel();

  /// Replaces the callback; it runs at most once, at once if the token is cancelled already. When this returns, the
  /// replaced callback is not running (unless this is called from within it) and will not run.
  void on_cancel(std::function<void()> callback);

 private:
  std::atomic<bool> cancelled_{false};
  std::recursive_mutex mutex_;
  std::function<void()> callback_;
};

}  // namespace leeward
