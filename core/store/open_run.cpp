#include "core/store/open_run.hpp"

namespace leeward {

std::uint64_t OpenRun::next_sequence() const {
  const std::lock_guard lock(mutex_);
  return next_sequence_;
}

bool OpenRun::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void OpenRun::apply(std::span<const Event> events) {
  const std::lock_guard lock(mutex_);
  for (const Event& event : events) {
    if (projection_) projection_->apply(event);
  }
  next_sequence_ += events.size();
  ended_ = events.back().kind == EventKind::run_finished;
}

void OpenRun::adopt(RunProjection projection) {
  const std::lock_guard lock(mutex_);
  if (projection.next_sequence() == next_sequence_) projection_ = std::move(projection);
}

}  // namespace leeward
