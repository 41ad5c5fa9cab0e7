#include "host/observe/run_log.hpp"

#include <string>

#include "core/model/instance_name.hpp"

namespace leeward {
namespace {

const char* key_of(CallbackMoment moment) {
  switch (moment) {
    case CallbackMoment::execute: return "on_execute";
    case CallbackMoment::success: return "on_success";
    case CallbackMoment::failure: return "on_failure";
    case CallbackMoment::retry: return "on_retry";
    case CallbackMoment::skipped: return "on_skipped";
  }
  return "callback";
}

std::string end_of_run(const Event& event) {
  std::string text = "run ended: " + std::string{to_string(event.run_state)};
  if (event.end_reason != RunEndReason::none) text += " (" + std::string{to_string(event.end_reason)} + ")";
  return text;
}

}  // namespace

void RunLog::on_events(const RunInfo& run, const Dag& dag, std::span<const Event> events) {
  const std::string who = run.dag_id + " " + run.run_id;
  for (const Event& event : events) {
    if (event.kind == EventKind::run_started) {
      log_.line(LogLevel::info, who, "run started");
    } else if (event.kind == EventKind::run_finished) {
      log_.line(event.run_state == RunState::success ? LogLevel::info : LogLevel::warn, who, end_of_run(event));
    } else if (event.kind == EventKind::task_transition && event.to == TaskState::failed) {
      std::string text = instance_name(dag.task(event.task).id, event.map_index) + " failed";
      if (event.outcome && event.outcome->error) {
        text += ": " + event.outcome->error->code + ": " + event.outcome->error->message;
      }
      log_.line(LogLevel::warn, who, text);
    }
  }
}

void RunLog::on_callback_failed(const RunInfo& run, std::string_view task_id, CallbackMoment moment,
                                const TaskError& error) {
  const std::string who = run.dag_id + " " + run.run_id + (task_id.empty() ? "" : " ") + std::string{task_id};
  log_failed_callback(log_, who, moment, error);
}

void RunLog::on_log(const TaskCall& call, LogLevel level, std::string_view message, std::string_view fields_json) {
  if (!log_.enabled(level)) return;
  const std::string task = call.task == nullptr ? "task" : instance_name(call.task->id, call.map_index);
  log_.line(level, call.run->dag_id + " " + call.run->run_id + " " + task, message, fields_json);
}

void log_failed_callback(Log& log, std::string_view who, CallbackMoment moment, const TaskError& error) {
  log.line(LogLevel::warn, who,
           std::string{"its "} + key_of(moment) + " callback failed: " + error.code + ": " + error.message);
}

}  // namespace leeward
