#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace leeward {

/// Keeps the requests in flight of each connection at or below its `max_concurrency`: what exceeds it waits its turn,
/// first come first served. Waiting costs a map entry, no thread. Thread-safe. Nothing is called with the lock held.
class RequestGate {
 public:
  /// Of a request that waits; 0: it did not have to.
  using Ticket = std::uint64_t;

  /// Calls `start` before it returns if fewer than `limit` are in flight; else later, on the thread of the leave() that
  /// makes room. Each start() is followed by one leave(). REQUIRES: limit > 0.
  [[nodiscard]] Ticket enter(const std::string& connection_id, std::size_t limit, std::function<void()> start);
  /// True: it was still waiting, and will never start. It does not leave().
  [[nodiscard]] bool abandon(const std::string& connection_id, Ticket ticket);
  /// A request has ended: the next may start.
  void leave(const std::string& connection_id);

 private:
  struct Line {
    std::size_t in_flight = 0;
    std::map<Ticket, std::function<void()>> waiting;
  };
  std::mutex mutex_;
  Ticket next_ = 1;
  std::map<std::string, Line> lines_;  ///< by connection
};

}  // namespace leeward
