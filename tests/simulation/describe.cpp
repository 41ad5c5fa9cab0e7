#include "tests/simulation/random_dag.hpp"

// A scenario in words.

namespace leeward::test {
namespace {

std::string text_of(const ValueTemplate& value) {
  std::string text;
  for (const ValueTemplate::Slot& slot : value.slots) text += slot.json_before + slot.value.single()->source;
  return text + value.json_after;
}

std::string text_of(const ItemSource& source) {
  if (source.kind == ItemSource::Kind::value) return text_of(source.value);
  std::string text = source.kind == ItemSource::Kind::zip ? "zip(" : "concat(";
  for (const ItemSource& part : source.parts) text += text_of(part) + " ";
  return text + (source.fill ? "fill)" : ")");
}

std::string text_of(const Mapping& mapping) {
  std::string text = " x";
  for (const Mapping::Key& key : mapping.keys) text += " " + key.name + "=" + text_of(key.items);
  return mapping.kwargs ? text + " kwargs=" + text_of(*mapping.kwargs) : text;
}

std::string told(const char* name, int value, int usual) {
  return value == usual ? "" : " " + std::string{name} + "=" + std::to_string(value);
}

std::string seconds_of(const char* name, const std::optional<Duration>& duration) {
  return duration ? " " + std::string{name} + "=" + std::to_string(duration->count() / 1'000'000) + "ms" : "";
}

std::string line_of(const RandomScenario& scenario, TaskIndex index) {
  const Dag& dag = *scenario.dag;
  const Task& task = dag.task(index);
  std::string line = "  " + task.id;
  const auto upstream = dag.upstream(index);
  if (!upstream.empty()) line += " <-";
  for (const TaskIndex up : upstream) line += " " + dag.task(up).id;
  if (task.trigger_rule != TriggerRule::all_success) line += " [" + std::string{to_string(task.trigger_rule)} + "]";
  if (task.group.valid()) line += " in " + dag.group(task.group).id;
  if (task.op->traits.at_most_once) line += " once";
  if (task.is_setup) line += " setup";
  if (task.is_teardown) line += task.on_failure_fail_dagrun ? " teardown!" : " teardown";
  const Role role = scenario.roles[index.value];
  if (role != Role::plain) line += role == Role::branch ? " branch" : " short-circuit";
  if (task.mapping) line += text_of(*task.mapping);
  line += told("retries", task.retry.retries, 0) + seconds_of("timeout", task.execution_timeout);
  line += told("weight", task.priority_weight, 1) + told("weight_rule", static_cast<int>(task.weight_rule), 0);
  line += told("max_active_tis", task.max_active_tis_per_dagrun, 0);
  if (task.pool > 0) line += " pool=" + dag.header().pools[task.pool] + told("slots", task.pool_slots, 1);
  return line + " with " + text_of(task.with) + (task.do_xcom_push ? "" : " no-xcom") + "\n";
}

}  // namespace

std::string describe(const RandomScenario& scenario) {
  const Dag::Header& header = scenario.dag->header();
  std::string text = "seed " + std::to_string(scenario.seed);
  text += seconds_of("dagrun_timeout", header.dagrun_timeout) + seconds_of("cancel", scenario.cancels_at);
  text += told("fail_fast", header.fail_fast, 0);
  text += told("max_active", static_cast<int>(scenario.max_active_tasks), 0);
  text += told("dag.max_active", static_cast<int>(header.max_active_tasks), 0);
  for (const auto& [name, pool] : scenario.pools) text += " " + name + "=" + std::to_string(pool.slots);
  text += "\n";
  for (const TaskGroup& group : header.groups) {
    text += "  group " + group.id + (group.mapping ? text_of(*group.mapping) : "") + "\n";
  }
  for (TaskIndex task{0}; task.value < scenario.dag->size(); ++task.value) text += line_of(scenario, task);
  return text;
}

}  // namespace leeward::test
