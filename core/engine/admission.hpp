#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "core/engine/instance_table.hpp"
#include "core/engine/ready_queue.hpp"
#include "core/exec/executor.hpp"
#include "core/exec/pool_table.hpp"
#include "core/model/dag.hpp"

namespace leeward {

/// What limits how many attempts are at work at once: max_active_tasks, the threads of the executor, pools, and a
/// task's own max_active_tis_per_dagrun. Called only from RunEngine's loop; all references must outlive it.
class Admission {
 public:
  /// `max_active` 0: no limit of the caller's. `pools` may be null.
  Admission(const Dag& dag, Executor& executor, PoolTable* pools, std::size_t max_active);
  /// Gives back what is still held: a run whose store failed ends with attempts at work.
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// Whether one may ever have to wait for another: only then do priorities matter.
  [[nodiscard]] bool may_refuse() const noexcept { return may_refuse_; }
  [[nodiscard]] ReadyQueue::Needs needs_of(TaskIndex task) const;

  /// Before a round of starts. `reserved` threads are for others.
  void look_at_threads(std::size_t reserved) {
    free_threads_ = executor_.free_threads();
    free_threads_ -= std::min(free_threads_, reserved);
  }
  /// Takes what the needs ask for, all or nothing.
  [[nodiscard]] bool admit(const ReadyQueue::Needs& needs);
  /// The admitted attempt's instance.
  void started(Instance& instance) noexcept { instance.holds_slots = true; }
  /// The attempt goes on without a thread: gives back the pool's slots, if the pool does not count it any more; and if
  /// it is `idle`, everything.
  void deferred(Instance& instance, bool idle);
  void ended(Instance& instance);

  /// Whether an attempt's end is still to come, but for those that were given up.
  [[nodiscard]] bool anybody_at_work() const noexcept { return active_ + idle_ > 0; }
  /// The same, but for those that only wait.
  [[nodiscard]] bool anybody_active() const noexcept { return active_ > 0; }

 private:
  [[nodiscard]] bool limits(const Task& task) const;
  void give_back(Instance& instance);
  void give_back_slots(Instance& instance);

  const Dag& dag_;
  Executor& executor_;
  PoolTable* const pools_;
  std::size_t max_active_;  ///< 0: no limit
  std::size_t active_ = 0;
  std::size_t idle_ = 0;
  std::size_t free_threads_ = 0;
  std::unordered_map<TaskIndex, int> active_of_;         ///< of tasks that limit their own instances
  std::unordered_map<std::uint16_t, std::size_t> held_;  ///< slots, by pool
  std::optional<std::size_t> listener_;                  ///< with pools_, if the Dag uses a limited one
  bool may_refuse_ = false;
};

}  // namespace leeward
