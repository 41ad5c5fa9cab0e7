#include "core/observe/run_report.hpp"

#include <algorithm>
#include <span>

#include "core/base/json.hpp"
#include "core/base/time_format.hpp"

namespace leeward {
namespace {

void write_time(JsonWriter& out, std::string_view name, const std::optional<Timestamp>& at) {
  out.key(name);
  if (at) {
    out.string(format_timestamp(*at));
  } else {
    out.null();
  }
}

void write_count(JsonWriter& out, std::string_view name, std::int64_t count) {
  out.key(name);
  if (count < 0) {
    out.null();  // the server did not say
  } else {
    out.integer(count);
  }
}

void write_error(JsonWriter& out, const TaskRecord& task) {
  out.key("error");
  if (!task.outcome || !task.outcome->error || task.outcome->kind == OutcomeKind::success) {
    out.null();
    return;
  }
  const TaskError& error = *task.outcome->error;
  out.begin_object().member("code", error.code).member("message", error.message);
  out.key("retryable").boolean(error.retryable);
  out.key("details");
  if (!error.details.empty()) {
    out.raw(error.details);
  } else if (error.http_status != 0) {
    out.begin_object().member("http_status", error.http_status).end_object();
  } else {
    out.begin_object().end_object();
  }
  out.end_object();
}

struct UsageSum {
  std::int64_t requests = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t possible_duplicates = 0;
};

/// `requests` counts what went out, answered or not. Tokens that a server did not tell count as none.
void add_up(UsageSum& sum, const TaskRecord& task) {
  for (const ModelCall& call : task.model_calls) {
    ++sum.requests;
    sum.input_tokens += std::max<std::int64_t>(call.input_tokens, 0);
    sum.output_tokens += std::max<std::int64_t>(call.output_tokens, 0);
  }
  sum.possible_duplicates += task.possible_duplicates;
}

void write_sum(JsonWriter& out, const UsageSum& sum) {
  out.member("requests", sum.requests);
  out.member("input_tokens", sum.input_tokens);
  out.member("output_tokens", sum.output_tokens);
  out.member("possible_duplicates", sum.possible_duplicates);
  out.key("cost_usd").null();
}

/// The model that gave the answer, as it names itself; null if none did.
void write_answering_model(JsonWriter& out, std::span<const ModelCall> calls) {
  out.key("model");
  for (std::size_t i = calls.size(); i-- > 0;) {
    const ModelCall& call = calls[i];
    if (!call.error.empty()) continue;
    out.string(call.response_model.empty() ? call.model : call.response_model);
    return;
  }
  out.null();
}

void write_call(JsonWriter& out, const ModelCall& call) {
  out.begin_object().member("model", call.model);
  out.key("http_status");
  if (call.http_status == 0) {
    out.null();
  } else {
    out.integer(call.http_status);
  }
  out.key("error");
  if (call.error.empty()) {
    out.null();
  } else {
    out.string(call.error);
  }
  write_count(out, "input_tokens", call.input_tokens);
  write_count(out, "output_tokens", call.output_tokens);
  out.member("duration_ms", call.duration_ms).end_object();
}

void write_task_usage(JsonWriter& out, const TaskRecord& task) {
  const std::span<const ModelCall> calls = task.model_calls;
  out.key("usage");
  if (calls.empty() && task.possible_duplicates == 0) {
    out.null();
    return;
  }
  UsageSum sum;
  add_up(sum, task);
  out.begin_object();
  write_sum(out, sum);
  write_answering_model(out, calls);
  out.key("calls").begin_array();
  for (const ModelCall& call : calls) write_call(out, call);
  out.end_array().end_object();
}

void write_task(JsonWriter& out, const TaskRecord& task) {
  out.begin_object();
  out.member("task_id", task.task_id).member("map_index", task.map_index).member("operator", task.operator_name);
  out.member("state", to_string(task.state)).member("attempts", task.attempts);
  write_time(out, "started_at", task.started_at);
  write_time(out, "ended_at", task.ended_at);
  out.key("output");
  if (task.state == TaskState::success && task.outcome) {
    out.raw(task.outcome->value.json());
  } else {
    out.null();
  }
  write_error(out, task);
  write_task_usage(out, task);
  out.end_object();
}

}  // namespace

std::string run_report_json(const RunRecord& record) {
  JsonWriter out;
  out.begin_object();
  out.member("run_id", record.info.run_id).member("dag_id", record.info.dag_id);
  out.member("state", to_string(record.state)).member("logical_date", format_timestamp(record.info.logical_date));
  write_time(out, "started_at", record.started_at);
  write_time(out, "ended_at", record.ended_at);
  out.key("end_reason");
  if (record.end_reason == RunEndReason::none) {
    out.null();
  } else {
    out.string(to_string(record.end_reason));
  }
  out.key("tasks").begin_array();
  UsageSum sum;
  for (const TaskRecord& task : record.tasks) {
    write_task(out, task);
    add_up(sum, task);
  }
  out.end_array();
  out.key("context").begin_object();
  for (const auto& [key, value] : record.context) out.key(key).raw(value.json());
  out.end_object();
  out.key("usage").begin_object();
  write_sum(out, sum);
  out.end_object().end_object();
  return out.take();
}

}  // namespace leeward
