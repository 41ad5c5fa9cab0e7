#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "host/plugin/callee_params.hpp"
#include "host/plugin/callee_threads.hpp"

namespace leeward {

/// The threads on which the host does for one plugin in a runner what may wait. A plugin has its own, so that it keeps
/// nobody else waiting. And each depth of calls has its own, so that callers that wait for their callees never hold the
/// threads that those need. Thread-safe; destroying it finishes what has begun.
class CalleeLanes {
 public:
  /// For what reads the store or a DAG's file.
  [[nodiscard]] CalleeThreads& reading() noexcept { return reading_; }
  /// For blocking operators that were called `depth` calls below a task's own.
  [[nodiscard]] CalleeThreads& calls(int depth) noexcept {
    return calls_[static_cast<std::size_t>(std::clamp(depth, 0, kMaxCallDepth - 1))];
  }
  /// Forgets what waits for a thread.
  void drop_waiting() {
    reading_.drop_waiting();
    for (CalleeThreads& lane : calls_) lane.drop_waiting();
  }

 private:
  static constexpr std::size_t kReadingThreads = 2;
  CalleeThreads reading_{kReadingThreads};
  std::array<CalleeThreads, kMaxCallDepth> calls_;
};

}  // namespace leeward
