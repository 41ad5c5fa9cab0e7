#include "host/app/run_queue.hpp"

#include <utility>

#include "core/base/assert.hpp"

namespace leeward {

Status RunQueue::add(Entry entry) {
  LW_ASSERT(!contains(entry.run_id), "a run stands in line once");
  if (queued() >= limits_.queued) {
    return Error{"run.too_many",
                 std::to_string(limits_.queued) + " runs wait for their turn already; start fewer at the same time"};
  }
  DagRuns& dag = dags_[entry.dag_id];
  hide(dag);
  dag.limit = entry.max_active_runs;
  dag.lines[entry.depth].emplace(next_ticket_, entry.run_id);
  show(entry.dag_id, dag);
  runs_.emplace(std::move(entry.run_id), Place{std::move(entry.dag_id), entry.depth, next_ticket_, false});
  ++next_ticket_;
  return done();
}

std::optional<std::string> RunQueue::take_next() {
  const std::pair<const Ticket, std::string>* first = nullptr;
  Depth* woken_at = nullptr;
  for (auto& [number, depth] : depths_) {
    if (depth.at_work >= limits_.at_work_at_depth) continue;
    for (const Line* const line : {&depth.heads, &depth.woken}) {
      if (line->empty() || (first != nullptr && first->first < line->begin()->first)) continue;
      first = &*line->begin();
      woken_at = line == &depth.woken ? &depth : nullptr;
    }
  }
  if (first == nullptr) return std::nullopt;
  if (woken_at != nullptr) return take_woken(*woken_at);
  const auto [ticket, dag_id] = *first;
  return take_head(ticket, dag_id);
}

std::string RunQueue::take_woken(Depth& depth) {
  std::string run_id = std::move(depth.woken.begin()->second);
  depth.woken.erase(depth.woken.begin());
  Place& place = runs_.find(run_id)->second;
  place.rests = false;
  place.woken.reset();
  ++depth.at_work;
  return run_id;
}

std::string RunQueue::take_head(Ticket ticket, const std::string& dag_id) {
  DagRuns& dag = dags_.at(dag_id);
  for (const auto& [number, line] : dag.lines) {
    if (line.begin()->first != ticket) continue;
    std::string run_id = line.begin()->second;
    Place& place = runs_.find(run_id)->second;
    leave_line(place);
    hide(dag);
    place.ticket.reset();
    ++dag.active;
    ++depths_[place.depth].at_work;
    ++active_;
    show(dag_id, dag);
    return run_id;
  }
  LW_ASSERT(false, "a head is the first of one of its DAG's lines");
  return {};
}

void RunQueue::rest(std::string_view run_id) {
  Place& place = runs_.find(run_id)->second;
  LW_ASSERT(!place.ticket && !place.rests, "only a run that is at work comes to rest");
  place.rests = true;
  --depths_.at(place.depth).at_work;
}

void RunQueue::wake(std::string_view run_id) {
  const auto at = runs_.find(run_id);
  if (at == runs_.end() || !at->second.rests || at->second.woken) return;
  depths_.at(at->second.depth).woken.emplace(next_ticket_, at->first);
  at->second.woken = next_ticket_++;
}

bool RunQueue::crowded(int depth) const {
  const auto at = depths_.find(depth);
  if (at == depths_.end() || at->second.at_work < limits_.at_work_at_depth) return false;
  return !at->second.heads.empty() || !at->second.woken.empty();
}

void RunQueue::remove(std::string_view run_id) {
  const auto at = runs_.find(run_id);
  if (at == runs_.end()) return;
  const Place place = std::move(at->second);
  runs_.erase(at);
  if (place.ticket) {
    leave_line(place);
  } else {
    DagRuns& dag = dags_.at(place.dag_id);
    hide(dag);
    --dag.active;
    Depth& depth = depths_.at(place.depth);
    if (place.woken) depth.woken.erase(*place.woken);
    if (!place.rests) --depth.at_work;
    --active_;
    show(place.dag_id, dag);
  }
  const auto dag = dags_.find(place.dag_id);
  const DagRuns& left = dag->second;
  if (left.active == 0 && left.elsewhere == 0 && left.lines.empty()) dags_.erase(dag);
}

void RunQueue::set_elsewhere(const std::string& dag_id, std::size_t active) {
  const auto at = dags_.find(dag_id);
  if (at == dags_.end() && active == 0) return;
  DagRuns& dag = dags_[dag_id];
  hide(dag);
  dag.elsewhere = active;
  show(dag_id, dag);
}

/// REQUIRES: it stands in one.
void RunQueue::leave_line(const Place& place) {
  DagRuns& dag = dags_.at(place.dag_id);
  hide(dag);
  const auto line = dag.lines.find(place.depth);
  line->second.erase(*place.ticket);
  if (line->second.empty()) dag.lines.erase(line);
  show(place.dag_id, dag);
}

void RunQueue::hide(const DagRuns& dag) {
  for (const auto& [depth, line] : dag.lines) depths_[depth].heads.erase(line.begin()->first);
}

void RunQueue::show(const std::string& dag_id, const DagRuns& dag) {
  if (dag.full()) return;
  for (const auto& [depth, line] : dag.lines) depths_[depth].heads.emplace(line.begin()->first, dag_id);
}

}  // namespace leeward
