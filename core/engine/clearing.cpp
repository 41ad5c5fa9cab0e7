#include "core/engine/clearing.hpp"

#include <algorithm>

#include "core/base/suggestion.hpp"

namespace leeward {
namespace {

Error unknown_task(const Dag& dag, const std::string& id) {
  std::vector<std::string> ids;
  for (const Task& task : dag.tasks()) ids.push_back(task.id);
  return {"clear.unknown_task", "the DAG \"" + dag.id() + "\" has no task \"" + id + "\"" + did_you_mean(id, ids)};
}

bool counts_as_failed(TaskState state) {
  return state == TaskState::failed || state == TaskState::upstream_failed || state == TaskState::lost ||
         state == TaskState::canceled;
}

/// Which tasks are to be cleared, growing by those that have to come with them.
class Choice {
 public:
  Choice(const Dag& dag, const RunStanding& standing) : dag_(dag), standing_(standing), chosen_(dag.size()) {}

  void add(TaskIndex task) {
    if (chosen_[task.value]) return;
    chosen_[task.value] = true;
    added_.push_back(task);
  }

  /// And all below those that are chosen.
  void add_downstream() {
    for (std::size_t i = 0; i < added_.size(); ++i) {
      for (const TaskIndex next : dag_.downstream(added_[i])) add(next);
    }
  }

  /// As in Airflow, what a task needs around it.
  void add_setups_and_teardowns() {
    const std::vector<TaskIndex> asked = added_;
    for (const TaskIndex task : asked) {
      if (dag_.task(task).is_setup) add_teardowns_of(task);
      if (!is_ordinary(task)) continue;
      for (const TaskIndex setup : dag_.setups_of(task)) add_with_teardowns(setup);
    }
    std::vector<bool> seen(dag_.size());
    for (TaskIndex setup{0}; setup.value < dag_.size(); ++setup.value) {
      if (dag_.task(setup).is_setup && stands_above_chosen(setup, seen)) add_with_teardowns(setup);
    }
  }

  /// A list that comes anew may have another length: who was expanded over it, and has not ended, cannot stay.
  void add_open_readers() {
    for (bool more = true; more;) {
      const std::size_t before = added_.size();
      for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) {
        const Mapping* mapping = mapping_of(task);
        if (mapping && reads_chosen(*mapping) && (is_open(task) || group_is_chosen(task))) add(task);
      }
      more = added_.size() > before;
    }
  }

  void keep_failed() {
    for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) {
      const auto instances = standing_.instances_of(task);
      const auto failed = [](const RunStanding::Instance& i) { return counts_as_failed(i.state); };
      if (std::none_of(instances.begin(), instances.end(), failed)) chosen_[task.value] = false;
    }
    std::erase_if(added_, [this](TaskIndex task) { return !chosen_[task.value]; });
  }

  /// In spec order. Not those to which nothing has happened.
  [[nodiscard]] std::vector<TaskIndex> to_clear() const {
    std::vector<TaskIndex> tasks;
    for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) {
      const auto instances = standing_.instances_of(task);
      const bool untouched = instances.front().map_index < 0 && instances.front().state == TaskState::none;
      if (chosen_[task.value] && !untouched) tasks.push_back(task);
    }
    return tasks;
  }

 private:
  [[nodiscard]] bool is_ordinary(TaskIndex task) const {
    return !dag_.task(task).is_setup && !dag_.task(task).is_teardown;
  }

  void add_teardowns_of(TaskIndex setup) {
    for (const TaskIndex next : dag_.downstream(setup)) {
      if (dag_.task(next).is_teardown) add(next);
    }
  }
  void add_with_teardowns(TaskIndex setup) {
    add(setup);
    add_teardowns_of(setup);
  }

  /// Right above a chosen task, unless its teardowns all come elsewhere. `seen` is for scratch: all false.
  [[nodiscard]] bool stands_above_chosen(TaskIndex setup, std::vector<bool>& seen) const {
    std::vector<TaskIndex> right_below;
    std::vector<TaskIndex> above;  // its teardowns, and all that these come after
    for (const TaskIndex next : dag_.downstream(setup)) {
      if (dag_.task(next).is_teardown) above.push_back(next);
      if (is_ordinary(next) && chosen_[next.value]) right_below.push_back(next);
    }
    if (right_below.empty() || above.empty()) return !right_below.empty();
    for (std::size_t i = 0; i < above.size(); ++i) {
      for (const TaskIndex up : dag_.upstream(above[i])) {
        if (!seen[up.value]) above.push_back(up);
        seen[up.value] = true;
      }
    }
    const bool stands = std::any_of(right_below.begin(), right_below.end(), [&](TaskIndex t) { return seen[t.value]; });
    for (const TaskIndex task : above) seen[task.value] = false;
    return stands;
  }

  [[nodiscard]] const Mapping* mapping_of(TaskIndex task) const {
    const GroupIndex group = dag_.task(task).mapped_group;
    return group.valid() ? dag_.group(group).mapping.get() : dag_.task(task).mapping.get();
  }
  [[nodiscard]] bool reads_chosen(const Mapping& mapping) const {
    return std::any_of(mapping.reads.begin(), mapping.reads.end(), [this](const ContextRead& read) {
      return std::any_of(read.producers.begin(), read.producers.end(),
                         [this](TaskIndex producer) { return chosen_[producer.value]; });
    });
  }
  [[nodiscard]] bool is_open(TaskIndex task) const {
    const auto instances = standing_.instances_of(task);
    return std::any_of(instances.begin(), instances.end(), [](const auto& i) { return !is_finished(i.state); });
  }
  /// A mapped group is expanded as one: over one list, old or new.
  [[nodiscard]] bool group_is_chosen(TaskIndex task) const {
    const GroupIndex group = dag_.task(task).mapped_group;
    if (!group.valid()) return false;
    const auto tasks = dag_.tasks_of(group);
    return std::any_of(tasks.begin(), tasks.end(), [&](TaskIndex t) { return chosen_[t.value] || is_open(t); });
  }

  const Dag& dag_;
  const RunStanding& standing_;
  std::vector<bool> chosen_;
  std::vector<TaskIndex> added_;
};

}  // namespace

Result<std::vector<Event>> clear(const Dag& dag, const RunStanding& standing, const ClearRequest& request,
                                 Timestamp at) {
  Choice choice(dag, standing);
  for (const std::string& id : request.task_ids) {
    const TaskIndex task = dag.find(id);
    if (!task.valid()) return unknown_task(dag, id);
    choice.add(task);
  }
  if (request.downstream) choice.add_downstream();
  choice.add_setups_and_teardowns();
  if (request.only_failed) choice.keep_failed();
  choice.add_open_readers();

  std::vector<Event> events;
  const auto add = [&](EventKind kind) -> Event& {
    Event& event = events.emplace_back();
    event.sequence = standing.next_sequence() + events.size() - 1;
    event.at = at;
    event.kind = kind;
    return event;
  };
  const bool has_begun = standing.state() != RunState::queued;  // its dagrun_timeout counts anew
  if (has_begun || standing.stop_reason() != RunEndReason::none) add(EventKind::run_reopened);
  const auto tasks = choice.to_clear();
  for (const TaskIndex task : tasks) {
    add(EventKind::task_cleared).task = task;
  }
  if (tasks.empty())
    return Error{"clear.nothing", "there is nothing to clear: none of these tasks has begun or failed"};
  return events;
}

}  // namespace leeward
