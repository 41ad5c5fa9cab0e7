// "leeward.timer/1": waiting without a thread, on a thread that somebody else has anyway.

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

#include "host/plugin/callee_threads.hpp"
#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"

namespace leeward {
namespace {

constexpr std::uint64_t kLongestTimerMs = std::uint64_t{366} * 24 * 3600 * 1000;

/// One wait. Keeps its task alive until the callback has run.
class Wait : public std::enable_shared_from_this<Wait> {
 public:
  Wait(std::shared_ptr<HostTask> task, void (*callback)(void*, lw_code), void* arg)
      : task_(std::move(task)), callback_(callback), arg_(arg) {}

  void start(std::chrono::milliseconds delay) {
    stop_ = task_->under_way().add([weak = weak_from_this()] {
      if (const auto alive = weak.lock()) alive->cancel();
    });
    auto handle =
        task_->services().timers.after(delay, [self = shared_from_this()](bool cancelled) { self->done(cancelled); });
    const std::lock_guard lock{mutex_};
    handle_ = std::move(handle);
    if (cancelled_) handle_->cancel();
  }

 private:
  void cancel() {
    const std::lock_guard lock{mutex_};
    cancelled_ = true;
    if (handle_) handle_->cancel();
  }

  void done(bool cancelled) {
    task_->under_way().remove(stop_);
    const MustNotBlock here;
    callback_(arg_, cancelled ? LW_CANCELLED : LW_OK);
  }

  const std::shared_ptr<HostTask> task_;
  void (*const callback_)(void*, lw_code);
  void* const arg_;
  CancelGroup::Id stop_ = 0;
  std::mutex mutex_;
  bool cancelled_ = false;
  std::shared_ptr<TimerSource::Handle> handle_;
};

lw_code after(lw_task* c_task, uint64_t delay_ms, void (*callback)(void*, lw_code), void* arg) {
  HostTask& task = HostTask::of(c_task);
  if (callback == nullptr) return task.refuse(LW_INVALID, "timer.invalid", "the timer has no callback");
  const std::chrono::milliseconds delay{static_cast<std::int64_t>(std::min(delay_ms, kLongestTimerMs))};
  std::make_shared<Wait>(task.shared_from_this(), callback, arg)->start(delay);
  return LW_OK;
}

}  // namespace

const lw_timer kTimerService = {sizeof(lw_timer), 0, after};

}  // namespace leeward
