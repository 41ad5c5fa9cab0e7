#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/clock.hpp"
#include "core/engine/instance_table.hpp"
#include "core/observe/event_bus.hpp"
#include "core/store/run_store.hpp"

namespace leeward {

/// Makes an Event of every change of a run, in batches: `flush` first has the store record them, then tells the
/// observers.
///
/// The only place that changes an instance's state, once it is where its run's history left it. Between a change and
/// its flush nothing may act on it. Called only from RunEngine's loop; all references must outlive it.
class RunJournal {
 public:
  RunJournal(std::shared_ptr<const Dag> dag, std::shared_ptr<const RunInfo> run, const Clock& clock, RunStore& store,
             EventBus& observers, InstanceTable& instances);

  /// Opens the run in the store.
  [[nodiscard]] Status begin();
  /// Takes up a run in the store whose next event has this number. The table says already where its instances stand.
  [[nodiscard]] Status reopen(std::uint64_t next_sequence);
  void run_started();
  void run_finished(RunState state, RunEndReason reason);
  void run_stopping(RunEndReason reason, bool teardowns_go_on);
  void expanded(TaskIndex task, InstanceIndex first, std::uint32_t count);
  /// REQUIRES: may_become(its state, to).
  void transition(InstanceIndex instance, TaskState to, std::shared_ptr<const TaskOutcome> outcome = {},
                  Duration delay = {});

  /// How many instances a timer will schedule again.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }

  /// Enough to be worth a flush: more would only cost memory.
  [[nodiscard]] bool full() const noexcept { return batch_.size() >= kBatchSize; }
  [[nodiscard]] Status flush();

 private:
  static constexpr std::size_t kBatchSize = 1024;
  Event& add(EventKind kind);

  const std::shared_ptr<const Dag> dag_;
  const std::shared_ptr<const RunInfo> run_;
  const Clock& clock_;
  RunStore& store_;
  EventBus& observers_;
  InstanceTable& instances_;
  std::vector<Event> batch_;
  Timestamp batch_time_;  ///< one for all events of a batch
  std::uint64_t next_sequence_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace leeward
