#include "tests/simulation/oracle.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/json.hpp"
#include "core/model/instance_name.hpp"

namespace leeward::test {
namespace {

bool same_json(const std::string& a, const std::string& b) {
  return JsonDocument::of(Value{a})->root() == JsonDocument::of(Value{b})->root();
}

}  // namespace

Oracle::Oracle(const RandomScenario& scenario, const RunRecord& happened, AfterClears after)
    : scenario_(scenario),
      dag_(*scenario.dag),
      outcomes_(scenario),
      graph_(dag_),
      record_(happened),
      after_(std::move(after)),
      ends_(dag_.size()) {
  for (const TaskRecord& task : happened.tasks) happened_[{task.task_id, task.map_index}] = &task;
  for (const TaskIndex task : after_.kept) take_as_it_is(task);
  for (bool more = true; more;) {
    more = false;
    for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) {
      if (ends_[task.value].known || !can_solve(task)) continue;
      solve(task);
      ends_[task.value].known = true;
      more = true;
    }
  }
  compare_states();
  compare_context();
}

void Oracle::take_as_it_is(TaskIndex task) {
  TaskEnd& end = ends_[task.value];
  end.known = true;
  end.is_expanded = happened(task, 0) != nullptr;
  for (int k = end.is_expanded ? 0 : -1; const TaskRecord* record = happened(task, k); ++k) {
    End one = ended(task, k, record->state);
    one.tries = record->attempts;
    if (record->state == TaskState::success) {
      const Act act = outcomes_.acts(task, k, record->attempts).back();
      succeed(task, act.step.outcome, std::string{record->outcome->value.json()}, one);
    }
    end.instances.push_back(std::move(one));
    if (k < 0) break;
  }
  const bool is_mapped = dag_.task(task).mapping || dag_.task(task).mapped_group.valid();
  end.over_nothing = is_mapped && !end.is_expanded && end.instances.front().state == TaskState::skipped &&
                     was_published(dag_.task(task).output_key);
}

bool Oracle::can_solve(TaskIndex task) const {
  for (TaskIndex above{0}; above.value < dag_.size(); ++above.value) {
    if (graph_.leads_to(above, task) && !ends_[above.value].known) return false;
  }
  return true;
}

void Oracle::solve(TaskIndex task) {
  if (dag_.task(task).mapped_group.valid()) return solve_in_group(task);
  if (dag_.task(task).mapping) return solve_mapped(task);
  ends_[task.value].instances.push_back(end_of(task, -1, fate_of(task, -1), {}));
}

/// A mapped task is decided as one. If its lists need nobody it has its instances also when none of them runs.
void Oracle::solve_mapped(TaskIndex task) {
  TaskEnd& end = ends_[task.value];
  const Expansion expansion = expansion_of(*dag_.task(task).mapping, false);
  std::set<Fate> lawful = lawful_fates(task, -1);
  if (expansion.instead && expansion.instead != TaskState::failed && lawful.erase(Fate::runs) > 0) {
    lawful.insert(expansion.instead == TaskState::skipped ? Fate::is_skipped : Fate::is_upstream_failed);
  }
  Fate fate = settle(task, -1, lawful);
  if (expansion.instead && fate == Fate::runs) {
    end.instances.push_back(ended(task, -1, TaskState::failed));
    return;
  }
  // To run over nothing and to be skipped look alike, but for what is published.
  if (expansion.items.empty() && fate == Fate::is_skipped && lawful.contains(Fate::runs) &&
      was_published(dag_.task(task).output_key)) {
    fate = Fate::runs;
  }
  if (expansion.items.empty() || (fate != Fate::runs && !expansion.of_literals)) {
    end.over_nothing = fate == Fate::runs;
    end.instances.push_back(end_of(task, -1, fate == Fate::runs ? Fate::is_skipped : fate, {}));
    return;
  }
  end.is_expanded = true;
  for (int k = 0; k < static_cast<int>(expansion.items.size()); ++k) {
    end.instances.push_back(end_of(task, k, fate, expansion.items[static_cast<std::size_t>(k)]));
  }
}

/// A task of a mapped group is decided index by index; or as a whole, if that came before the group's lists were there.
void Oracle::solve_in_group(TaskIndex task) {
  TaskEnd& end = ends_[task.value];
  const GroupIndex group = dag_.task(task).mapped_group;
  if (!groups_.contains(group)) groups_[group] = expansion_of(*dag_.group(group).mapping, true);
  const Expansion& expansion = groups_.at(group);
  if (!expansion.items.empty() && (expansion.of_literals || happened(task, 0) != nullptr)) {
    end.is_expanded = true;
    for (int k = 0; k < static_cast<int>(expansion.items.size()); ++k) {
      end.instances.push_back(end_of(task, k, fate_of(task, k), expansion.items[static_cast<std::size_t>(k)]));
    }
    return;
  }
  // Over literals that come to nothing it ends at the beginning, else by whatever comes first.
  std::set<Fate> lawful;
  if (!expansion.of_literals) lawful = lawful_fates(task, -1, false);
  const bool comes_first = lawful.empty();
  if (expansion.items.empty()) {
    const auto upstream = dag_.upstream(task);
    const bool is_root =
        std::none_of(upstream.begin(), upstream.end(), [&](TaskIndex t) { return dag_.is_in(t, group); });
    const bool none_tried = std::none_of(upstream.begin(), upstream.end(), [&](TaskIndex t) {
      return dag_.is_in(t, group) && ends_[t.value].instances.front().state == TaskState::failed;
    });
    const bool is_skipped = !expansion.instead || expansion.instead == TaskState::skipped;
    // Where a group cannot be expanded, its roots try in vain; or, if those had ended before, whoever comes next.
    const bool in_vain = expansion.instead == TaskState::failed;
    if (in_vain && none_tried) lawful.insert(Fate::runs);
    if (!in_vain || !is_root) lawful.insert(is_skipped ? Fate::is_skipped : Fate::is_upstream_failed);
  }
  const Fate fate = settle(task, -1, lawful);
  if (fate == Fate::runs) {
    end.instances.push_back(ended(task, -1, TaskState::failed));
    return;
  }
  end.over_nothing = expansion.items.empty() && !expansion.instead && fate == Fate::is_skipped &&
                     (comes_first || was_published(dag_.task(task).output_key));
  end.instances.push_back(end_of(task, -1, fate, {}));
}

// ---- what happened ----

const TaskRecord* Oracle::happened(TaskIndex task, int map_index) const {
  const auto found = happened_.find({dag_.task(task).id, map_index});
  return found == happened_.end() ? nullptr : found->second;
}

int Oracle::tries_before(TaskIndex task, int map_index) const {
  const auto found = after_.tries_before.find({task, map_index});
  return found == after_.tries_before.end() ? 0 : found->second;
}

bool Oracle::was_published(const std::string& name) const {
  return std::any_of(record_.context.begin(), record_.context.end(), [&](const auto& c) { return c.first == name; });
}

std::string Oracle::name(TaskIndex task, int map_index) const { return instance_name(dag_.task(task).id, map_index); }

void Oracle::compare_states() {
  bool run_fails = false;
  for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) {
    const TaskEnd& end = ends_[task.value];
    for (std::size_t i = 0; i < end.instances.size(); ++i) {
      const int map_index = end.is_expanded ? static_cast<int>(i) : -1;
      const TaskState state = end.instances[i].state;
      const bool broken = state == TaskState::failed || state == TaskState::upstream_failed;
      run_fails = run_fails || (broken && graph_.decides_run(task));
      ++instances_;
      const auto told = [](TaskState s, int tries) {
        return std::string{to_string(s)} + " after " + std::to_string(tries) + " tries";
      };
      const TaskRecord* record = happened(task, map_index);
      const std::string is = record ? told(record->state, record->attempts) : "not there";
      const std::string should_be = told(state, end.instances[i].tries);
      if (is != should_be) differ(name(task, map_index) + ": should be " + should_be + ", is " + is);
    }
  }
  if (static_cast<std::size_t>(instances_) != record_.tasks.size())
    differ("there are more instances than there should");
  const RunState should_be = run_fails ? RunState::failed : RunState::success;
  if (record_.state != should_be || record_.end_reason != RunEndReason::none) {
    differ("the run: should be " + std::string{to_string(should_be)} + ", is " + std::string{to_string(record_.state)} +
           " (" + std::string{to_string(record_.end_reason)} + ")");
  }
}

void Oracle::compare_context() {
  std::map<std::string, std::string> is;
  for (const auto& [name, value] : record_.context) is[name] = value.json();
  for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) {
    const auto should_be = published(task);
    const std::string& key = dag_.task(task).output_key;
    const auto found = is.find(key);
    if (found == is.end()) {
      if (should_be) differ(key + ": should be published as " + *should_be + ", is not");
      continue;
    }
    if (!should_be) {
      differ(key + ": should not be published, is " + found->second);
    } else if (!same_json(*should_be, found->second)) {
      differ(key + ": should be " + *should_be + ", is " + found->second);
    }
    is.erase(found);
  }
  for (const auto& [name, value] : is) differ(name + ": nobody publishes that, and it is " + value);
}

}  // namespace leeward::test
