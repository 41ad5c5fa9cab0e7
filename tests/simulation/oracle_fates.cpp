#include <algorithm>

#include "tests/simulation/oracle.hpp"

// What may become of an instance, given how all above it ended: the oracle's half that knows rules, setups and choices.

namespace leeward::test {
namespace {

bool contains(std::span<const TaskIndex> tasks, TaskIndex task) {
  return std::find(tasks.begin(), tasks.end(), task) != tasks.end();
}

}  // namespace

Fate Oracle::fate_of(TaskIndex task, int map_index) { return settle(task, map_index, lawful_fates(task, map_index)); }

Fate Oracle::settle(TaskIndex task, int map_index, const std::set<Fate>& lawful) {
  if (lawful.size() == 1) return *lawful.begin();
  const TaskRecord* record = happened(task, map_index);
  if (record == nullptr) record = happened(task, 0);
  if (lawful.empty() || record == nullptr) {
    differ(name(task, map_index) + ": nothing decides about it, or it is nowhere");
    return Fate::is_skipped;
  }
  ++open_fates_;
  Fate fate = Fate::runs;
  const bool ran = record->attempts > tries_before(task, record->map_index);
  if (!ran && record->state == TaskState::skipped) fate = Fate::is_skipped;
  if (!ran && record->state == TaskState::upstream_failed) fate = Fate::is_upstream_failed;
  if (lawful.contains(fate)) return fate;
  differ(name(task, map_index) + ": it " + to_string(fate) + ", in no order of events");
  return *lawful.begin();
}

std::set<Fate> Oracle::lawful_fates(TaskIndex task, int map_index, bool may_run) const {
  std::set<Fate> lawful;
  for (const Skippers& skippers : skippers_of(task, map_index)) {
    lawful.merge(fates_before(task, map_index, may_run, skippers));
    if (!skippers.tasks.empty()) lawful.insert(Fate::is_skipped);
  }
  return lawful;
}

/// Who skips the task: once for every choice of their last instances.
std::vector<Oracle::Skippers> Oracle::skippers_of(TaskIndex task, int map_index) const {
  std::vector<Skippers> choices(1);
  for (TaskIndex by{0}; by.value < dag_.size(); ++by.value) {
    if (!graph_.leads_to(by, task) || !skips(by, task, map_index)) continue;
    for (Skippers& choice : choices) choice.tasks.push_back(by);
    const std::size_t instances = ends_[by.value].instances.size();
    if (instances == 1 || share_index(by, task)) continue;
    std::vector<Skippers> more;
    for (Skippers& choice : choices) {
      for (std::size_t last = 0; last < instances; ++last) {
        choice.last[by] = last;
        more.push_back(choice);
      }
    }
    choices = std::move(more);
  }
  return choices;
}

/// What may become of the task before any of the skippers has spoken.
std::set<Fate> Oracle::fates_before(TaskIndex task, int map_index, bool may_run, const Skippers& skippers) const {
  const auto endings = endings_before(task, map_index, skippers);
  return possible_fates(dag_.task(task).trigger_rule, endings, may_run && gate_opens_before(task, skippers));
}

bool Oracle::gate_opens_before(TaskIndex task, const Skippers& skippers) const {
  const auto gate = gate_of(task);
  return std::all_of(gate.begin(), gate.end(), [&](TaskIndex producer) { return may_end_before(producer, skippers); });
}

/// Who has to have published before a mapping of the task can be expanded.
std::vector<TaskIndex> Oracle::gate_of(TaskIndex task) const {
  std::vector<TaskIndex> gate;
  const Mapping* mapping = dag_.task(task).mapping.get();
  if (const GroupIndex group = dag_.task(task).mapped_group; group.valid()) mapping = dag_.group(group).mapping.get();
  if (mapping == nullptr) return gate;
  for (const ContextRead& read : mapping->reads) gate.insert(gate.end(), read.producers.begin(), read.producers.end());
  return gate;
}

/// Everybody the task looks at, and whether they may have ended before any of the skippers has.
std::vector<Ending> Oracle::endings_before(TaskIndex task, int map_index, const Skippers& skippers) const {
  std::vector<Ending> endings;
  const auto guards = graph_.guards_of(task);
  for (TaskIndex other{0}; other.value < dag_.size(); ++other.value) {
    Ending role;
    role.is_upstream = contains(dag_.upstream(task), other);
    role.is_setup = role.is_upstream && dag_.task(task).is_teardown && dag_.task(other).is_setup;
    role.is_guard = contains(guards, other);
    if (!role.is_upstream && !role.is_guard) continue;
    add_endings(role, other, task, map_index, skippers, endings);
  }
  return endings;
}

void Oracle::add_endings(const Ending& role, TaskIndex of, TaskIndex task, int map_index, const Skippers& skippers,
                         std::vector<Ending>& into) const {
  const TaskEnd& end = ends_[of.value];
  Ending ending = role;
  const auto speaks_with = skippers.last.find(of);
  ending.in_time = speaks_with != skippers.last.end() || may_end_before(of, skippers);
  const bool share = share_index(of, task);
  if (share && map_index < 0 && end.is_expanded) {
    ending.in_time = false;  // who looks as a whole does so before the group is expanded
    into.push_back(ending);
    return;
  }
  for (std::size_t k = 0; k < end.instances.size(); ++k) {
    if (share && end.is_expanded && static_cast<int>(k) != map_index) continue;
    ending.state = end.instances[k].state;
    into.push_back(ending);
    if (speaks_with != skippers.last.end()) into.back().in_time = k != speaks_with->second;
  }
}

/// Whether all of the task may have ended while none of the skippers had spoken: it does not need them.
bool Oracle::may_end_before(TaskIndex task, const Skippers& skippers) const {
  if (contains(skippers.tasks, task)) return false;
  if (after_.kept.contains(task)) return true;
  const auto leads_here = [&](TaskIndex skipper) { return graph_.leads_to(skipper, task); };
  if (std::none_of(skippers.tasks.begin(), skippers.tasks.end(), leads_here)) return true;
  const TaskEnd& end = ends_[task.value];
  if (dag_.task(task).mapped_group.valid() && !end.is_expanded && gate_opens_before(task, skippers)) return true;
  for (int k = 0; k < static_cast<int>(end.instances.size()); ++k) {
    const int map_index = end.is_expanded && dag_.task(task).mapped_group.valid() ? k : -1;
    if (!fates_before(task, map_index, true, skippers).empty()) return true;
    for (TaskIndex by{0}; by.value < dag_.size(); ++by.value) {
      const bool skipped = graph_.leads_to(by, task) && skips(by, task, map_index);
      if (skipped && may_end_before(by, skippers)) return true;
    }
  }
  return false;
}

bool Oracle::share_index(TaskIndex a, TaskIndex b) const {
  const GroupIndex group = dag_.task(a).mapped_group;
  return group.valid() && group == dag_.task(b).mapped_group;
}

bool Oracle::skips(TaskIndex by, TaskIndex task, int map_index) const {
  if (dag_.task(task).is_teardown) return false;
  const TaskEnd& end = ends_[by.value];
  if (!end.is_expanded || !share_index(by, task)) return skips_together(by, task);
  const auto k = static_cast<std::size_t>(map_index);
  return map_index >= 0 && k < end.instances.size() && skips(by, end.instances[k], task);
}

/// What all instances make of somebody outside: a branch goes wherever one of them goes, a short circuit needs all.
bool Oracle::skips_together(TaskIndex by, TaskIndex task) const {
  const auto& instances = ends_[by.value].instances;
  End together;
  together.skips = SkipDownstream::all;
  for (const End& end : instances) {
    together.skips = std::min(together.skips, end.skips);
    if (!end.followed) continue;
    if (!together.followed) together.followed.emplace();
    together.followed->insert(end.followed->begin(), end.followed->end());
  }
  return skips(by, together, task);
}

bool Oracle::skips(TaskIndex by, const End& end, TaskIndex task) const {
  const bool is_direct = contains(dag_.downstream(by), task);
  if (end.skips == SkipDownstream::all) return true;
  if (end.skips == SkipDownstream::direct && is_direct) return true;
  if (!end.followed || !is_direct) return false;
  return std::none_of(end.followed->begin(), end.followed->end(),
                      [&](TaskIndex way) { return way == task || graph_.leads_to(way, task); });
}

}  // namespace leeward::test
