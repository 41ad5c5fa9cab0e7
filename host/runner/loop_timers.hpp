#pragma once

#include "host/net/io_loop.hpp"
#include "host/plugin/timer_source.hpp"

namespace leeward {

/// Timers on a loop. `loop` must outlive every timer.
class LoopTimers final : public TimerSource {
 public:
  explicit LoopTimers(IoLoop& loop) : loop_(loop) {}
  [[nodiscard]] std::shared_ptr<Handle> after(std::chrono::milliseconds delay,
                                              std::function<void(bool cancelled)> callback) override;

 private:
  IoLoop& loop_;
};

}  // namespace leeward
