#include "core/load/setup_rules.hpp"

#include <string>

#include "core/base/quoted.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

void link(DagSpec& spec, std::uint32_t teardown, const Json& name, NodeIndex& nodes, std::vector<SetupLink>& links,
          Errors& errors) {
  const std::uint32_t setup = nodes.find_from(spec.tasks[teardown].in_group, name.string(), name);
  if (setup == NodeIndex::kNone) return;
  if (nodes.is_group(setup)) {
    return add_error(errors, "spec.value",
                     quoted(name.string()) + " is a group: a teardown names the tasks that set up what it tears down",
                     name);
  }
  if (spec.tasks[setup].is_teardown()) {
    const std::string what =
        setup == teardown ? "a task is not its own setup"
                          : "task " + quoted(spec.tasks[setup].id()) + " is a teardown itself, and no task is both";
    return add_error(errors, "spec.value", what, name);
  }
  spec.tasks[setup].is_setup = true;
  links.push_back({setup, teardown, name});
}

void check_teardown(TaskSpec& task, Errors& errors) {
  if (task.is_setup) {
    add_key_error(errors, "spec.value", "no task is a setup and a teardown", task.teardown);
    task.is_setup = false;
  }
  const Json own_rule = task.source["trigger_rule"];
  if (own_rule.exists() && task.settings.trigger_rule != TriggerRule::all_done_setup_success) {
    add_error(errors, "spec.value", "the trigger rule of a teardown is all_done_setup_success and no other", own_rule);
  }
  task.settings.trigger_rule = TriggerRule::all_done_setup_success;
}

}  // namespace

std::vector<SetupLink> link_setups(DagSpec& spec, NodeIndex& nodes, Errors& errors) {
  std::vector<SetupLink> links;
  for (TaskSpec& task : spec.tasks) {
    if (task.is_teardown()) {
      check_teardown(task, errors);
    } else if (task.on_failure_fail_dagrun) {
      add_key_error(errors, "spec.value", "only of a teardown it is a question whether its failure fails the run",
                    task.source["on_failure_fail_dagrun"]);
    }
  }
  for (std::uint32_t t = 0; t < spec.tasks.size(); ++t) {
    const Json& teardown = spec.tasks[t].teardown;
    if (teardown.is_string()) link(spec, t, teardown, nodes, links, errors);
    for (const Json& name : teardown) {
      if (name.is_string()) link(spec, t, name, nodes, links, errors);
    }
  }
  return links;
}

}  // namespace leeward
