#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/run_loop.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/outcomes.hpp"
#include "tests/simulation/standing.hpp"

namespace leeward::test {

/// One scenario, run by one process after the other: each ends at a moment of the seed's choice, in the middle of
/// whatever the engine was doing, or is suspended, until the last one brings the run to its end. Between them, and
/// after that, somebody may clear some of its tasks.
///
/// What the processes have in common is what was recorded, and the wall clock, which may be set between them. A witness
/// stands outside of them: it sees every start, and knows what was recorded by then.
class CrashedRun {
 public:
  explicit CrashedRun(const RandomScenario& scenario);

  [[nodiscard]] const std::vector<Event>& events() const noexcept { return events_; }
  [[nodiscard]] const RunRecord& record() const noexcept { return record_; }
  /// What went wrong between the engines and those they called; empty: nothing.
  [[nodiscard]] const std::vector<std::string>& mistakes() const noexcept { return mistakes_; }

  /// Whether times can be trusted: no clock was set, and nobody waited for a suspended run to go on or cleared it.
  [[nodiscard]] bool is_timed() const noexcept { return !sets_clock_ && !suspends_ && clears_ == 0; }
  [[nodiscard]] int clears() const noexcept { return clears_; }
  [[nodiscard]] int crashes() const noexcept { return crashes_; }
  [[nodiscard]] int suspensions() const noexcept { return suspensions_; }
  /// Whether somebody at_most_once was lost.
  [[nodiscard]] bool lost_any() const;

 private:
  /// Thrown where a process ends.
  struct Crash {};
  class Disk;
  class Attempts;
  class Reader;
  /// Where an instance stood on disk, and what its try was asked to come back for.
  struct Recorded {
    TaskState state = TaskState::none;
    int try_number = 0;
    std::size_t put_off = 0;  ///< times, within this try
    int reschedules = 0;
  };

  void run_process(bool is_last);
  void clear_some();
  void pass_point();
  void note_recorded(const Event& event);
  void visit_outside(RunLoop& loop, const std::vector<Event>& so_far, bool is_last);
  [[nodiscard]] SimulatedExecutor::Step step(const TaskCall& call);
  void witness_start(const TaskCall& call);
  void check_call(const TaskCall& call, const std::vector<Act>& acts, std::size_t place);
  void answer_later(InstanceIndex instance, TaskIndex task, int map_index, Duration after);
  void compare(const RunLoop& loop);
  void mistaken(const TaskCall& call, const std::string& what);

  const RandomScenario& scenario_;
  const Outcomes outcomes_;
  Dice dice_;
  std::shared_ptr<const RunInfo> info_;
  const bool sets_clock_;
  const bool suspends_;
  Dice clear_dice_;
  std::uint32_t clears_left_;

  // What outlives a process.
  MemoryRunStore disk_{MemoryRunStore::Keep::events};
  Timestamp wall_ = FakeClock::kStart;
  std::map<InstanceIndex, Recorded> recorded_;
  Standing standing_;
  std::uint64_t events_recorded_ = 0;
  std::uint64_t told_ = 0;  ///< no event from here on has been told
  bool cancel_recorded_ = false;
  bool begun_ = false;

  // Of the process at work.
  FakeClock* clock_ = nullptr;
  SimulatedExecutor* executor_ = nullptr;
  RunLoop* loop_ = nullptr;
  std::set<std::pair<InstanceIndex, int>> at_work_;  ///< with their try: one that was given up may still be there
  std::optional<std::uint32_t> points_left_;         ///< until it ends; nothing: it does not
  bool is_suspending_ = false;

  std::vector<Event> events_;
  RunRecord record_;
  std::vector<std::string> mistakes_;
  int crashes_ = 0;
  int suspensions_ = 0;
  int clears_ = 0;
  bool is_over_ = false;
};

}  // namespace leeward::test
