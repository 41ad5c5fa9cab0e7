#include "core/exec/worker_pool.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "core/base/assert.hpp"

namespace leeward {
namespace {

std::thread start_usual_thread(std::function<void()> body) { return std::thread{std::move(body)}; }

}  // namespace

struct WorkerPool::Shared {
  std::mutex mutex;
  std::condition_variable work_came;
  std::condition_variable worker_left;
  std::deque<Job> jobs;
  std::size_t idle = 0;
  std::size_t alive = 0;
  bool closing = false;
};

WorkerPool::WorkerPool(std::size_t max_threads, Duration shutdown_grace, StartThread start_thread)
    : max_threads_(max_threads),
      shutdown_grace_(shutdown_grace),
      start_thread_(start_thread ? std::move(start_thread) : start_usual_thread),
      shared_(std::make_shared<Shared>()) {
  LW_ASSERT(max_threads_ > 0, "a pool without threads would never run anything");
}

WorkerPool::~WorkerPool() {
  std::deque<Job> dropped;  // destroyed last and without the lock: ending an attempt runs other people's code
  bool all_left = false;
  {
    std::unique_lock lock(shared_->mutex);
    shared_->closing = true;
    dropped.swap(shared_->jobs);
    shared_->work_came.notify_all();
    all_left = shared_->worker_left.wait_for(lock, shutdown_grace_, [&] { return shared_->alive == 0; });
  }
  for (std::thread& thread : threads_) {
    if (all_left) {
      thread.join();
    } else {
      thread.detach();
    }
  }
}

void WorkerPool::submit(Job job) {
  bool grow = false;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->jobs.push_back(std::move(job));
    grow = shared_->jobs.size() > shared_->idle && threads_.size() < max_threads_;
    if (grow) ++shared_->alive;
  }
  if (!grow) return shared_->work_came.notify_one();
  const Status added = add_thread();
  if (added) return;
  if (threads_.empty()) return refuse_waiting(added.error());
  shared_->work_came.notify_one();
}

/// REQUIRES: there is no thread, and so nobody else who takes them.
void WorkerPool::refuse_waiting(const Error& why) {
  for (const Job& job : std::exchange(shared_->jobs, {})) {
    job.attempt->complete(TaskOutcome::retryable(why.code, why.message));
  }
}

void WorkerPool::rest() {
  {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->jobs.empty() || shared_->idle < shared_->alive) return;
    shared_->closing = true;
    shared_->work_came.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  shared_->closing = false;  // nobody else is there
}

Status WorkerPool::add_thread() {
  try {
    threads_.push_back(start_thread_([shared = shared_] { work(shared); }));
    return done();
  } catch (const std::system_error& error) {
    const std::lock_guard lock(shared_->mutex);
    --shared_->alive;
    return Error{"operator.no_thread", std::string{"there is no thread to run it: "} + error.what()};
  }
}

void WorkerPool::work(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    ++shared->idle;
    shared->work_came.wait(lock, [&] { return shared->closing || !shared->jobs.empty(); });
    --shared->idle;
    if (shared->jobs.empty()) break;
    Job job = std::move(shared->jobs.front());
    shared->jobs.pop_front();
    lock.unlock();
    execute_guarded(*job.op, job.attempt);
    job = {};
    lock.lock();
  }
  --shared->alive;
  shared->worker_left.notify_all();
}

void execute_guarded(Operator& op, const std::shared_ptr<Attempt>& attempt) noexcept {
  try {
    op.execute(attempt);
  } catch (const std::exception& e) {
    attempt->complete(TaskOutcome::failed("operator.exception", std::string("the operator threw: ") + e.what()));
  } catch (...) {
    attempt->complete(TaskOutcome::failed("operator.exception", "the operator threw something that is no exception"));
  }
}

}  // namespace leeward
