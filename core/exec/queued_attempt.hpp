#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "core/exec/completion_queue.hpp"
#include "core/exec/operator.hpp"

namespace leeward {

/// An attempt that ends in a CompletionQueue, exactly once: a second end is told to the listener and otherwise ignored,
/// and an attempt that its operator lets go of without an end fails with code operator.no_result. That it was deferred
/// stands in the queue before its end, or not at all. Thread-safe.
class QueuedAttempt final : public Attempt {
 public:
  QueuedAttempt(TaskCall call, AttemptListener& listener, std::shared_ptr<CompletionQueue> queue);
  ~QueuedAttempt() override;

  void complete(TaskOutcome outcome) override;
  void defer(bool idle) override;
  [[nodiscard]] bool ended() const noexcept { return phase_.load(std::memory_order_acquire) == Phase::ended; }

 private:
  enum class Phase : std::uint8_t { running, deferring, deferred, ended };

  CancelToken cancel_token_;
  std::shared_ptr<CompletionQueue> queue_;
  std::atomic<Phase> phase_{Phase::running};
};

}  // namespace leeward
