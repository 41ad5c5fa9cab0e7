#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"

namespace leeward {

/// Knows of runs that rest when they want to go on: their time has come, or somebody rang for them. Runs are numbers
/// here. Shared by RunLauncher and whatever may ring, which may outlive it. Thread-safe; calls nobody.
class RunAlarm {
 public:
  using Number = std::uint64_t;

  /// A run that may rest later.
  void add(Number run);
  void remove(Number run);
  /// It is about to look at what has come; rings until now are no news.
  void looks(Number run);
  /// It rests; false: somebody has rung since it looked, and it does not.
  [[nodiscard]] bool rest(Number run, std::optional<Instant> until);
  /// Something has come for it. One that nobody knows: nothing happens.
  void ring(Number run);

  /// Waits until some that rest want to go on, and gives their numbers; from then on they rest no more. Empty: close().
  [[nodiscard]] std::vector<Number> wait(const Clock& clock);
  void close();

 private:
  struct Run {
    bool rung = false;
    bool rests = false;
    std::optional<Instant> until;
  };
  void wake(Number number, Run& run);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Number, Run> runs_;                  ///< guarded by mutex_, as are the next three
  std::set<std::pair<Instant, Number>> times_;  ///< of those that rest until one
  std::vector<Number> woken_;
  bool closed_ = false;
};

}  // namespace leeward
