#include "core/exec/cancel_token.hpp"

#include <utility>

namespace leeward {

// The callback runs with the mutex held, which is how on_cancel() can promise that a replaced callback is not running
// any more. The mutex is recursive so that a callback may replace itself, or end the attempt that owns the token.

void CancelToken::cancel() {
  const std::lock_guard lock(mutex_);
  if (cancelled_.exchange(true, std::memory_order_acq_rel)) return;
  const std::function<void()> callback = std::exchange(callback_, nullptr);
  if (callback) callback();
}

void CancelToken::on_cancel(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  if (!cancelled()) {
    callback_.swap(callback);  // the old one is destroyed on return, outside of this object
    return;
  }
  if (callback) callback();
}

}  // namespace leeward
