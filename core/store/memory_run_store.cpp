#include "core/store/memory_run_store.hpp"

#include <algorithm>
#include <utility>

namespace leeward {
namespace {

bool fits(const RunSummary& run, const RunQuery& query) {
  if (!query.dag_id.empty() && run.dag_id != query.dag_id) return false;
  if (query.state && run.state != *query.state) return false;
  return !query.unfinished || run.state == RunState::queued || run.state == RunState::running;
}

}  // namespace

Status MemoryRunStore::begin(const std::shared_ptr<const RunInfo>& run, const std::shared_ptr<const Dag>& dag) {
  const std::lock_guard lock(mutex_);
  Run begun{run, dag->header().source, RunProjection{run, shape_of(dag)}, {}, runs_.size()};
  if (!runs_.try_emplace(run->run_id, std::move(begun)).second) {
    return Error{"store.run_exists", "there is a run \"" + run->run_id + "\" already"};
  }
  return done();
}

Status MemoryRunStore::reopen(const std::shared_ptr<const RunInfo>& run, const std::shared_ptr<const Dag>&) {
  const std::lock_guard lock(mutex_);
  if (!find(run->run_id)) return unknown_run(run->run_id);
  return done();
}

Status MemoryRunStore::append(const RunInfo& run, std::span<const Event> events) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(run.run_id);
  if (found == runs_.end()) return unknown_run(run.run_id);
  for (const Event& event : events) found->second.projection.apply(event);
  auto& kept = found->second.events;
  if (keep_ == Keep::events) kept.insert(kept.end(), events.begin(), events.end());
  return done();
}

const MemoryRunStore::Run* MemoryRunStore::find(std::string_view run_id) const {
  const auto found = runs_.find(run_id);
  return found == runs_.end() ? nullptr : &found->second;
}

Result<RunRecord> MemoryRunStore::load(std::string_view run_id) const {
  const std::lock_guard lock(mutex_);
  const Run* run = find(run_id);
  if (!run) return unknown_run(run_id);
  return run->projection.record();
}

Result<RunHistory> MemoryRunStore::history(std::string_view run_id) const {
  const std::lock_guard lock(mutex_);
  const Run* run = find(run_id);
  if (!run) return unknown_run(run_id);
  if (keep_ != Keep::events) return Error{"store.no_history", "this store in memory keeps no events"};
  return RunHistory{run->info, run->source, run->events};
}

Result<std::vector<RunSummary>> MemoryRunStore::list(const RunQuery& query) const {
  const std::lock_guard lock(mutex_);
  std::vector<const Run*> runs;
  for (const auto& [run_id, run] : runs_) runs.push_back(&run);
  std::sort(runs.begin(), runs.end(), [](const Run* a, const Run* b) { return a->number > b->number; });
  std::vector<RunSummary> listed;
  for (const Run* run : runs) {
    RunSummary summary = run->projection.summary();
    if (fits(summary, query)) listed.push_back(std::move(summary));
    if (query.limit > 0 && listed.size() == query.limit) break;
  }
  return listed;
}

Result<std::optional<std::string>> MemoryRunStore::previous_run(std::string_view dag_id, Timestamp logical_date) const {
  const std::lock_guard lock(mutex_);
  const Run* latest = nullptr;
  const auto rank = [](const Run& run) { return std::pair{run.info->logical_date, run.number}; };
  for (const auto& [run_id, run] : runs_) {
    if (run.info->dag_id != dag_id || !(run.info->logical_date < logical_date)) continue;
    if (latest == nullptr || rank(*latest) < rank(run)) latest = &run;
  }
  return latest == nullptr ? std::nullopt : std::optional(latest->info->run_id);
}

Result<std::optional<std::string>> MemoryRunStore::run_at(std::string_view dag_id, Timestamp logical_date) const {
  const std::lock_guard lock(mutex_);
  const Run* latest = nullptr;
  for (const auto& [run_id, run] : runs_) {
    if (run.info->dag_id != dag_id || run.info->logical_date != logical_date) continue;
    if (latest == nullptr || latest->number < run.number) latest = &run;
  }
  return latest == nullptr ? std::nullopt : std::optional(latest->info->run_id);
}

Result<std::vector<TaskState>> MemoryRunStore::task_states(std::string_view run_id, std::string_view task_id) const {
  const std::lock_guard lock(mutex_);
  const Run* run = find(run_id);
  if (!run) return unknown_run(run_id);
  return run->projection.states_of(task_id);
}

Result<RunState> MemoryRunStore::run_state(std::string_view run_id) const {
  const std::lock_guard lock(mutex_);
  const Run* run = find(run_id);
  if (!run) return unknown_run(run_id);
  return run->projection.state();
}

}  // namespace leeward
