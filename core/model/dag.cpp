#include "core/model/dag.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

#include "core/base/assert.hpp"

namespace leeward {

namespace {

/// One direction of the graph, compressed: the neighbours of `t` stand at [start[t], start[t + 1]), in spec order.
struct Rows {
  std::vector<std::uint32_t> start;
  std::vector<TaskIndex> neighbours;
};

/// Counting sort, twice: filling in the order of the neighbours keeps each row in spec order.
Rows rows_by(std::size_t tasks, const std::vector<Dag::Edge>& edges, TaskIndex Dag::Edge::*row,
             TaskIndex Dag::Edge::*neighbour) {
  std::vector<std::uint32_t> bucket(tasks + 1, 0);
  for (const auto& edge : edges) ++bucket[(edge.*neighbour).value + 1];
  std::partial_sum(bucket.begin(), bucket.end(), bucket.begin());
  std::vector<std::uint32_t> by_neighbour(edges.size());
  for (std::uint32_t e = 0; e < edges.size(); ++e) by_neighbour[bucket[(edges[e].*neighbour).value]++] = e;

  Rows rows{std::vector<std::uint32_t>(tasks + 1, 0), std::vector<TaskIndex>(edges.size())};
  for (const auto& edge : edges) ++rows.start[(edge.*row).value + 1];
  std::partial_sum(rows.start.begin(), rows.start.end(), rows.start.begin());
  auto next = rows.start;
  for (const std::uint32_t e : by_neighbour) rows.neighbours[next[(edges[e].*row).value]++] = edges[e].*neighbour;
  return rows;
}

}  // namespace

Dag::Dag(Header header, std::vector<Task> tasks, const std::vector<Edge>& edges)
    : header_(std::move(header)), tasks_(std::move(tasks)) {
  index_ids();
  bool forward_only = true;
  for (const Edge& edge : edges) {
    LW_ASSERT(edge.from.value < tasks_.size() && edge.to.value < tasks_.size(), "an edge joins two tasks of the DAG");
    forward_only = forward_only && edge.from.value < edge.to.value;
  }
  auto up = rows_by(tasks_.size(), edges, &Edge::to, &Edge::from);
  auto down = rows_by(tasks_.size(), edges, &Edge::from, &Edge::to);
  upstream_start_ = std::move(up.start);
  upstream_ = std::move(up.neighbours);
  downstream_start_ = std::move(down.start);
  downstream_ = std::move(down.neighbours);
  sort_topologically(forward_only);
  scopes_ = SetupScopes{*this};
  find_deciding_tasks();
  members_ = GroupMembers{*this};
  index_groups();
}

void Dag::index_ids() {
  by_id_.resize(std::bit_ceil(2 * tasks_.size() + 1));
  for (std::uint32_t t = 0; t < tasks_.size(); ++t) {
    TaskIndex& slot = by_id_[slot_of(tasks_[t].id)];
    LW_ASSERT(!slot.valid(), "the builder refuses duplicate task ids");
    slot = TaskIndex{t};
  }
}

/// Where `id` stands in by_id_, or the free slot where it would.
std::size_t Dag::slot_of(std::string_view id) const noexcept {
  const std::size_t mask = by_id_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(id)&mask;
  while (by_id_[slot].valid() && tasks_[by_id_[slot].value].id != id) slot = (slot + 1) & mask;
  return slot;
}

void Dag::sort_topologically(bool spec_order_will_do) {
  order_.reserve(tasks_.size());
  if (spec_order_will_do) {  // the usual spec: its own order is the one asked for
    for (std::uint32_t t = 0; t < tasks_.size(); ++t) order_.push_back(TaskIndex{t});
    return;
  }
  std::vector<std::uint32_t> waiting(tasks_.size());
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t t = 0; t < tasks_.size(); ++t) {
    waiting[t] = upstream_start_[t + 1] - upstream_start_[t];
    if (waiting[t] == 0) ready.push(t);
  }
  while (!ready.empty()) {
    const TaskIndex task{ready.top()};
    ready.pop();
    order_.push_back(task);
    for (const TaskIndex next : downstream(task)) {
      if (--waiting[next.value] == 0) ready.push(next.value);
    }
  }
  LW_ASSERT(order_.size() == tasks_.size(), "the builder refuses cycles");
}

/// A teardown counts only if it says so, and hides nothing that stands before it. Airflow: _tis_for_dagrun_state.
void Dag::find_deciding_tasks() {
  const auto counts = [&](TaskIndex t) { return !task(t).is_teardown || task(t).on_failure_fail_dagrun; };
  const auto is_teardown = [](const Task& task) { return task.is_teardown; };
  if (std::none_of(tasks_.begin(), tasks_.end(), is_teardown)) return;
  decides_.resize(size());
  for (TaskIndex t{0}; t.value < size(); ++t.value) {
    const auto after = downstream(t);
    decides_[t.value] = counts(t) && std::none_of(after.begin(), after.end(), counts);
  }
  if (std::find(decides_.begin(), decides_.end(), true) == decides_.end()) decides_.clear();
}

TaskIndex Dag::find(std::string_view id) const noexcept { return by_id_[slot_of(id)]; }

void Dag::index_groups() {
  for (GroupIndex g{0}; g.value < header_.groups.size(); ++g.value) groups_by_id_.push_back(g);
  std::sort(groups_by_id_.begin(), groups_by_id_.end(),
            [&](GroupIndex a, GroupIndex b) { return group(a).id < group(b).id; });
}

GroupIndex Dag::find_group(std::string_view id) const noexcept {
  const auto found = std::lower_bound(groups_by_id_.begin(), groups_by_id_.end(), id,
                                      [&](GroupIndex g, std::string_view wanted) { return group(g).id < wanted; });
  return found != groups_by_id_.end() && group(*found).id == id ? *found : GroupIndex{};
}

std::vector<TaskIndex> Dag::tasks_of(GroupIndex g) const {
  const auto members = members_.of(g);
  std::vector<TaskIndex> tasks(members.begin(), members.end());
  if (!std::is_sorted(tasks.begin(), tasks.end())) std::sort(tasks.begin(), tasks.end());
  return tasks;
}

std::vector<TaskIndex> Dag::roots_of(GroupIndex g) const {
  std::vector<TaskIndex> roots = tasks_of(g);
  std::erase_if(roots, [&](TaskIndex t) {
    const auto before = upstream(t);
    return std::any_of(before.begin(), before.end(), [&](TaskIndex up) { return is_in(up, g); });
  });
  return roots;
}

std::span<const TaskIndex> Dag::upstream(TaskIndex t) const noexcept {
  return {upstream_.data() + upstream_start_[t.value], upstream_start_[t.value + 1] - upstream_start_[t.value]};
}

std::span<const TaskIndex> Dag::downstream(TaskIndex t) const noexcept {
  return {downstream_.data() + downstream_start_[t.value], downstream_start_[t.value + 1] - downstream_start_[t.value]};
}

}  // namespace leeward
