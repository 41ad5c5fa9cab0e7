#include "host/plugin/request_gate.hpp"

#include <utility>

namespace leeward {

RequestGate::Ticket RequestGate::enter(const std::string& connection_id, std::size_t limit,
                                       std::function<void()> start) {
  {
    const std::lock_guard lock{mutex_};
    Line& line = lines_[connection_id];
    if (line.in_flight >= limit) {
      line.waiting.emplace(next_, std::move(start));
      return next_++;
    }
    ++line.in_flight;
  }
  start();
  return 0;
}

bool RequestGate::abandon(const std::string& connection_id, Ticket ticket) {
  std::function<void()> dropped;  // what it holds goes without the lock
  const std::lock_guard lock{mutex_};
  Line& line = lines_[connection_id];
  const auto at = line.waiting.find(ticket);
  if (at == line.waiting.end()) return false;
  dropped = std::move(at->second);
  line.waiting.erase(at);
  return true;
}

void RequestGate::leave(const std::string& connection_id) {
  std::function<void()> start;
  {
    const std::lock_guard lock{mutex_};
    Line& line = lines_[connection_id];
    if (line.waiting.empty()) {
      --line.in_flight;
      return;
    }
    start = std::move(line.waiting.begin()->second);
    line.waiting.erase(line.waiting.begin());
  }
  start();
}

}  // namespace leeward
