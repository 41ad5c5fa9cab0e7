#pragma once

#include "core/load/task_graph.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// Which trigger rules may not stand where they do: right after a setup, and in a DAG that fails fast, any but
/// all_success and that of teardowns. Code spec.trigger_rule. Airflow: DAG.validate_setup_teardown().
void check_trigger_rules(const DagSpec& spec, const TaskGraph& graph, Errors& errors);

/// A task mapped over what another one yields, which cannot start before that is there.
void check_rule_of_mapped(const TaskSpec& task, Errors& errors);

}  // namespace leeward
