#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "core/base/result.hpp"
#include "core/store/sqlite_db.hpp"

namespace leeward {

/// The one way to write to a store: takes transitions from all threads and commits together those that wait.
///
/// While one commit is on its way to the disk, what arrives gathers for the next, which the writer's own thread makes.
/// A caller that waits anyway, and finds nobody at work, commits by itself: that saves two changes of thread for a run
/// that is alone. Either way one thread at a time uses the database. Thread-safe.
///
/// After a failed commit nothing is tried again: what the disk took of it is not known (a second fsync may say "done"
/// and lie). All that comes later gets the same error; whoever opens the store anew finds what was acknowledged.
/// But a commit that could not begin, since another process writes, has done nothing: it is begun again and again, and
/// only after a long time refused, with code store.locked; the writer goes on.
class StoreWriter {
 public:
  /// Reads and writes within the group's transaction. An error of its own undoes only this one. It may be called
  /// twice: once in a group that had to be undone, and again alone.
  using Transition = std::function<Status(SqliteDb&)>;
  /// Told after the commit, on the writer's thread: it must not block, and may submit.
  using Then = std::function<void(const Status&)>;

  /// How often a commit is begun before it is refused; each time the database waits its busy_timeout.
  static constexpr int kBeginnings = 20;

  explicit StoreWriter(SqliteDb db, int beginnings = kBeginnings);
  /// Commits what was submitted, and tells it.
  ~StoreWriter();
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;

  /// Returns when it is committed or refused.
  [[nodiscard]] Status commit(Transition transition);
  /// Returns at once.
  void submit(Transition transition, Then then);

 private:
  struct Job {
    Transition transition;
    Then then{};  ///< none: somebody waits
    Status outcome = done();
    bool settled = false;  ///< guarded by mutex_
  };
  using Jobs = std::span<const std::shared_ptr<Job>>;
  void work();
  void settle(Jobs jobs);
  [[nodiscard]] Status commit_together(Jobs jobs);
  [[nodiscard]] Result<SqliteTransaction> begin();
  [[nodiscard]] Status make_room();
  void tell(Jobs jobs);
  [[nodiscard]] bool log_is_long() const;
  void shorten_log();

  const int beginnings_;
  std::mutex mutex_;
  std::condition_variable wake_worker_;
  std::condition_variable settled_;
  std::vector<std::shared_ptr<Job>> waiting_;  ///< guarded by mutex_
  bool at_work_ = false;                       ///< guarded by mutex_; who set it may use the next four
  bool closing_ = false;                       ///< guarded by mutex_
  SqliteDb db_;
  std::optional<Error> broken_;
  std::int64_t log_room_ = 0;     ///< how long the log is known to be
  std::int64_t moved_up_to_ = 0;  ///< how much of the log was in it at the last checkpoint
  std::thread worker_;
};

}  // namespace leeward
