#include "core/exec/queued_attempt.hpp"

#include <utility>

namespace leeward {

QueuedAttempt::QueuedAttempt(TaskCall call, AttemptListener& listener, std::shared_ptr<CompletionQueue> queue)
    : Attempt(std::move(call), cancel_token_, listener), queue_(std::move(queue)) {}

QueuedAttempt::~QueuedAttempt() {
  if (ended()) return;
  queue_->push({call().instance, call().try_number,
                TaskOutcome::failed("operator.no_result", "the operator let go of the attempt without ending it")});
}

void QueuedAttempt::complete(TaskOutcome outcome) {
  Phase before = phase_.load(std::memory_order_acquire);
  do {
    // Another thread is about to say that it was deferred, which takes it one push: the end stands after that.
    while (before == Phase::deferring) {
      phase_.wait(Phase::deferring, std::memory_order_acquire);
      before = phase_.load(std::memory_order_acquire);
    }
    if (before == Phase::ended) {
      listener().on_log(call(), LogLevel::warn, "the operator ended this attempt twice; the second end is ignored",
                        "{}");
      return;
    }
  } while (!phase_.compare_exchange_weak(before, Phase::ended, std::memory_order_acq_rel));
  queue_->push({call().instance, call().try_number, std::move(outcome)});
}

void QueuedAttempt::defer(bool idle) {
  Phase before = Phase::running;
  if (!phase_.compare_exchange_strong(before, Phase::deferring, std::memory_order_acq_rel)) return;
  TaskOutcome news;
  news.kind = OutcomeKind::deferred;
  queue_->push({call().instance, call().try_number, std::move(news), idle});
  phase_.store(Phase::deferred, std::memory_order_release);
  phase_.notify_all();
}

}  // namespace leeward
