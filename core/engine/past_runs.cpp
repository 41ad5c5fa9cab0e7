#include "core/engine/past_runs.hpp"

#include <algorithm>

namespace leeward {

Result<bool> PastRuns::allow(TaskIndex index) {
  const Task& task = dag_.task(index);
  if (!task.depends_on_past && !task.wait_for_downstream) return true;
  // All instances of a mapped task get the same answer.
  if (allowed_.contains(index)) return true;
  if (waiting_.contains(index)) return false;
  Result<bool> allowed = look_up(index);
  if (allowed) (*allowed ? allowed_ : waiting_).insert(index);
  return allowed;
}

Result<bool> PastRuns::look_up(TaskIndex index) {
  const Task& task = dag_.task(index);
  if (!looked_) {
    auto previous = store_.previous_run(run_.dag_id, run_.logical_date);
    if (!previous) return std::move(previous).error();
    previous_ = std::move(previous).value();
    looked_ = true;
  }
  if (!previous_) return true;
  Result<bool> well = went_well(task, task.ignore_first_depends_on_past);
  if (!task.wait_for_downstream) return well;
  for (const TaskIndex next : dag_.downstream(index)) {
    if (!well || !*well) return well;
    well = went_well(dag_.task(next), true);  // one that is new was nobody's downstream then
  }
  return well;
}

Result<bool> PastRuns::went_well(const Task& task, bool if_unknown) const {
  const auto states = store_.task_states(*previous_, task.id);
  if (!states) return states.error();
  if (states->empty()) return if_unknown;
  return std::all_of(states->begin(), states->end(),
                     [](TaskState s) { return s == TaskState::success || s == TaskState::skipped; });
}

}  // namespace leeward
