#include "host/plugin/callee_threads.hpp"

#include <system_error>
#include <utility>

namespace leeward {
namespace {

thread_local bool must_not_block = false;

}  // namespace

MustNotBlock::MustNotBlock() noexcept : before_(must_not_block) { must_not_block = true; }
MustNotBlock::~MustNotBlock() { must_not_block = before_; }
bool MustNotBlock::here() noexcept { return must_not_block; }

CalleeThreads::~CalleeThreads() {
  {
    const std::lock_guard lock{mutex_};
    closing_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void CalleeThreads::run(std::function<void()> work) {
  {
    const std::lock_guard lock{mutex_};
    queue_.push_back(std::move(work));
    if (idle_ < queue_.size() && threads_.size() < most_) add_thread();
  }
  wake_.notify_one();
}

/// Where the system has no more threads the work waits for one of those that there are, or for the next attempt to make
/// one.
void CalleeThreads::add_thread() {
  try {
    threads_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {
    return;
  }
}

void CalleeThreads::drop_waiting() {
  std::deque<std::function<void()>> dropped;  // what they hold goes without the lock
  const std::lock_guard lock{mutex_};
  dropped.swap(queue_);
}

void CalleeThreads::serve() {
  std::unique_lock lock{mutex_};
  while (true) {
    ++idle_;
    wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    const std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace leeward
