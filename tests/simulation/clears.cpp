#include "tests/simulation/clears.hpp"

#include <algorithm>

#include "tests/simulation/graph.hpp"

namespace leeward::test {
namespace {

using Tasks = std::set<TaskIndex>;

template <class Predicate>
bool has_instance(const Standing& standing, TaskIndex task, const Predicate& predicate) {
  const auto instances = standing.instances_of(task);
  return std::any_of(instances.begin(), instances.end(), predicate);
}

bool is_open(const Standing& standing, TaskIndex task) {
  return has_instance(standing, task, [](const Standing::Instance& i) { return !is_finished(i.state); });
}

bool has_failed(const Standing& standing, TaskIndex task) {
  static const std::set<TaskState> kFailed{TaskState::failed, TaskState::upstream_failed, TaskState::lost,
                                           TaskState::canceled};
  return has_instance(standing, task, [](const Standing::Instance& i) { return kFailed.contains(i.state); });
}

bool has_begun(const Standing& standing, TaskIndex task) {
  return standing.is_expanded(task) || standing.instances_of(task).front().state != TaskState::none;
}

std::vector<TaskIndex> all_of(const Dag& dag) {
  std::vector<TaskIndex> all;
  for (TaskIndex task{0}; task.value < dag.size(); ++task.value) all.push_back(task);
  return all;
}

/// A task comes with the setups in whose scope it stands, a setup with its teardowns.
void add_setups_and_teardowns(const Dag& dag, const Graph& graph, Tasks& chosen) {
  for (std::size_t before = 0; before != chosen.size();) {
    before = chosen.size();
    for (const TaskIndex task : Tasks{chosen}) {
      if (!dag.task(task).is_setup) {
        const auto guards = graph.guards_of(task);
        chosen.insert(guards.begin(), guards.end());
        continue;
      }
      for (const TaskIndex next : dag.downstream(task)) {
        if (dag.task(next).is_teardown) chosen.insert(next);
      }
    }
  }
}

/// Who is mapped over what a cleared task returns, and has not ended; of a mapped group all, or none.
void add_open_readers(const Dag& dag, const Standing& standing, Tasks& chosen) {
  for (std::size_t before = 0; before != chosen.size();) {
    before = chosen.size();
    for (const TaskIndex task : all_of(dag)) {
      const GroupIndex group = dag.task(task).mapped_group;
      const Mapping* mapping = group.valid() ? dag.group(group).mapping.get() : dag.task(task).mapping.get();
      if (mapping == nullptr) continue;
      const bool reads_chosen = std::any_of(mapping->reads.begin(), mapping->reads.end(), [&](const ContextRead& read) {
        return std::any_of(read.producers.begin(), read.producers.end(),
                           [&](TaskIndex producer) { return chosen.contains(producer); });
      });
      std::vector<TaskIndex> together{task};
      if (group.valid()) {
        const auto tasks = dag.tasks_of(group);
        together.assign(tasks.begin(), tasks.end());
      }
      const bool goes_on = std::any_of(together.begin(), together.end(), [&](TaskIndex t) {
        return is_open(standing, t) || (group.valid() && chosen.contains(t));
      });
      if (reads_chosen && goes_on) chosen.insert(task);
    }
  }
}

}  // namespace

ClearRequest random_clear(const Dag& dag, Dice& dice) {
  ClearRequest request;
  const bool all = dice.one_in(6);
  for (const TaskIndex task : all_of(dag)) {
    if (all) request.task_ids.push_back(dag.task(task).id);
  }
  for (std::uint32_t more = 1 + dice.below(3); !all && more > 0; --more) {
    request.task_ids.push_back(dag.task(TaskIndex{dice.below(dag.size())}).id);
  }
  request.downstream = dice.one_in(2);
  request.only_failed = dice.one_in(3);
  return request;
}

std::set<TaskIndex> should_clear(const Dag& dag, const ClearRequest& request, const Standing& standing) {
  const Graph graph(dag);
  Tasks chosen;
  for (const std::string& id : request.task_ids) {
    chosen.insert(dag.find(id));
    for (const TaskIndex task : all_of(dag)) {
      if (request.downstream && graph.leads_to(dag.find(id), task)) chosen.insert(task);
    }
  }
  add_setups_and_teardowns(dag, graph, chosen);
  if (request.only_failed) std::erase_if(chosen, [&](TaskIndex task) { return !has_failed(standing, task); });
  add_open_readers(dag, standing, chosen);
  std::erase_if(chosen, [&](TaskIndex task) { return !has_begun(standing, task); });
  return chosen;
}

AfterClears after_clears(const Dag& dag, const std::vector<Event>& events) {
  AfterClears after;
  Standing standing(dag);
  for (const Event& event : events) {
    standing.apply(event);
    if (event.kind != EventKind::task_cleared) continue;
    after.kept.clear();
    for (const TaskIndex task : all_of(dag)) {
      if (has_begun(standing, task)) after.kept.insert(task);
    }
  }
  after.tries_before = standing.tries_before();
  return after;
}

}  // namespace leeward::test
