// The operator `external_task_sensor`: waits for a run of another DAG, or for tasks of it. Airflow's
// ExternalTaskSensor.

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <leeward/cpp/json_text.hpp>
#include <leeward/cpp/operator.hpp>
#include <leeward/cpp/run.hpp>

#include "plugins/sensor/poke.hpp"
#include "plugins/time_text/timestamp.hpp"

namespace {

namespace sdk = leeward::sdk;
using leeward::sdk::fail;
using leeward::sdk::Spec;
using leeward::sdk::Task;
using Texts = std::vector<std::string>;

constexpr char kDoc[] =
    "Waits for the run of another DAG at a logical date, or for tasks of that run.\n\n"
    "The logical date is this run's own, moved back by `execution_delta`, or given. Tasks, and all their mapped "
    "instances, must be in `allowed_states`; one in `failed_states` fails this task, one in `skipped_states` skips it. "
    "The output is the list of the run ids.";

constexpr char kParams[] =
    R"({"type": "object", "required": ["external_dag_id"], "additionalProperties": false, "properties": {
  "external_dag_id": {"type": "string", "minLength": 1},
  "external_task_id": {"type": "string", "minLength": 1},
  "external_task_ids": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1},
    "description": "Without task ids it is the whole run that counts"},
  "execution_delta": )" TIME_TEXT_DURATION_SCHEMA R"(,
  "logical_date": {"$ref": "#/definitions/dates", "description": "One or several; default: this run's own"},
  "execution_date": {"$ref": "#/definitions/dates", "description": "The same, by its older name"},
  "allowed_states": {"$ref": "#/definitions/states", "default": ["success"]},
  "failed_states": {"$ref": "#/definitions/states", "default": []},
  "skipped_states": {"$ref": "#/definitions/states", "default": []}, )" SENSOR_PARAMS R"(},
  "allOf": [{"not": {"required": ["external_task_id", "external_task_ids"]}},
            {"not": {"required": ["logical_date", "execution_date"]}},
            {"not": {"required": ["logical_date", "execution_delta"]}},
            {"not": {"required": ["execution_date", "execution_delta"]}}],
  "definitions": {
    "dates": {"anyOf": [{"type": "string", "minLength": 1},
                        {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}]},
    "states": {"type": "array", "items": {"enum": ["none", "scheduled", "queued", "running", "success", "failed",
      "skipped", "upstream_failed", "up_for_retry", "up_for_reschedule", "deferred", "awaiting_input", "removed",
      "canceled"]}}}})";

struct Wanted {
  std::string dag_id;
  Texts task_ids;  ///< empty: the whole run
  Texts dates;     ///< RFC 3339
  Texts allowed, failed, skipped;
  bool soft_fail = false;
};

bool contains(const Texts& states, const std::string& state) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

Texts one_or_more(std::string_view json) {
  if (json.front() == '"') return {sdk::unquote(json)};
  return sdk::read_json<Texts>(json);
}

Texts dates_of(Task task) {
  for (const char* name : {"logical_date", "execution_date"}) {
    if (const auto json = task.find_param(name)) return one_or_more(*json);
  }
  const auto own = time_text::parse_time(task.info("logical_date"));
  if (!own) throw fail("external_task_sensor.no_date", "the run has no logical_date");
  return {time_text::format_time(*own - time_text::duration_param_ms(task, "execution_delta").value_or(0))};
}

/// A state that is in two lists would mean two things.
void check_apart(const Wanted& wanted) {
  std::set<std::string> seen;
  for (const Texts* list : {&wanted.allowed, &wanted.failed, &wanted.skipped}) {
    for (const std::string& state : std::set<std::string>(list->begin(), list->end())) {
      if (!seen.insert(state).second)
        throw fail("bad_value", "state '" + state +
                                    "' stands in more than one of allowed_states, failed_states and "
                                    "skipped_states");
    }
  }
}

Wanted wanted_by(Task task) {
  Wanted wanted;
  wanted.dag_id = task.param<std::string>("external_dag_id");
  wanted.task_ids = task.param<Texts>("external_task_ids", {});
  if (const auto id = task.find_param("external_task_id")) wanted.task_ids = {sdk::unquote(*id)};
  wanted.dates = dates_of(task);
  wanted.allowed = task.param<Texts>("allowed_states", {"success"});
  wanted.failed = task.param<Texts>("failed_states", {});
  wanted.skipped = task.param<Texts>("skipped_states", {});
  wanted.soft_fail = task.param<bool>("soft_fail", false);
  check_apart(wanted);
  return wanted;
}

std::string query_for(const Wanted& wanted, const std::string& date) {
  return R"({"dag_id": )" + sdk::quote(wanted.dag_id) + R"(, "logical_date": )" + sdk::quote(date) +
         R"(, "task_ids": )" + sdk::write_json(wanted.task_ids) + "}";
}

/// What is looked at: "DAG 'd', task 't'" and its states.
struct Subject {
  std::string name;
  Texts states;
};

std::vector<Subject> subjects_in(const Wanted& wanted, std::string_view answer) {
  const std::string dag = "DAG '" + wanted.dag_id + "'";
  if (wanted.task_ids.empty()) return {{"the run of " + dag, {sdk::unquote(*sdk::member(answer, "state"))}}};
  std::vector<Subject> subjects;
  const std::string_view tasks = sdk::member(answer, "tasks").value_or("{}");
  for (const std::string& id : wanted.task_ids) {
    const std::string name = "task '" + id + "' of " + dag;
    Texts states = sdk::read_json<Texts>(sdk::member(tasks, id).value_or("[]"));
    if (states.empty()) throw fail("external_task_sensor.unknown_task", "there is no " + name + " in its run");
    subjects.push_back({name, std::move(states)});
  }
  return subjects;
}

/// Throws how this task ends because of it; true if it is as it was waited for.
bool is_ready(const Wanted& wanted, const Subject& subject) {
  const auto in = [&](const Texts& list) {
    return std::find_if(subject.states.begin(), subject.states.end(),
                        [&](const std::string& state) { return contains(list, state); });
  };
  if (const auto state = in(wanted.failed); state != subject.states.end()) {
    const std::string why = subject.name + " is " + *state;
    if (wanted.soft_fail) throw sdk::skip(why);
    throw sdk::retry("external_task_sensor.failed", why);
  }
  if (const auto state = in(wanted.skipped); state != subject.states.end())
    throw sdk::skip(subject.name + " is " + *state);
  return std::all_of(subject.states.begin(), subject.states.end(),
                     [&](const std::string& state) { return contains(wanted.allowed, state); });
}

struct ExternalTaskSensor {
  static constexpr Spec spec{"external_task_sensor", "1.0.0", kDoc, kParams,
                             LW_OP_ASYNC | LW_OP_CONCURRENT | LW_OP_IDEMPOTENT};

  void execute(Task task) const {
    const sensor::Poke poke{task};
    const Wanted wanted = wanted_by(task);
    Texts run_ids;
    poke.look(task, [&]() -> sensor::Look {
      bool ready = true;
      for (const std::string& date : wanted.dates) {
        const sdk::Buf answer = sdk::run_states(task, query_for(wanted, date));
        const std::string_view run_id = sdk::member(answer.view(), "run_id").value_or("null");
        if (run_id == "null") {
          ready = false;
          continue;
        }
        run_ids.push_back(sdk::unquote(run_id));
        for (const Subject& subject : subjects_in(wanted, answer.view())) ready = is_ready(wanted, subject) && ready;
      }
      return {ready};
    });
    task.result(run_ids);
  }
};

}  // namespace

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"external_task_sensor", "1.0.0", "MIT", "Waiting for runs of other DAGs."}),
               ExternalTaskSensor)
