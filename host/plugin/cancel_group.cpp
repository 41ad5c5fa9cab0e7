#include "host/plugin/cancel_group.hpp"

#include <utility>

namespace leeward {

CancelGroup::Id CancelGroup::add(std::function<void()> stop) {
  {
    const std::lock_guard lock{mutex_};
    if (!cancelled_) {
      stops_.emplace(next_, std::move(stop));
      return next_++;
    }
  }
  stop();
  return 0;
}

void CancelGroup::remove(Id id) {
  std::function<void()> dropped;  // what it holds goes after the lock does
  const std::lock_guard lock{mutex_};
  const auto at = stops_.find(id);
  if (at == stops_.end()) return;
  dropped = std::move(at->second);
  stops_.erase(at);
}

void CancelGroup::cancel() {
  std::map<Id, std::function<void()>> stops;
  {
    const std::lock_guard lock{mutex_};
    cancelled_ = true;
    stops.swap(stops_);
  }
  for (const auto& [id, stop] : stops) stop();
}

}  // namespace leeward
