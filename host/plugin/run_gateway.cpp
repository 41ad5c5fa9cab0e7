#include "host/plugin/run_gateway.hpp"

namespace leeward {

Result<std::optional<RunStates>> states_in(const RunStore& store, const RunStatesQuery& query) {
  std::string run_id = query.run_id;
  if (run_id.empty()) {
    const auto at = store.run_at(query.dag_id, query.logical_date);
    if (!at) return at.error();
    if (!*at) return std::optional<RunStates>{};
    run_id = **at;
  }
  const Result<RunState> state = store.run_state(run_id);
  if (!state && state.error().code == "store.unknown_run") return std::optional<RunStates>{};
  if (!state) return state.error();
  RunStates states{std::move(run_id), *state, {}};
  for (const std::string& task_id : query.task_ids) {
    auto instances = store.task_states(states.run_id, task_id);
    if (!instances) return std::move(instances).error();
    states.tasks.emplace_back(task_id, std::move(instances).value());
  }
  return std::optional{std::move(states)};
}

}  // namespace leeward
