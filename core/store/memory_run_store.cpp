#include "core/store/memory_run_store.hpp"

namespace leeward {
namespace {

Error unknown_run(std::string_view run_id) {
  return {"store.unknown_run", "there is no run \"" + std::string(run_id) + "\""};
}

}  // namespace

Status MemoryRunStore::begin(const std::shared_ptr<const RunInfo>& run, const std::shared_ptr<const Dag>& dag) {
  const std::lock_guard lock(mutex_);
  if (!runs_.try_emplace(run->run_id, run, dag).second) {
    return Error{"store.run_exists", "there is a run \"" + run->run_id + "\" already"};
  }
  return done();
}

Status MemoryRunStore::append(const RunInfo& run, std::span<const Event> events) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(run.run_id);
  if (found == runs_.end()) return unknown_run(run.run_id);
  for (const Event& event : events) found->second.apply(event);
  return done();
}

Result<RunRecord> MemoryRunStore::load(std::string_view run_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(run_id);
  if (found == runs_.end()) return unknown_run(run_id);
  return found->second.record();
}

Result<std::optional<std::string>> MemoryRunStore::previous_run(std::string_view dag_id, Timestamp logical_date) const {
  const std::lock_guard lock(mutex_);
  const RunInfo* latest = nullptr;
  for (const auto& [run_id, run] : runs_) {
    const RunInfo& info = run.info();
    if (info.dag_id != dag_id || !(info.logical_date < logical_date)) continue;
    if (latest == nullptr || latest->logical_date < info.logical_date) latest = &info;
  }
  return latest == nullptr ? std::nullopt : std::optional(latest->run_id);
}

Result<std::optional<std::string>> MemoryRunStore::run_at(std::string_view dag_id, Timestamp logical_date) const {
  const std::lock_guard lock(mutex_);
  std::optional<std::string> found;  // ids rise with time, so the last one began last
  for (const auto& [run_id, run] : runs_) {
    if (run.info().dag_id == dag_id && run.info().logical_date == logical_date) found = run_id;
  }
  return found;
}

Result<std::vector<TaskState>> MemoryRunStore::task_states(std::string_view run_id, std::string_view task_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(run_id);
  if (found == runs_.end()) return unknown_run(run_id);
  return found->second.states_of(task_id);
}

Result<RunState> MemoryRunStore::run_state(std::string_view run_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(run_id);
  if (found == runs_.end()) return unknown_run(run_id);
  return found->second.state();
}

}  // namespace leeward
