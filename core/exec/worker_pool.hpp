#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/exec/operator.hpp"

namespace leeward {

/// Threads that run operators' attempts, made when there is work that no idle thread can take, up to a limit. What
/// comes then waits its turn, first come first served. Where the system gives no thread, those that are there do; where
/// there is none, the attempt ends as operator.no_thread, and is tried again as its task says.
///
/// Owned by ThreadPoolExecutor and called by one thread at a time. An operator that never returns cannot be stopped:
/// the destructor waits `shutdown_grace` for it and then leaves its thread behind.
class WorkerPool {
 public:
  struct Job {
    Operator* op = nullptr;
    std::shared_ptr<Attempt> attempt;
  };

  /// Throws std::system_error if there can be no more threads.
  using StartThread = std::function<std::thread(std::function<void()>)>;

  WorkerPool(std::size_t max_threads, Duration shutdown_grace, StartThread start_thread = {});
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void submit(Job job);
  /// Ends its threads, if there is nothing to do for any of them.
  void rest();
  /// How many threads there are.
  [[nodiscard]] std::size_t threads() const noexcept { return threads_.size(); }

 private:
  struct Shared;  ///< outlives the pool while a thread is left behind
  [[nodiscard]] Status add_thread();
  void refuse_waiting(const Error& why);
  static void work(const std::shared_ptr<Shared>& shared);

  const std::size_t max_threads_;
  const Duration shutdown_grace_;
  const StartThread start_thread_;
  std::shared_ptr<Shared> shared_;
  std::vector<std::thread> threads_;
};

/// Runs one attempt. What an operator throws, though it must not, fails its attempt.
void execute_guarded(Operator& op, const std::shared_ptr<Attempt>& attempt) noexcept;

}  // namespace leeward
