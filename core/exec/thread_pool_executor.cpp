#include "core/exec/thread_pool_executor.hpp"

#include <utility>

namespace leeward {

ThreadPoolExecutor::ThreadPoolExecutor(OperatorSource& source, AttemptListener& listener, const Clock& clock,
                                       Options options)
    : source_(source),
      listener_(listener),
      clock_(clock),
      max_threads_(options.max_threads),
      blocking_pool_(options.max_threads, options.shutdown_grace),
      async_pool_(std::min(options.max_threads, kAsyncThreads), options.shutdown_grace) {}

ThreadPoolExecutor::ThreadPoolExecutor(OperatorSource& source, AttemptListener& listener, const Clock& clock)
    : ThreadPoolExecutor(source, listener, clock, Options{}) {}

ThreadPoolExecutor::~ThreadPoolExecutor() {
  for (const auto& [key, running] : running_) {
    if (const auto attempt = running.attempt.lock()) attempt->cancel_token().cancel();
  }
}

ThreadPoolExecutor::Key ThreadPoolExecutor::key(InstanceIndex instance, int try_number) noexcept {
  return static_cast<Key>(instance.value) << 32 | static_cast<std::uint32_t>(try_number);
}

void ThreadPoolExecutor::start(TaskCall call) {
  queue_->adopt_thread();
  Operator& op = source_.operator_of(*call.task->op);
  const Key attempt_key = key(call.instance, call.try_number);
  auto attempt = std::make_shared<QueuedAttempt>(std::move(call), listener_, queue_);
  if (op.info().traits.inline_execution) {
    execute_guarded(op, attempt);
    // Ended and held by nobody else: the usual case, and there is nothing to remember.
    if (attempt->ended() && attempt.use_count() == 1) return;
    running_.insert_or_assign(attempt_key, Running{attempt});
    return;
  }
  const bool blocks = op.info().traits.blocks();
  if (blocks) ++blocking_;
  running_.insert_or_assign(attempt_key, Running{attempt, blocks});
  (blocks ? blocking_pool_ : async_pool_).submit({&op, std::move(attempt)});
}

void ThreadPoolExecutor::cancel(InstanceIndex instance, int try_number) {
  const auto found = running_.find(key(instance, try_number));
  if (found == running_.end()) return;
  if (const auto attempt = found->second.attempt.lock()) attempt->cancel_token().cancel();
}

void ThreadPoolExecutor::rest() {
  queue_->leave_thread();
  blocking_pool_.rest();
  async_pool_.rest();
}

void ThreadPoolExecutor::wait(std::optional<Instant> deadline, std::vector<Completion>& out) {
  const std::size_t before = out.size();
  if (!queue_->take(out)) {
    queue_->sleep(deadline ? std::optional(*deadline - clock_.now()) : std::nullopt);
    queue_->take(out);
  }
  if (running_.empty()) return;
  auto kept = out.begin() + static_cast<std::ptrdiff_t>(before);
  for (auto at = kept; at != out.end(); ++at) {
    if (!note(*at)) continue;
    if (at != kept) *kept = std::move(*at);
    ++kept;
  }
  out.erase(kept, out.end());
}

bool ThreadPoolExecutor::note(const Completion& completion) {
  const bool deferred = completion.outcome.kind == OutcomeKind::deferred;
  const auto found = running_.find(key(completion.instance, completion.try_number));
  // What one thread says and what another says may come out in the wrong order, but never in two calls of take().
  if (found == running_.end()) return !deferred;
  if (found->second.blocks) --blocking_;
  found->second.blocks = false;
  if (deferred) return true;
  // A cancel callback often holds the attempt that owns the token: let go of it, or neither is ever freed. Callbacks
  // run on this thread only (in `cancel`), so this cannot wait for one.
  if (const auto attempt = found->second.attempt.lock()) attempt->cancel_token().on_cancel(nullptr);
  running_.erase(found);
  return true;
}

}  // namespace leeward
