// "leeward.run/1": one run starts another, and asks how others went.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/base/json_schema.hpp"
#include "core/base/time_format.hpp"
#include "host/plugin/callee_threads.hpp"
#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"

namespace leeward {
namespace {

using OnRunDone = void (*)(void*, const lw_run_result*);

constexpr const char* kTriggerSchema = R"({
  "type": "object", "required": ["dag"], "additionalProperties": false,
  "properties": {"dag": {"type": "string", "minLength": 1}, "conf": {"type": "object"}, "params": {"type": "object"},
                 "logical_date": {"type": "string"}, "run_id": {"type": "string", "minLength": 1, "maxLength": 250},
                 "wait": {"type": "boolean"}}})";
constexpr const char* kQuerySchema = R"({
  "type": "object", "additionalProperties": false,
  "oneOf": [{"required": ["dag_id", "logical_date"]}, {"required": ["run_id"]}],
  "properties": {"dag_id": {"type": "string"}, "logical_date": {"type": "string"}, "run_id": {"type": "string"},
                 "task_ids": {"type": "array", "items": {"type": "string"}}}})";

Error invalid(const std::string& message) { return {"run.invalid", message}; }

/// What a plugin asked for, parsed and checked.
Result<std::shared_ptr<const JsonDocument>> checked(std::string_view json, const JsonSchema& schema) {
  auto document = JsonDocument::parse(std::string{json}, "request");
  if (!document) return invalid("the request is no JSON: " + document.error().message);
  Errors errors;
  schema.validate((*document)->root(), errors);
  if (errors.empty()) return *document;
  const std::string where = errors.front().where.pointer.empty() ? "" : errors.front().where.pointer + ": ";
  return invalid("the request: " + where + errors.front().message);
}

std::shared_ptr<const JsonSchema> compiled(const char* schema) {
  return JsonSchema::compile(JsonDocument::parse(schema).value()).value();
}

Result<RunTrigger> trigger_of(std::string_view json) {
  static const std::shared_ptr<const JsonSchema> schema = compiled(kTriggerSchema);
  const auto document = checked(json, *schema);
  if (!document) return document.error();
  const Json root = (*document)->root();
  RunTrigger trigger;
  trigger.dag = root["dag"].string();
  if (const Json conf = root["conf"]) trigger.conf = conf.value();
  if (const Json params = root["params"]) trigger.params = params.value();
  if (const Json run_id = root["run_id"]) trigger.run_id = run_id.string();
  if (const Json wait = root["wait"]) trigger.wait = wait.boolean();
  if (const Json date = root["logical_date"]) {
    const Result<Timestamp> at = parse_timestamp(date.string());
    if (!at) return invalid("logical_date: " + at.error().message);
    trigger.logical_date = *at;
  }
  return trigger;
}

std::string json_of(const TriggeredRun& run) {
  JsonWriter out;
  out.begin_object().member("run_id", run.run_id).member("dag_id", run.dag_id).member("state", to_string(run.state));
  out.end_object();
  return out.take();
}

/// One trigger under way. Keeps its task alive until the callback has run.
class Pending : public std::enable_shared_from_this<Pending> {
 public:
  Pending(std::shared_ptr<HostTask> task, bool waits, OnRunDone on_done, void* arg)
      : task_(std::move(task)), waits_(waits), on_done_(on_done), arg_(arg) {}

  void start(RunTrigger trigger) {
    stop_ = task_->under_way().add([token = cancel_] { token->cancel(); });
    RunGateway& runs = *task_->services().runs;
    runs.trigger(task_->attempt()->call(), std::move(trigger), cancel_,
                 [self = shared_from_this()](const Result<TriggeredRun>& run) { self->told(run); });
  }

 private:
  void told(const Result<TriggeredRun>& run) {
    task_->under_way().remove(stop_);
    cancel_->on_cancel(nullptr);
    const bool stopped = waits_ && cancel_->cancelled();  // a run that nobody waits for goes on all the same
    const std::string json = run ? json_of(*run) : std::string{};
    const Error why = run ? Error{"run.canceled", "the task was to stop, and took the run along"} : run.error();
    const lw_error error{sizeof(lw_error), 0, -1, lend(why.code), lend(why.message), {nullptr, 0}};
    lw_code outcome = run ? LW_OK : LW_FAIL;
    if (stopped || (!run && why.code == "run.canceled")) outcome = LW_CANCELLED;  // or the host puts it off
    const lw_run_result result{sizeof(lw_run_result), outcome, outcome == LW_OK ? lend(json) : lw_str{nullptr, 0},
                               outcome == LW_OK ? nullptr : &error};
    on_done_(arg_, &result);
  }

  const std::shared_ptr<HostTask> task_;
  const bool waits_;
  const OnRunDone on_done_;
  void* const arg_;
  const std::shared_ptr<CancelToken> cancel_ = std::make_shared<CancelToken>();
  CancelGroup::Id stop_ = 0;
};

lw_code no_runs(HostTask& task) { return task.refuse(LW_DENIED, "run.denied", "this host starts no runs"); }

lw_code trigger(lw_task* c_task, lw_str request_json, OnRunDone on_done, void* arg) {
  HostTask& task = HostTask::of(c_task);
  if (task.services().runs == nullptr) return no_runs(task);
  if (on_done == nullptr) return task.refuse(LW_INVALID, "run.invalid", "the trigger has no callback");
  Result<RunTrigger> asked = trigger_of(text_of(request_json));
  if (!asked) return task.refuse(LW_INVALID, asked.error().code, asked.error().message);
  if (asked->wait) task.only_waits();
  auto pending = std::make_shared<Pending>(task.shared_from_this(), asked->wait, on_done, arg);
  if (MustNotBlock::here()) {  // a DAG's file is about to be read
    task.services().callee_threads.run([pending, run = std::move(asked).value()] { pending->start(run); });
  } else {
    pending->start(std::move(asked).value());
  }
  return LW_OK;
}

Result<RunStatesQuery> query_of(Json query) {
  RunStatesQuery asked;
  for (const Json task_id : query["task_ids"]) asked.task_ids.emplace_back(task_id.string());
  if (const Json run_id = query["run_id"]) {
    asked.run_id = run_id.string();
    return asked;
  }
  const Result<Timestamp> at = parse_timestamp(query["logical_date"].string());
  if (!at) return invalid("logical_date: " + at.error().message);
  asked.dag_id = query["dag_id"].string();
  asked.logical_date = *at;
  return asked;
}

std::string json_of(const std::optional<RunStates>& states) {
  if (!states) return R"({"run_id":null,"state":null,"tasks":{}})";
  JsonWriter out;
  out.begin_object().member("run_id", states->run_id).member("state", to_string(states->state));
  out.key("tasks").begin_object();
  for (const auto& [task_id, instances] : states->tasks) {
    out.key(task_id).begin_array();
    for (const TaskState instance : instances) out.string(to_string(instance));
    out.end_array();
  }
  out.end_object().end_object();
  return out.take();
}

lw_code task_states(lw_task* c_task, lw_str query_json, const lw_buf** out) {
  static const std::shared_ptr<const JsonSchema> schema = compiled(kQuerySchema);
  HostTask& task = HostTask::of(c_task);
  if (task.services().runs == nullptr) return no_runs(task);
  if (out == nullptr) return task.refuse(LW_INVALID, "run.invalid", "there is no place for the answer");
  const auto query = checked(text_of(query_json), *schema);
  if (!query) return task.refuse(LW_INVALID, query.error().code, query.error().message);
  const Result<RunStatesQuery> asked = query_of((*query)->root());
  if (!asked) return task.refuse(LW_INVALID, asked.error().code, asked.error().message);
  const auto states = task.services().runs->states(task.attempt()->call(), *asked);
  if (!states) return task.refuse(LW_FAIL, states.error().code, states.error().message);
  *out = buffer_of(Value{json_of(*states)});
  return LW_OK;
}

}  // namespace

const lw_run kRunService = {sizeof(lw_run), 0, trigger, task_states};

}  // namespace leeward
