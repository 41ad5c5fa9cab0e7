#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

namespace leeward {

/// What one attempt has under way outside (requests, timers, called operators), so that all of it is stopped when the
/// attempt is. Thread-safe. Callbacks run without a lock held.
class CancelGroup {
 public:
  using Id = std::uint64_t;
  /// `stop` runs at most once: when the group is cancelled, at once if it is already.
  Id add(std::function<void()> stop);
  /// It will not start any more; it may be running.
  void remove(Id id);
  void cancel();

 private:
  std::mutex mutex_;
  bool cancelled_ = false;
  Id next_ = 1;
  std::map<Id, std::function<void()>> stops_;
};

}  // namespace leeward
