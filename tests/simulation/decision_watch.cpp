#include "tests/simulation/decision_watch.hpp"

#include <algorithm>

#include "core/model/instance_name.hpp"

namespace leeward::test {
namespace {

bool contains(std::span<const TaskIndex> tasks, TaskIndex task) {
  return std::find(tasks.begin(), tasks.end(), task) != tasks.end();
}

}  // namespace

DecisionWatch::DecisionWatch(const RandomScenario& scenario, const Graph& graph, std::vector<std::string>& broken)
    : scenario_(scenario), dag_(*scenario.dag), graph_(graph), broken_(broken) {
  for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) guards_.push_back(graph.guards_of(task));
}

void DecisionWatch::before(const Event& event, const Standing& standing) {
  if (event.kind == EventKind::run_started) started_ = event.at;
  note_stop(event);
  for (const auto& [node, due] : due_) {
    if (!due.is_done && due.since < event.at && !run_stops_) {
      broken_.push_back(name(node) + " was decided, and time went by before it was done");
    }
  }
  if (event.kind == EventKind::task_expanded && event.count == 0) over_nothing_.insert(event.task);
  if (event.kind != EventKind::task_transition) return;
  if (event.from == TaskState::none) check_leaving_none(event, standing);
  if (is_finished(event.to)) hear_choice(event, standing);
}

void DecisionWatch::after(const Event& event, const Standing& standing) {
  const bool changes_counts = event.kind != EventKind::task_transition || is_finished(event.to);
  if (changes_counts) reconsider(event, standing);
  // The first failure stops what has not started, but only from the next event on.
  const bool failed = event.to == TaskState::failed || event.to == TaskState::lost;
  if (event.kind != EventKind::task_transition || !failed || !dag_.header().fail_fast) return;
  const Task& task = dag_.task(event.task);
  if (!task.is_teardown || task.on_failure_fail_dagrun) run_stops_ = failed_fast_ = true;
}

/// Past the moment of a user's cancel or of the dagrun_timeout the run may stop.
void DecisionWatch::note_stop(const Event& event) {
  const auto is_past = [&](const std::optional<Duration>& limit) {
    return limit && event.at.unix_ns - started_.unix_ns >= limit->count();
  };
  if (is_past(scenario_.cancels_at) || is_past(dag_.header().dagrun_timeout)) run_stops_ = true;
}

DecisionWatch::Node DecisionWatch::node_of(TaskIndex task, int map_index) const {
  return {task, dag_.task(task).mapped_group.valid() ? map_index : -1};
}

void DecisionWatch::check_leaving_none(const Event& event, const Standing& standing) {
  const Node node = node_of(event.task, event.map_index);
  const bool starts = event.to == TaskState::scheduled;
  if (starts && failed_fast_ && !dag_.task(event.task).is_teardown) {
    broken_.push_back(name(node) + " came after a failure");
  }
  const auto found = due_.find(node);
  const std::optional<Fate> decided = found == due_.end() ? std::nullopt : std::optional(found->second.fate);
  const bool is_right = (starts && decided == Fate::runs) ||
                        (event.to == TaskState::skipped && decided == Fate::is_skipped) ||
                        (event.to == TaskState::upstream_failed && decided == Fate::is_upstream_failed);
  const bool without_running = !starts && (run_stops_ || event.to == state_without_items(event, standing));
  if (!is_right && !without_running) {
    broken_.push_back(name(node) + " became " + std::string{to_string(event.to)} + ", but " +
                      (decided ? "it " + to_string(*decided) : "nothing had decided so"));
  }
  due_[node] = {decided.value_or(Fate::is_skipped), event.at, true};
}

/// What becomes of a task that is mapped, itself or with its group, over nothing or over what nobody published, or what
/// is no list or too long a one.
std::optional<TaskState> DecisionWatch::state_without_items(const Event& event, const Standing& standing) const {
  const Task& task = dag_.task(event.task);
  const bool in_group = task.mapped_group.valid();
  const bool is_whole = event.map_index < 0 && (task.mapping || in_group);
  if (!is_whole || !lists_are_there(event.task, standing)) return std::nullopt;
  if (over_nothing_.contains(event.task)) return TaskState::skipped;
  std::optional<TaskState> inherited;
  const auto& mapping = in_group ? dag_.group(task.mapped_group).mapping : task.mapping;
  const bool cannot_expand = event.outcome && event.outcome->error && event.outcome->error->code.starts_with("expand.");
  if (cannot_expand) return TaskState::failed;
  for (const ContextRead& read : mapping->reads) {
    const TaskIndex producer = read.producers.front();
    const TaskState state = standing.instances_of(producer).front().state;
    const bool published = standing.is_expanded(producer) || over_nothing_.contains(producer);
    if (published || state == TaskState::success) continue;
    inherited = state == TaskState::skipped ? TaskState::skipped : TaskState::upstream_failed;
  }
  if (inherited || !in_group) return inherited;
  // A group that cannot be expanded: its roots have failed, or had ended before, and nobody else runs.
  const auto roots = dag_.roots_of(task.mapped_group);
  const bool ended = std::all_of(roots.begin(), roots.end(), [&](TaskIndex root) { return standing.is_over(root); });
  return ended ? std::optional(TaskState::upstream_failed) : std::nullopt;
}

// ---- branches and short circuits ----

DecisionWatch::Said DecisionWatch::said(const Event& event) const {
  Said said;
  if (event.to != TaskState::success || !event.outcome) return said;
  said.skips = event.outcome->skip_downstream;
  if (!event.outcome->branch) return said;
  said.chose = true;
  for (const std::string& id : *event.outcome->branch) {
    const GroupIndex group = dag_.find_group(id);
    const auto ways = group.valid() ? dag_.roots_of(group) : std::vector<TaskIndex>{dag_.find(id)};
    for (const TaskIndex way : ways) {
      if (contains(dag_.downstream(event.task), way)) said.followed.push_back(way);
    }
  }
  return said;
}

DecisionWatch::Said DecisionWatch::together(TaskIndex task, const Standing& standing) const {
  Said all;
  all.skips = SkipDownstream::all;
  for (const Standing::Instance& instance : standing.instances_of(task)) {
    const auto found = said_.find({task, instance.map_index});
    const Said one = found == said_.end() ? Said{} : found->second;
    all.chose = all.chose || one.chose;
    all.followed.insert(all.followed.end(), one.followed.begin(), one.followed.end());
    all.skips = std::min(all.skips, one.skips);
  }
  return all;
}

void DecisionWatch::hear_choice(const Event& event, const Standing& standing) {
  said_[{event.task, event.map_index}] = said(event);
  if (event.map_index >= 0 && dag_.task(event.task).mapped_group.valid()) {
    skip(event.task, event.map_index, event, standing, true);
  }
  int open = 0;
  for (const Standing::Instance& instance : standing.instances_of(event.task)) open += !is_finished(instance.state);
  if (open == 1) skip(event.task, -1, event, standing, false);  // this was the last one
}

void DecisionWatch::skip(TaskIndex by, int map_index, const Event& event, const Standing& standing, bool inside) {
  const Said all = inside ? said_.at({by, map_index}) : together(by, standing);
  for (const Node& node : nodes(standing)) {
    if (due_.contains(node) || !graph_.leads_to(by, node.first) || !skips(by, all, node.first)) continue;
    const bool is_inside = standing.share_index(by, node.first) && standing.is_expanded(by);
    if (is_inside != inside || (inside && node.second != map_index)) continue;
    due_[node] = {Fate::is_skipped, event.at, false};
  }
}

bool DecisionWatch::skips(TaskIndex by, const Said& said, TaskIndex task) const {
  if (dag_.task(task).is_teardown) return false;
  const bool is_direct = contains(dag_.downstream(by), task);
  if (said.skips == SkipDownstream::all || (said.skips == SkipDownstream::direct && is_direct)) return true;
  if (!said.chose || !is_direct) return false;
  return std::none_of(said.followed.begin(), said.followed.end(),
                      [&](TaskIndex way) { return way == task || graph_.leads_to(way, task); });
}

// ---- rules ----

std::vector<DecisionWatch::Node> DecisionWatch::nodes(const Standing& standing) const {
  std::vector<Node> all;
  for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) {
    const bool by_index = dag_.task(task).mapped_group.valid() && standing.is_expanded(task);
    const int count = by_index ? static_cast<int>(standing.instances_of(task).size()) : 0;
    for (int k = by_index ? 0 : -1; k < count; ++k) all.emplace_back(task, k);
  }
  return all;
}

void DecisionWatch::reconsider(const Event& event, const Standing& standing) {
  for (const Node& node : nodes(standing)) {
    if (due_.contains(node)) continue;
    const auto [task, map_index] = node;
    const auto decided = fate(dag_.task(task).trigger_rule, knowledge(task, map_index, standing));
    if (!decided || (decided == Fate::runs && is_held(task, map_index, standing))) continue;
    due_[node] = {*decided, event.at, false};
  }
}

/// A mapping waits for its lists; a task of a mapped group runs only index by index, but for a teardown of a run that
/// stops before the group was expanded.
bool DecisionWatch::is_held(TaskIndex task, int map_index, const Standing& standing) const {
  if (dag_.task(task).mapped_group.valid()) return map_index < 0 && !(run_stops_ && lists_are_there(task, standing));
  return dag_.task(task).mapping && !lists_are_there(task, standing);
}

/// Whether everybody has ended who may publish what the task, or its group, is mapped over.
bool DecisionWatch::lists_are_there(TaskIndex task, const Standing& standing) const {
  const GroupIndex group = dag_.task(task).mapped_group;
  const auto& reads = (group.valid() ? dag_.group(group).mapping : dag_.task(task).mapping)->reads;
  return std::all_of(reads.begin(), reads.end(),
                     [&](const ContextRead& read) { return standing.is_over(read.producers.front()); });
}

Knowledge DecisionWatch::knowledge(TaskIndex task, int map_index, const Standing& standing) const {
  Knowledge known;
  const auto look = [&](TaskIndex other, Tally& tally) {
    for (const Standing::Instance& instance : standing.seen_by(task, map_index, other)) {
      ++tally.n;
      if (is_finished(instance.state)) tally.add(instance.state);
    }
  };
  for (const TaskIndex other : dag_.upstream(task)) {
    look(other, known.upstream);
    if (dag_.task(task).is_teardown && dag_.task(other).is_setup) look(other, known.setups);
  }
  for (const TaskIndex guard : guards_[task.value]) look(guard, known.guards);
  return known;
}

std::string DecisionWatch::name(const Node& node) const { return instance_name(dag_.task(node.first).id, node.second); }

}  // namespace leeward::test
