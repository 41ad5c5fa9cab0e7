#include "host/plugin/callee_threads.hpp"

#include <utility>

namespace leeward {
namespace {

constexpr std::size_t kMaxThreads = 16;

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
    if (idle_ < queue_.size() && threads_.size() < kMaxThreads) threads_.emplace_back([this] { serve(); });
  }
  wake_.notify_one();
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
