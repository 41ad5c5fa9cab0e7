#include "core/engine/run_progress.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/seeded_bug.hpp"
#include "core/engine/verdict.hpp"
#include "core/model/run_shape.hpp"

namespace leeward {
namespace {

Error not_of_this_dag(const Event& event, std::string_view what) {
  return {"resume.history", "event " + std::to_string(event.sequence) + " of the run " + std::string(what)};
}

}  // namespace

RunProgress::RunProgress(const Dag& dag) : dag_(dag), instances_(dag.size()), plan_(dag), context_(dag) {}

// ---- mapping ----

Expansion* RunProgress::expansion_of(TaskIndex task) const {
  const auto found = expansions_.find(task);
  return found == expansions_.end() ? nullptr : found->second.get();
}

Expansion* RunProgress::expansion_of(const Instance& instance) const {
  return instance.map_index < 0 ? nullptr : expansions_.at(instance.task).get();
}

const MappedItems* RunProgress::items_of(const Instance& instance) const {
  const Expansion* expansion = expansion_of(instance);
  return expansion ? expansion->items() : nullptr;
}

InstanceIndex RunProgress::expand(TaskIndex task, std::uint32_t count) {
  plan_.expand(task, count);
  return add_instances(task, count);
}

std::vector<TaskIndex> RunProgress::expand_group(GroupIndex group, std::uint32_t count) {
  group_sizes_[group] = count;
  std::vector<TaskIndex> tasks = dag_.tasks_of(group);
  const std::vector<bool> expanded = plan_.expand_group(group, count);
  std::size_t next = 0;
  std::erase_if(tasks, [&](TaskIndex) { return !expanded[next++]; });
  return tasks;
}

InstanceIndex RunProgress::add_instances(TaskIndex task, std::uint32_t count) {
  expansions_[task] = std::make_unique<Expansion>(count);
  const InstanceIndex first = instances_.add(task, count);
  if (const auto tries = earlier_tries_.find(task); tries != earlier_tries_.end()) {
    for (std::uint32_t k = 0; k < std::min<std::size_t>(count, tries->second.size()); ++k) {
      Instance& instance = instances_[InstanceIndex{first.value + k}];
      instance.try_number = instance.tries_before = tries->second[k];
    }
  }
  return first;
}

void RunProgress::publish_empty(TaskIndex task) {
  if (publishes(dag_.task(task))) context_.publish(task, Value{std::string{"[]"}});
}

GroupIndex RunProgress::take_group() {
  for (;;) {
    const GroupIndex group = plan_.take_group();
    if (!group.valid() || !is_expanded(group)) return group;
  }
}

// ---- ends ----

Status RunProgress::make_choices(const Instance& instance, const TaskOutcome& outcome) {
  const TaskIndex task = instance.task;
  Expansion* expansion = expansion_of(instance);
  // The instances of a mapped task speak together when the last one has ended, each for itself only within a group.
  const bool speaks = !expansion || dag_.task(task).mapped_group.valid();
  if (outcome.branch) {
    const auto chosen = chosen_tasks(dag_, task, *outcome.branch);
    if (!chosen) return chosen.error();
    if (expansion) expansion->keep_choice(*chosen);
    if (speaks) plan_.choose(task, instance.map_index, *chosen);
  }
  if (expansion) expansion->keep_skip(outcome.skip_downstream);
  if (speaks) plan_.skip_below(task, instance.map_index, outcome.skip_downstream);
  return done();
}

void RunProgress::publish(const Instance& instance, const Value& value) {
  const Task& task = dag_.task(instance.task);
  if (!publishes(task)) return;
  Expansion* expansion = expansion_of(instance);
  if (!expansion) return context_.publish(instance.task, value);
  expansion->keep_value(instance.map_index, value);
  if (task.mapped_group.valid()) context_.publish(instance.task, instance.map_index, expansion->size(), value);
}

void RunProgress::finish(const Instance& instance, TaskState state) {
  const TaskIndex task = instance.task;
  const std::int32_t map_index = instance.map_index;
  if (map_index >= 0) finish_mapped(task);
  plan_.finish(task, map_index, state);
}

void RunProgress::finish_mapped(TaskIndex task) {
  Expansion& expansion = *expansions_.at(task);
  if (!expansion.finish_one()) return;
  if (publishes(dag_.task(task))) context_.publish(task, expansion.take_published());
  if (const auto* chosen = expansion.choice()) plan_.choose(task, -1, *chosen);
  plan_.skip_below(task, -1, expansion.skips());
}

// ---- going through a history ----

void RunProgress::expect_instances(GroupIndex group, std::uint32_t count) {
  const auto expanded = expand_group(group, count);
  without_instances_.insert(without_instances_.end(), expanded.begin(), expanded.end());
}

Status RunProgress::replay(const RunStanding& standing, std::span<const Event> so_far) {
  earlier_tries_ = standing.earlier_tries();
  for (const Event& event : so_far) {
    const bool expands = event.kind == EventKind::task_expanded;
    if (!standing.counts(event)) {
      if (expands) instances_.add_replaced(event.count);
      continue;
    }
    Status replayed = done();
    if (expands) replayed = replay_expansion(event);
    if (event.kind == EventKind::task_transition) replayed = replay_transition(event);
    if (!replayed) return replayed;
  }
  for (const TaskIndex task : std::exchange(without_instances_, {})) {
    const std::uint32_t count = group_sizes_.at(dag_.task(task).mapped_group);
    added_.push_back({task, add_instances(task, count), count});
  }
  return done();
}

/// The tasks of a group were expanded together, so that the first of them brings the others with it. Those that were
/// cleared since then are the ones that are left without instances at the end.
Status RunProgress::replay_expansion(const Event& event) {
  if (event.count == 0) {
    publish_empty(event.task);
    return done();
  }
  const Task& task = dag_.task(event.task);
  const GroupIndex group = task.mapped_group;
  if (!group.valid()) {
    if (!task.mapping) return not_of_this_dag(event, "expands a task that is not mapped");
    expand(event.task, event.count);
    return done();
  }
  if (!is_expanded(group)) expect_instances(group, event.count);
  const auto mine = std::find(without_instances_.begin(), without_instances_.end(), event.task);
  if (mine == without_instances_.end() || group_sizes_.at(group) != event.count) {
    return not_of_this_dag(event, "expands a task apart from its group");
  }
  without_instances_.erase(mine);
  add_instances(event.task, event.count);
  return done();
}

Status RunProgress::replay_transition(const Event& event) {
  const Instance& instance = instances_[event.instance];
  // The plan decides about the instances of a mapped task together. Only some of them may have been heard of.
  const bool is_node = event.map_index < 0 || dag_.task(event.task).mapped_group.valid();
  if (event.from == TaskState::none && is_node) plan_.claim(event.task, event.map_index);
  if (!is_finished(event.to)) return done();
  if (event.to == TaskState::success) {
    if (!event.outcome) return not_of_this_dag(event, "is a success without an outcome");
    const bool forgets = seeded_bug(SeededBug::choice_not_restored);
    if (!forgets && !make_choices(instance, *event.outcome))
      return not_of_this_dag(event, "chose a task that there is not");
    if (!seeded_bug(SeededBug::value_not_restored)) publish(instance, event.outcome->value);
  }
  finish(instance, event.to);
  return done();
}

}  // namespace leeward
