#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace leeward {

/// Decides which run starts next, or goes on after a rest: in order, but for those whose DAG has as many active runs as
/// it may have, or whose depth has as many at work. A run that rests is active, but not at work.
///
/// Pure bookkeeping: no threads, no files. Each call costs a few look-ups for each depth, however many runs wait. Owned
/// by RunLauncher, which guards it.
class RunQueue {
 public:
  struct Limits {
    std::size_t at_work_at_depth = 0;  ///< runs that wait for runs below them never keep those from starting
    std::size_t queued = 0;            ///< of all DAGs together
  };
  struct Entry {
    std::string run_id;
    std::string dag_id;
    int depth = 0;
    std::size_t max_active_runs = 0;  ///< of its DAG, as it is now; 0: no limit
  };

  explicit RunQueue(Limits limits) : limits_(limits) {}

  /// The run stands in line. Code run.too_many. REQUIRES: no run of this id is here.
  [[nodiscard]] Status add(Entry entry);
  /// Queued or active.
  [[nodiscard]] bool contains(std::string_view run_id) const { return runs_.find(run_id) != runs_.end(); }
  /// The run that may start; from now on it is active. Nothing: none may.
  [[nodiscard]] std::optional<std::string> take_next();
  /// An active one rests.
  void rest(std::string_view run_id);
  /// One that rests stands in line again. It has not been taken from there, or nothing happens.
  void wake(std::string_view run_id);
  /// Whether runs of this depth wait only until others of it have ended, or rest.
  [[nodiscard]] bool crowded(int depth) const;
  /// Queued or active, it is no longer here.
  void remove(std::string_view run_id);
  /// Active runs of the DAG that never stood in line, and count.
  void set_elsewhere(const std::string& dag_id, std::size_t active);

  [[nodiscard]] std::size_t queued() const noexcept { return runs_.size() - active_; }

 private:
  using Ticket = std::uint64_t;
  using Line = std::map<Ticket, std::string>;  ///< run ids, the first in line first
  struct DagRuns {
    std::size_t limit = 0;
    std::size_t active = 0;
    std::size_t elsewhere = 0;
    std::map<int, Line> lines;  ///< by depth; none is empty
    [[nodiscard]] bool full() const noexcept { return limit > 0 && active + elsewhere >= limit; }
  };
  struct Depth {
    std::size_t at_work = 0;
    std::map<Ticket, std::string> heads;  ///< DAGs that are not full, by who is first in their line at this depth
    Line woken;                           ///< want to go on
  };
  struct Place {
    std::string dag_id;
    int depth = 0;
    std::optional<Ticket> ticket;  ///< nothing: it is active
    bool rests = false;
    std::optional<Ticket> woken{};  ///< it rests, and wants to go on
  };

  [[nodiscard]] std::string take_head(Ticket ticket, const std::string& dag_id);
  [[nodiscard]] std::string take_woken(Depth& depth);
  void leave_line(const Place& place);
  /// Hides and shows the heads of a DAG's lines around a change to it.
  void hide(const DagRuns& dag);
  void show(const std::string& dag_id, const DagRuns& dag);

  const Limits limits_;
  Ticket next_ticket_ = 0;
  std::size_t active_ = 0;
  std::map<std::string, Place, std::less<>> runs_;
  std::map<std::string, DagRuns> dags_;
  std::map<int, Depth> depths_;
};

}  // namespace leeward
