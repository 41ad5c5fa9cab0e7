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

}  // namespace leeward
