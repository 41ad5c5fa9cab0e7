#include "core/exec/worker_pool.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "core/base/assert.hpp"

namespace leeward {

struct WorkerPool::Shared {
  std::mutex mutex;
  std::condition_variable work_came;
  std::condition_variable worker_left;
  std::deque<Job> jobs;
  std::size_t idle = 0;
  std::size_t alive = 0;
  bool closing = false;
};

WorkerPool::WorkerPool(std::size_t max_threads, Duration shutdown_grace)
    : max_threads_(max_threads), shutdown_grace_(shutdown_grace), shared_(std::make_shared<Shared>()) {
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
  if (!grow || !add_thread()) shared_->work_came.notify_one();
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

bool WorkerPool::add_thread() {
  try {
    threads_.emplace_back([shared = shared_] { work(shared); });
    return true;
  } catch (const std::system_error&) {  // no more threads to be had: those that are there will do
    LW_ASSERT(!threads_.empty(), "the system must give the pool one thread at least");
    const std::lock_guard lock(shared_->mutex);
    --shared_->alive;
    return false;
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
