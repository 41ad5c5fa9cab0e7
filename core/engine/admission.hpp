#pragma once

#include <cstddef>
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
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// Whether one may ever have to wait for another: only then do priorities matter.
  [[nodiscard]] bool may_refuse() const noexcept { return may_refuse_; }
  [[nodiscard]] ReadyQueue::Needs needs_of(TaskIndex task) const;

  /// Before a round of starts.
  void look_at_threads() { free_threads_ = executor_.free_threads(); }
  /// Takes what the needs ask for, all or nothing.
  [[nodiscard]] bool admit(const ReadyQueue::Needs& needs);
  /// The admitted attempt's instance.
  void started(Instance& instance) noexcept { instance.holds_slots = true; }
  /// The attempt goes on without a thread: gives back the pool's slots, if the pool does not count it any more.
  void deferred(Instance& instance);
  void ended(Instance& instance);

  /// Attempts that count: one that was given up does not.
  [[nodiscard]] std::size_t active() const noexcept { return active_; }

 private:
  [[nodiscard]] bool limits(const Task& task) const;
  void give_back_slots(Instance& instance);

  const Dag& dag_;
  Executor& executor_;
  PoolTable* const pools_;
  std::size_t max_active_;  ///< 0: no limit
  std::size_t active_ = 0;
  std::size_t free_threads_ = 0;
  std::unordered_map<TaskIndex, int> active_of_;  ///< of tasks that limit their own instances
  std::optional<std::size_t> listener_;           ///< with pools_, if the Dag uses a limited one
  bool may_refuse_ = false;
};

}  // namespace leeward
