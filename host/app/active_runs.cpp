#include "host/app/active_runs.hpp"

#include <utility>

namespace leeward {

void ActiveRuns::enter(const std::string& run_id, Place place, RunEngine& engine) {
  const std::lock_guard lock{mutex_};
  runs_.insert_or_assign(run_id, Active{std::move(place), &engine});
}

void ActiveRuns::leave(const std::string& run_id) {
  const std::lock_guard lock{mutex_};
  runs_.erase(run_id);
}

std::optional<ActiveRuns::Place> ActiveRuns::find(std::string_view run_id) const {
  const std::lock_guard lock{mutex_};
  const auto at = runs_.find(run_id);
  if (at == runs_.end()) return std::nullopt;
  return at->second.place;
}

std::size_t ActiveRuns::count_first(std::string_view dag_id) const {
  const std::lock_guard lock{mutex_};
  std::size_t count = 0;
  for (const auto& [run_id, run] : runs_) {
    if (run.place.depth == 0 && run.place.dag_id == dag_id) ++count;
  }
  return count;
}

bool ActiveRuns::answer(std::string_view run_id, std::string task_id, int map_index, Value said, std::string user,
                        std::function<void(Status)> told) const {
  const std::lock_guard lock{mutex_};  // the engine stays until it leaves
  const auto at = runs_.find(run_id);
  if (at == runs_.end()) return false;
  at->second.engine->answer(std::move(task_id), map_index, std::move(said), std::move(user), std::move(told));
  return true;
}

bool ActiveRuns::cancel(std::string_view run_id) const {
  const std::lock_guard lock{mutex_};
  const auto at = runs_.find(run_id);
  if (at == runs_.end()) return false;
  at->second.engine->cancel();
  return true;
}

}  // namespace leeward
