#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"

namespace leeward {

/// Knows of runs that rest when they want to go on: their time has come, or somebody rang for them. Shared by
/// RunLauncher and whatever may ring, which may outlive it. Thread-safe; calls nobody.
class RunAlarm {
 public:
  /// A run that may rest later.
  void add(const std::string& run_id);
  void remove(const std::string& run_id);
  /// It is about to look at what has come; rings until now are no news.
  void looks(const std::string& run_id);
  /// It rests; false: somebody has rung since it looked, and it does not.
  [[nodiscard]] bool rest(const std::string& run_id, std::optional<Instant> until);
  /// Something has come for it. One that nobody knows: nothing happens.
  void ring(const std::string& run_id);

  /// Waits until some that rest want to go on, and gives their ids; from then on they rest no more. Empty: close().
  [[nodiscard]] std::vector<std::string> wait(const Clock& clock);
  void close();

 private:
  struct Run {
    bool rung = false;
    bool rests = false;
    std::optional<Instant> until;
  };
  void wake(const std::string& run_id, Run& run);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Run> runs_;                  ///< guarded by mutex_, as are the next three
  std::set<std::pair<Instant, std::string>> times_;  ///< of those that rest until one
  std::vector<std::string> woken_;
  bool closed_ = false;
};

}  // namespace leeward
