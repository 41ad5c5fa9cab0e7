#include "tests/simulation/limit_watch.hpp"

namespace leeward::test {

LimitWatch::LimitWatch(const RandomScenario& scenario, const Graph& graph, std::vector<std::string>& broken)
    : scenario_(scenario), dag_(*scenario.dag), broken_(broken) {
  for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) weights_.push_back(graph.weight_of(task));
}

void LimitWatch::before(const Event& event, const Standing& standing) {
  if (event.at != now_) {
    for (const auto& [instance, what] : overtaken_) broken_.push_back(what);
    overtaken_.clear();
    now_ = event.at;
  }
  if (event.kind != EventKind::task_transition) return;
  overtaken_.erase(event.instance);
  if (event.to != TaskState::queued) return;
  const Use used = use(standing);
  for (const auto& [index, other] : standing.all()) {
    const bool waits = other.state == TaskState::scheduled && index != event.instance;
    if (!waits || weights_[other.task.value] <= weights_[event.task.value]) continue;
    if (!broken_limit(used, other.task).empty()) continue;
    overtaken_[index] = dag_.task(event.task).id + " started while the heavier " + dag_.task(other.task).id + " waited";
  }
}

void LimitWatch::after(const Event& event, const Standing& standing) {
  if (event.kind != EventKind::task_transition || !is_in_flight(event.to)) return;
  const std::string limit = broken_limit(use(standing), {});
  if (!limit.empty()) broken_.push_back(dag_.task(event.task).id + " is one too many for " + limit);
}

LimitWatch::Use LimitWatch::use(const Standing& standing) const {
  Use used;
  for (const auto& [index, instance] : standing.all()) {
    const bool at_work = instance.state == TaskState::queued || is_in_flight(instance.state);
    if (!at_work) continue;
    ++used.active;
    ++used.instances[instance.task];
    const auto pool = scenario_.pools.find(pool_of(instance.task));
    const bool counts =
        instance.state != TaskState::deferred || pool == scenario_.pools.end() || pool->second.include_deferred;
    if (counts) {
      used.slots[pool_of(instance.task)] += static_cast<std::size_t>(dag_.task(instance.task).pool_slots);
    }
  }
  return used;
}

std::string LimitWatch::broken_limit(Use used, TaskIndex one_more) const {
  if (one_more.valid()) {
    ++used.active;
    ++used.instances[one_more];
    used.slots[pool_of(one_more)] += static_cast<std::size_t>(dag_.task(one_more).pool_slots);
  }
  for (const std::size_t limit : {scenario_.max_active_tasks, dag_.header().max_active_tasks}) {
    if (limit > 0 && used.active > limit) return "max_active_tasks of " + std::to_string(limit);
  }
  for (const auto& [task, instances] : used.instances) {
    const int limit = dag_.task(task).max_active_tis_per_dagrun;
    if (limit > 0 && instances > limit) return "max_active_tis_per_dagrun of " + dag_.task(task).id;
  }
  for (const auto& [name, slots] : used.slots) {
    const auto pool = scenario_.pools.find(name);
    if (pool != scenario_.pools.end() && slots > pool->second.slots) return "the pool " + name;
  }
  return {};
}

const std::string& LimitWatch::pool_of(TaskIndex task) const { return dag_.header().pools[dag_.task(task).pool]; }

}  // namespace leeward::test
