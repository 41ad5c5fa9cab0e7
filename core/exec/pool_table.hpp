#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace leeward {

/// The pools of a host and their free slots, shared by all its runs: how many attempts that name a pool may be at work
/// at the same time. Thread-safe.
class PoolTable {
 public:
  struct Pool {
    std::size_t slots = 0;
    bool include_deferred = true;  ///< an attempt that is deferred keeps its slots: a model's answer is work, too
  };
  /// `default_pool` has no limit unless it is among them.
  explicit PoolTable(std::map<std::string, Pool, std::less<>> pools = {});

  /// Null if there is none: then nothing limits it.
  [[nodiscard]] const Pool* find(std::string_view name) const;

  /// Takes slots, all or none. True for a pool that nothing limits.
  [[nodiscard]] bool take(std::string_view pool, std::size_t slots);
  /// Gives back what was taken, and tells everybody who listens.
  void give_back(std::string_view pool, std::size_t slots);

  /// `freed` is called, on the thread that gave slots back, whenever there may be more of them. It must not call back.
  [[nodiscard]] std::size_t listen(std::function<void()> freed);
  void stop_listening(std::size_t listener);

 private:
  struct Entry {
    Pool pool;
    std::size_t taken = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> pools_;         ///< guarded by mutex_; the keys never change
  std::map<std::size_t, std::function<void()>> listeners_;  ///< guarded by mutex_
  std::size_t next_listener_ = 0;                           ///< guarded by mutex_
};

}  // namespace leeward
