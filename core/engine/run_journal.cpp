#include "core/engine/run_journal.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/seeded_bug.hpp"

namespace leeward {

RunJournal::RunJournal(std::shared_ptr<const Dag> dag, std::shared_ptr<const RunInfo> run, const Clock& clock,
                       RunStore& store, EventBus& observers, InstanceTable& instances)
    : dag_(std::move(dag)),
      run_(std::move(run)),
      clock_(clock),
      store_(store),
      observers_(observers),
      instances_(instances) {
  // A small run makes few events, and there may be ten thousand small runs.
  batch_.reserve(std::min(kBatchSize + 16, 8 * dag_->size() + 16));
}

Status RunJournal::begin() { return store_.begin(run_, dag_); }

Status RunJournal::reopen(std::uint64_t next_sequence) {
  next_sequence_ = next_sequence;
  for (InstanceIndex i{0}; i.value < instances_.size(); ++i.value) {
    if (waits_for_its_time(instances_[i].state)) ++waiting_;
  }
  return store_.reopen(run_, dag_);
}

void RunJournal::run_started() { add(EventKind::run_started); }

void RunJournal::run_finished(RunState state, RunEndReason reason) {
  Event& event = add(EventKind::run_finished);
  event.run_state = state;
  event.end_reason = reason;
}

void RunJournal::run_stopping(RunEndReason reason, bool teardowns_go_on) {
  Event& event = add(EventKind::run_stopping);
  event.end_reason = reason;
  event.count = teardowns_go_on ? 1 : 0;
}

void RunJournal::expanded(TaskIndex task, InstanceIndex first, std::uint32_t count) {
  Event& event = add(EventKind::task_expanded);
  event.task = task;
  event.instance = first;
  event.count = count;
}

void RunJournal::transition(InstanceIndex index, TaskState to, std::shared_ptr<const TaskOutcome> outcome,
                            Duration delay) {
  Instance& instance = instances_[index];
  LW_ASSERT(may_become(instance.state, to), "the engine makes only transitions of the one table");
  Event& event = add(EventKind::task_transition);
  event.from = instance.state;
  event.to = to;
  event.try_number = instance.try_number;
  event.task = instance.task;
  event.instance = index;
  event.map_index = instance.map_index;
  event.delay = delay;
  event.outcome = std::move(outcome);
  if (waits_for_its_time(instance.state)) --waiting_;
  if (waits_for_its_time(to)) ++waiting_;
  instance.state = to;
}

Status RunJournal::flush() {
  if (batch_.empty()) return done();
  if (seeded_bug(SeededBug::told_before_commit)) observers_.on_events(*run_, *dag_, batch_);
  Status appended = store_.append(*run_, batch_);
  if (appended) observers_.on_events(*run_, *dag_, batch_);
  batch_.clear();
  return appended;
}

Event& RunJournal::add(EventKind kind) {
  if (batch_.empty()) batch_time_ = clock_.wall();
  Event& event = batch_.emplace_back();
  event.sequence = next_sequence_++;
  event.at = batch_time_;
  event.kind = kind;
  return event;
}

}  // namespace leeward
