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
  if (ended_.exchange(true, std::memory_order_acq_rel)) {
    listener().on_log(call(), LogLevel::warn, "the operator ended this attempt twice; the second end is ignored", "{}");
    return;
  }
  queue_->push({call().instance, call().try_number, std::move(outcome)});
}

}  // namespace leeward
