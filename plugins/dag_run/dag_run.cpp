// The operator `dag_run`: starts a run of another DAG, and may wait for its end. Airflow's TriggerDagRunOperator.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <leeward/cpp/json_text.hpp>
#include <leeward/cpp/operator.hpp>
#include <leeward/cpp/run.hpp>

namespace {

using leeward::sdk::Deferred;
using leeward::sdk::RunResult;
using leeward::sdk::Spec;
using leeward::sdk::Task;

constexpr char kDoc[] =
    "Starts a run of another DAG, and may wait for its end.\n\n"
    "Airflow's TriggerDagRunOperator. While it waits it holds no thread. The result is "
    "`{\"run_id\", \"dag_id\", \"state\"}`.";

constexpr char kParams[] = R"({"type": "object", "required": ["dag"], "additionalProperties": false, "properties": {
  "dag": {"type": "string", "minLength": 1,
    "description": "A DAG file beside this DAG's, or the dag_id of one"},
  "conf": {"type": "object", "description": "The run's conf, and values for params that the DAG declares"},
  "params": {"type": "object", "description": "The run's params; wins over conf"},
  "logical_date": {"type": "string", "description": "RFC 3339; default: now"},
  "run_id": {"type": "string", "minLength": 1, "maxLength": 250},
  "wait_for_completion": {"type": "boolean", "default": false},
  "allowed_states": {"type": "array", "items": {"enum": ["success", "failed", "canceled"]}, "default": ["success"],
    "description": "What counts as success of a run that was waited for"},
  "failed_states": {"type": "array", "items": {"enum": ["success", "failed", "canceled"]}, "default": ["failed"],
    "description": "What counts as its failure; a state that is in neither list does, too"},
  "skip_when_already_exists": {"type": "boolean", "default": false,
    "description": "Skips the task, where it would fail, if there is a run of this run_id or logical_date"}}})";

constexpr char kOutput[] = R"({"type": "object", "required": ["run_id", "dag_id", "state"], "properties": {
  "run_id": {"type": "string"}, "dag_id": {"type": "string"}, "state": {"type": "string"}}})";

using States = std::vector<std::string>;

bool contains(const States& states, const std::string& state) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

/// What the host is asked for: the parameters it knows by the same name, as they are.
std::string request_of(Task task, bool waits) {
  std::string request = R"({"wait": )" + std::string(waits ? "true" : "false");
  for (const char* name : {"dag", "conf", "params", "logical_date", "run_id"}) {
    if (const auto json = task.find_param(name)) {
      request += ", " + leeward::sdk::quote(name) + ": " + std::string(*json);
    }
  }
  return request + "}";
}

std::string text_in(const RunResult& run, std::string_view name) {
  return leeward::sdk::read_json<std::string>(leeward::sdk::member(run.json(), name).value_or("\"\""));
}

void end_with(Task task, const RunResult& run, bool waits) {
  if (run.error_type() == "run.exists" && task.param<bool>("skip_when_already_exists", false)) {
    throw leeward::sdk::skip("there is a run of this run_id or logical date already");
  }
  run.throw_if_failed();
  task.result_json(std::string(run.json()));
  if (!waits) return;
  const std::string state = text_in(run, "state");
  const bool failed = contains(task.param<States>("failed_states", {"failed"}), state);
  if (!failed && contains(task.param<States>("allowed_states", {"success"}), state)) return;
  const std::string which = "run " + text_in(run, "run_id") + " of DAG '" + text_in(run, "dag_id") + "'";
  throw leeward::sdk::retry("dag_run." + state, which + " ended as " + state).details(std::string(run.json()));
}

struct DagRun {
  static constexpr Spec spec{"dag_run", "1.0.0", kDoc, kParams, LW_OP_ASYNC | LW_OP_CONCURRENT, kOutput};

  lw_code execute(Task task) const {
    const bool waits = task.param<bool>("wait_for_completion", false);
    const std::string request = request_of(task, waits);
    return leeward::sdk::trigger_run(task.defer(), request, [waits](Deferred& deferred, const RunResult& run) {
      end_with(deferred.task(), run, waits);
    });
  }
};

}  // namespace

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"dag_run", "1.0.0", "MIT", "Runs of other DAGs as tasks."}), DagRun)
