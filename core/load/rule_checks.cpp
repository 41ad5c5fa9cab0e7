#include "core/load/rule_checks.hpp"

#include <set>
#include <string>
#include <utility>

#include "core/base/quoted.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

/// Told once for each text: a rule in default_args holds for many tasks.
class RuleTeller {
 public:
  explicit RuleTeller(Errors& errors) : errors_(errors) {}
  void tell(const TaskSpec& task, std::string message) {
    if (task.trigger_rule.exists() && !told_.insert(task.trigger_rule.text().data()).second) return;
    add_error(errors_, "spec.trigger_rule", std::move(message),
              task.trigger_rule.exists() ? task.trigger_rule : task.source);
  }

 private:
  Errors& errors_;
  std::set<const char*> told_;
};

}  // namespace

void check_trigger_rules(const DagSpec& spec, const TaskGraph& graph, Errors& errors) {
  RuleTeller teller{errors};
  for (const TaskGraph::Edge& edge : graph.edges()) {
    const TaskSpec& setup = spec.tasks[edge.from];
    const TaskSpec& task = spec.tasks[edge.to];
    if (!setup.is_setup || task.is_teardown() || task.settings.trigger_rule == TriggerRule::all_success) continue;
    teller.tell(task, "task " + quoted(task.id()) + " comes right after the setup " + quoted(setup.id()) +
                          ", so its trigger rule must be all_success");
  }
  if (!spec.header.fail_fast) return;
  for (const TaskSpec& task : spec.tasks) {
    const TriggerRule rule = task.settings.trigger_rule;
    if (rule == TriggerRule::all_success || rule == TriggerRule::all_done_setup_success) continue;
    teller.tell(task, "with \"fail_fast\" every task's trigger rule is \"all_success\", and this is " +
                          quoted(to_string(rule)));
  }
}

void check_rule_of_mapped(const TaskSpec& task, Errors& errors) {
  if (task.settings.trigger_rule != TriggerRule::always) return;
  add_error(errors, "spec.trigger_rule",
            "task " + quoted(task.id()) +
                " is mapped over what another task yields, so its trigger rule cannot be always: it would start before "
                "the list is there",
            task.trigger_rule);
}

}  // namespace leeward
