#include "core/engine/admission.hpp"

#include <algorithm>
#include <utility>

namespace leeward {
namespace {

/// Whether the task's max_active_tis_per_dagrun can ever be reached: a run has one instance of an unmapped task.
bool limits_itself(const Task& task) {
  const bool may_be_many = task.mapping || task.mapped_group.valid();
  return task.max_active_tis_per_dagrun > 0 && may_be_many;
}

}  // namespace

Admission::Admission(const Dag& dag, Executor& executor, PoolTable* pools, std::size_t max_active)
    : dag_(dag), executor_(executor), pools_(pools), max_active_(max_active) {
  if (const std::size_t own = dag.header().max_active_tasks; own > 0) {
    max_active_ = max_active_ == 0 ? own : std::min(own, max_active_);
  }
  may_refuse_ = max_active_ > 0;
  for (const Task& task : dag.tasks()) may_refuse_ = may_refuse_ || limits(task);
  const auto& names = dag.header().pools;
  const bool pooled = pools && std::any_of(names.begin(), names.end(), [&](const auto& p) { return pools->find(p); });
  if (pooled) listener_ = pools->listen([&executor] { executor.interrupt(); });
}

Admission::~Admission() {
  for (const auto& [pool, slots] : held_) {
    if (slots > 0) pools_->give_back(dag_.header().pools[pool], slots);
  }
  if (listener_) pools_->stop_listening(*listener_);
}

bool Admission::limits(const Task& task) const {
  const bool pooled = pools_ && pools_->find(dag_.header().pools[task.pool]) != nullptr;
  return pooled || task.op->traits.blocks() || limits_itself(task);
}

ReadyQueue::Needs Admission::needs_of(TaskIndex index) const {
  const Task& task = dag_.task(index);
  ReadyQueue::Needs needs{task.pool, task.pool_slots, task.op->traits.blocks(), {}};
  if (limits_itself(task)) needs.task = index;
  return needs;
}

bool Admission::admit(const ReadyQueue::Needs& needs) {
  if (max_active_ > 0 && active_ >= max_active_) return false;
  if (needs.thread && free_threads_ == 0) return false;
  if (needs.task.valid() && active_of_[needs.task] >= dag_.task(needs.task).max_active_tis_per_dagrun) return false;
  const auto slots = static_cast<std::size_t>(needs.slots);
  if (pools_ && !pools_->take(dag_.header().pools[needs.pool], slots)) return false;
  if (listener_) held_[needs.pool] += slots;
  if (needs.thread) --free_threads_;
  if (needs.task.valid()) ++active_of_[needs.task];
  ++active_;
  return true;
}

void Admission::deferred(Instance& instance, bool idle) {
  if (idle) {
    give_back(instance);
    instance.idle = true;
    ++idle_;
    return;
  }
  if (!pools_) return;
  const PoolTable::Pool* pool = pools_->find(dag_.header().pools[dag_.task(instance.task).pool]);
  if (pool && !pool->include_deferred) give_back_slots(instance);
}

void Admission::ended(Instance& instance) {
  if (std::exchange(instance.idle, false)) {
    --idle_;
  } else {
    give_back(instance);
  }
}

void Admission::give_back(Instance& instance) {
  --active_;
  if (const TaskIndex limited = needs_of(instance.task).task; limited.valid()) --active_of_[limited];
  give_back_slots(instance);
}

void Admission::give_back_slots(Instance& instance) {
  if (!instance.holds_slots) return;
  instance.holds_slots = false;
  if (!listener_) return;  // nothing limits it
  const Task& task = dag_.task(instance.task);
  const auto slots = static_cast<std::size_t>(task.pool_slots);
  held_[task.pool] -= slots;
  pools_->give_back(dag_.header().pools[task.pool], slots);
}

}  // namespace leeward
