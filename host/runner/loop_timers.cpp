#include "host/runner/loop_timers.hpp"

#include <utility>

namespace leeward {
namespace {

/// One wait. Owns itself until it has ended; loop-only but for cancel().
class Alarm final : public TimerSource::Handle, public std::enable_shared_from_this<Alarm> {
 public:
  Alarm(IoLoop& loop, std::function<void(bool)> callback)
      : loop_(loop), callback_(std::move(callback)), timer_(loop, [this] { end(false); }) {}

  void start(IoTime at) {
    if (!callback_) return;  // cancelled before it began
    self_ = shared_from_this();
    timer_.set(at);
  }

  void cancel() override {
    loop_.post([weak = weak_from_this()] {
      if (const auto alive = weak.lock()) alive->end(true);
    });
  }

 private:
  void end(bool cancelled) {
    if (!callback_) return;
    const std::shared_ptr<Alarm> keep = std::move(self_);
    timer_.cancel();
    std::exchange(callback_, nullptr)(cancelled);
  }

  IoLoop& loop_;
  std::function<void(bool)> callback_;
  IoTimer timer_;
  std::shared_ptr<Alarm> self_;
};

}  // namespace

std::shared_ptr<TimerSource::Handle> LoopTimers::after(std::chrono::milliseconds delay,
                                                       std::function<void(bool cancelled)> callback) {
  auto alarm = std::make_shared<Alarm>(loop_, std::move(callback));
  loop_.post([alarm, at = io_time_after(delay)] { alarm->start(at); });
  return alarm;
}

}  // namespace leeward
