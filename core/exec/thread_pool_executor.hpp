#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>

#include "core/exec/executor.hpp"
#include "core/exec/queued_attempt.hpp"
#include "core/exec/worker_pool.hpp"

namespace leeward {

/// Runs attempts on threads of this process.
///
/// Inline operators run on the caller's thread, inside `start`. All others get a pool thread until execute() returns;
/// asynchronous ones return early and hold no thread until they complete, so a few threads of their own are enough to
/// start them, however long the blocking ones keep theirs. `source`, `listener` and `clock` must outlive
/// the executor, and also an attempt whose operator never ends (see WorkerPool).
class ThreadPoolExecutor final : public Executor {
 public:
  struct Options {
    std::size_t max_threads = 32;                       ///< for blocking operators
    Duration shutdown_grace = std::chrono::seconds{5};  ///< what the destructor grants running operators
  };

  ThreadPoolExecutor(OperatorSource& source, AttemptListener& listener, const Clock& clock, Options options);
  ThreadPoolExecutor(OperatorSource& source, AttemptListener& listener, const Clock& clock);
  /// Cancels what still runs.
  ~ThreadPoolExecutor() override;

  void start(TaskCall call) override;
  [[nodiscard]] std::size_t free_threads() const override { return max_threads_ - std::min(max_threads_, blocking_); }
  void cancel(InstanceIndex instance, int try_number) override;
  void wait(std::optional<Instant> deadline, std::vector<Completion>& out) override;
  void interrupt() override { queue_->interrupt(); }
  void rest() override;
  /// See CompletionQueue::on_ring.
  void on_ring(std::function<void()> ring) { queue_->on_ring(std::move(ring)); }

  /// How many pool threads there are, for those who watch.
  [[nodiscard]] std::size_t threads() const noexcept { return blocking_pool_.threads() + async_pool_.threads(); }

 private:
  using Key = std::uint64_t;
  static constexpr std::size_t kAsyncThreads = 4;
  struct Running {
    std::weak_ptr<QueuedAttempt> attempt;
    bool blocks = false;
  };
  static Key key(InstanceIndex instance, int try_number) noexcept;
  /// Does the books; false: it is not to be handed on, being the news that an attempt is deferred which has ended.
  bool note(const Completion& completion);

  OperatorSource& source_;
  AttemptListener& listener_;
  const Clock& clock_;
  std::shared_ptr<CompletionQueue> queue_ = std::make_shared<CompletionQueue>();
  std::unordered_map<Key, Running> running_;  ///< but not those that ended inside `start`
  const std::size_t max_threads_;
  std::size_t blocking_ = 0;  ///< attempts in running_ that keep a thread; one that was given up still does
  WorkerPool blocking_pool_;
  WorkerPool async_pool_;
};

}  // namespace leeward
