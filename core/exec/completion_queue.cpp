#include "core/exec/completion_queue.hpp"

#include <iterator>
#include <utility>

namespace leeward {
namespace {

void move_all(std::vector<Completion>& from, std::vector<Completion>& to) {
  if (to.empty()) {
    to.swap(from);
    return;
  }
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

}  // namespace

void CompletionQueue::push(Completion completion) {
  if (owner_.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    local_.push_back(std::move(completion));
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    remote_.push_back(std::move(completion));
    has_remote_.store(true, std::memory_order_release);
  }
  interrupt();
}

void CompletionQueue::interrupt() {
  wake_.ring();
  if (!has_ring_.load(std::memory_order_acquire)) return;
  std::function<void()> ring;
  {
    const std::lock_guard lock(mutex_);
    ring = ring_;
  }
  ring();
}

void CompletionQueue::on_ring(std::function<void()> ring) {
  const std::lock_guard lock(mutex_);
  ring_ = std::move(ring);
  has_ring_.store(true, std::memory_order_release);
}

void CompletionQueue::leave_thread() {
  owner_.store({}, std::memory_order_relaxed);
  if (!local_.empty()) interrupt();
}

bool CompletionQueue::take(std::vector<Completion>& out) {
  const std::size_t before = out.size();
  if (!local_.empty()) move_all(local_, out);
  if (has_remote_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    move_all(remote_, out);
    has_remote_.store(false, std::memory_order_relaxed);
  }
  return out.size() > before;
}

}  // namespace leeward
