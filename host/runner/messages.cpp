#include "host/runner/messages.hpp"

#include "core/base/json.hpp"
#include "host/runner/frame.hpp"

namespace leeward {
namespace {

constexpr std::uint32_t kMost = 100'000;  ///< of anything in one list

using Span = std::pair<Timestamp, Timestamp>;

void write_span(WireWriter& out, const Span& span) { out.number(span.first.unix_ns).number(span.second.unix_ns); }

Span read_span(WireReader& in) {
  Span span;
  span.first.unix_ns = in.number<std::int64_t>();
  span.second.unix_ns = in.number<std::int64_t>();
  return span;
}

void write_text(WireWriter& out, std::string_view text) { out.text(text); }
void write_value(WireWriter& out, const Value& value) { out.value(value); }

bool is_object(const Value& json) {
  return is_json(json.json(), {kMaxFrameBytes, kMaxFrameBytes, JsonLimits{}.max_depth}) &&
         JsonDocument::of(json)->root().is_object();
}

Value read_object(WireReader& in) {
  Value json = in.value();
  if (!is_object(json)) in.fail();
  return json;
}

}  // namespace

std::string clean_text(std::string_view text) {
  if (text.size() > kMaxTextBytes) text = utf8_prefix(text.substr(0, kMaxTextBytes + 4), kMaxTextBytes);
  if (is_utf8(text)) return std::string{text};
  std::string clean;
  while (!text.empty()) {
    const std::size_t n = utf8_sequence(text);
    n > 0 ? clean.append(text.substr(0, n)) : clean.append("\xEF\xBF\xBD");
    text.remove_prefix(n > 0 ? n : 1);
  }
  return clean;
}

// ---- the beginning ----

void write_hello(WireWriter& out, const HelloMessage& hello) {
  out.number(hello.version).text(hello.build).text(hello.plugin_file).text(hello.limits_json);
  out.number(hello.least_log_level);
  out.list(hello.settings, [](WireWriter& w, const auto& one) { w.text(one.first).text(one.second); });
}

HelloMessage read_hello(WireReader& in) {
  HelloMessage hello;
  hello.version = in.number<std::uint32_t>();
  hello.build = in.string();
  hello.plugin_file = in.string();
  hello.limits_json = in.string();
  hello.least_log_level = in.number<std::int32_t>();
  in.list(kMost, [&](WireReader& r) {
    std::string name = r.string();
    hello.settings.emplace(std::move(name), r.string());
  });
  return hello;
}

void write_ready(WireWriter& out, const ReadyMessage& ready) {
  out.number(ready.operators).list(ready.gaps, write_text);
}

ReadyMessage read_ready(WireReader& in) {
  ReadyMessage ready;
  ready.operators = in.number<std::uint32_t>();
  in.list(kMost, [&](WireReader& r) { ready.gaps.push_back(clean_text(r.text())); });
  return ready;
}

// ---- attempts ----

void write_start(WireWriter& out, std::uint32_t op, int depth, const TaskCall& call) {
  out.number(op).number(static_cast<std::int32_t>(depth));
  const RunInfo& run = *call.run;
  out.text(run.run_id).text(run.dag_id).number(run.logical_date.unix_ns).text(run.run_type);
  out.maybe(run.data_interval, write_span).maybe(run.latest_window, write_span);
  out.maybe(call.task, [](WireWriter& w, const Task& task) {
    w.text(task.id).list(task.opened, [](WireWriter& each, const ContextRead& read) { each.text(read.name); });
  });
  out.number(static_cast<std::int32_t>(call.map_index)).number(static_cast<std::int32_t>(call.try_number));
  out.number(static_cast<std::int32_t>(call.max_tries)).number(static_cast<std::int32_t>(call.reschedules));
  out.number(std::int64_t{call.waited.count()}).value(call.params);
  out.list(call.context, [](WireWriter& w, const auto& key) { w.text(key.first).value(key.second); });
  out.maybe(call.answer, write_value);
}

StartMessage read_start(WireReader& in, std::uint64_t attempt) {
  StartMessage start;
  start.op = in.number<std::uint32_t>();
  start.depth = in.number<std::int32_t>();
  auto run = std::make_shared<RunInfo>();
  run->run_id = in.string();
  run->dag_id = in.string();
  run->logical_date.unix_ns = in.number<std::int64_t>();
  run->run_type = in.string();
  run->data_interval = in.maybe(read_span);
  run->latest_window = in.maybe(read_span);
  start.task = std::make_shared<RunnerTask>();
  start.task->attempt = attempt;
  if (in.truth()) {
    start.task->id = in.string();
    in.list(kMost, [&](WireReader& r) { start.task->opened.push_back({r.string(), {}}); });
  }
  TaskCall& call = start.call;
  call.run = std::move(run);
  call.task = start.task.get();
  call.map_index = in.number<std::int32_t>();
  call.try_number = in.number<std::int32_t>();
  call.max_tries = in.number<std::int32_t>();
  call.reschedules = in.number<std::int32_t>();
  call.waited = Duration{in.number<std::int64_t>()};
  call.params = in.value();
  in.list(kMost, [&](WireReader& r) {
    std::string key = r.string();
    call.context.emplace_back(std::move(key), r.value());
  });
  call.answer = in.maybe([](WireReader& r) { return r.value(); });
  return start;
}

namespace {

void write_task_error(WireWriter& out, const TaskError& error) {
  out.text(error.code).text(error.message).truth(error.retryable);
  out.number(static_cast<std::int32_t>(error.http_status)).text(error.details);
}

TaskError read_task_error(WireReader& in) {
  TaskError error;
  error.code = clean_text(in.text());
  error.message = clean_text(in.text());
  error.retryable = in.truth();
  error.http_status = in.number<std::int32_t>();
  const Value details = in.value();
  error.details = details.json();
  if (!error.details.empty() && !is_object(details)) in.fail();
  return error;
}

void write_model_call(WireWriter& out, const ModelCall& call) {
  out.text(call.provider).text(call.model).text(call.response_model).text(call.error);
  out.number(static_cast<std::int32_t>(call.http_status)).number(call.input_tokens).number(call.output_tokens);
  out.number(call.duration_ms);
}

ModelCall read_model_call(WireReader& in) {
  ModelCall call;
  call.provider = clean_text(in.text());
  call.model = clean_text(in.text());
  call.response_model = clean_text(in.text());
  call.error = clean_text(in.text());
  call.http_status = in.number<std::int32_t>();
  call.input_tokens = in.number<std::int64_t>();
  call.output_tokens = in.number<std::int64_t>();
  call.duration_ms = in.number<std::int64_t>();
  return call;
}

std::shared_ptr<const InputRequest> read_input(WireReader& in) {
  const Value json = in.value();
  if (!is_object(json)) return in.fail(), nullptr;
  auto request = InputRequest::parse(json);
  if (!request) return in.fail(), nullptr;
  return std::make_shared<const InputRequest>(std::move(request).value());
}

}  // namespace

void write_outcome(WireWriter& out, const TaskOutcome& outcome) {
  out.number(outcome.kind).value(outcome.value).maybe(outcome.error, write_task_error);
  out.maybe(outcome.branch, [](WireWriter& w, const auto& ids) { w.list(ids, write_text); });
  out.number(outcome.skip_downstream);
  out.maybe(outcome.input, [](WireWriter& w, const InputRequest& input) { w.value(input.json()); });
  out.maybe(outcome.retry_after, [](WireWriter& w, Duration after) { w.number(std::int64_t{after.count()}); });
  out.list(outcome.model_calls, write_model_call);
}

TaskOutcome read_outcome(WireReader& in) {
  TaskOutcome outcome;
  outcome.kind = in.one_of(OutcomeKind::timed_out);
  outcome.value = in.value();
  if (!is_json(outcome.value.json(), {kMaxResultBytes, kMaxResultBytes, JsonLimits{}.max_depth})) in.fail();
  outcome.error = in.maybe(read_task_error);
  outcome.branch = in.maybe([](WireReader& r) {
    std::vector<std::string> ids;
    r.list(kMost, [&](WireReader& each) { ids.push_back(clean_text(each.text())); });
    return ids;
  });
  outcome.skip_downstream = in.one_of(SkipDownstream::all);
  if (in.truth()) outcome.input = read_input(in);
  outcome.retry_after = in.maybe([](WireReader& r) { return Duration{r.number<std::int64_t>()}; });
  in.list(kMost, [&](WireReader& r) { outcome.model_calls.push_back(read_model_call(r)); });
  return outcome;
}

void write_error(WireWriter& out, const Error& error) { out.text(error.code).text(error.message); }

Error read_error(WireReader& in) {
  Error error;
  error.code = clean_text(in.text());
  error.message = clean_text(in.text());
  return error;
}

// ---- services ----

void write_http_ask(WireWriter& out, const HttpAsk& ask, bool chunks) {
  const HttpRequest& request = ask.request;
  out.truth(chunks)
      .truth(ask.paid)
      .truth(ask.idempotency_key)
      .text(ask.connection_id)
      .text(ask.headers_json)
      .text(request.method)
      .text(request.url);
  for (const auto timeout :
       {request.connect_timeout, request.first_byte_timeout, request.idle_timeout, request.total_timeout})
    out.number(std::int64_t{timeout.count()});
  out.number(request.max_body_bytes).text(request.body);
}

std::pair<HttpAsk, bool> read_http_ask(WireReader& in) {
  HttpAsk ask;
  const bool chunks = in.truth();
  ask.paid = in.truth();
  ask.idempotency_key = in.truth();
  ask.connection_id = clean_text(in.text());
  ask.headers_json = in.string();
  HttpRequest& request = ask.request;
  request.method = clean_text(in.text());
  request.url = in.string();
  for (auto* timeout :
       {&request.connect_timeout, &request.first_byte_timeout, &request.idle_timeout, &request.total_timeout})
    *timeout = std::chrono::milliseconds{static_cast<std::int64_t>(in.number<std::int64_t>() & 0xffffffff)};
  request.max_body_bytes = in.number<std::uint64_t>();
  request.body = in.string();
  return {std::move(ask), chunks};
}

void write_http_response(WireWriter& out, const HttpResponse& response) {
  out.number(static_cast<std::int32_t>(response.status)).text(response.error).text(response.message);
  out.list(response.headers, [](WireWriter& w, const auto& header) { w.text(header.first).text(header.second); });
  out.text(response.body);
}

HttpResponse read_http_response(WireReader& in) {
  HttpResponse response;
  response.status = in.number<std::int32_t>();
  response.error = in.string();
  response.message = in.string();
  in.list(kMost, [&](WireReader& r) {
    std::string name = r.string();
    response.headers.emplace_back(std::move(name), r.string());
  });
  response.body = in.string();
  return response;
}

void write_callee(WireWriter& out, const CalleeMessage& callee) {
  out.truth(callee.callable).text(callee.name).value(callee.params);
}

CalleeMessage read_callee(WireReader& in) {
  CalleeMessage callee;
  callee.callable = in.truth();
  callee.name = clean_text(in.text());
  callee.params = in.value();
  return callee;
}

void write_operator_info(WireWriter& out, const OperatorInfo& info) {
  out.text(info.name).text(info.plugin).truth(info.traits.async).truth(info.traits.inline_execution);
  out.text(info.params_schema ? info.params_schema->document().root().text() : std::string_view{});
}

std::unique_ptr<OperatorInfo> read_operator_info(WireReader& in) {
  auto info = std::make_unique<OperatorInfo>();
  info->name = in.string();
  info->plugin = in.string();
  info->traits.async = in.truth();
  info->traits.inline_execution = in.truth();
  const std::string schema = in.string();
  if (!in.ok() || schema.empty()) return info;
  const auto document = JsonDocument::parse(schema, "params_schema");
  const auto compiled = document ? JsonSchema::compile(*document) : document.error();
  if (compiled) info->params_schema = *compiled;  // the host has compiled it before
  return info;
}

void write_trigger(WireWriter& out, const RunTrigger& trigger) {
  out.text(trigger.dag).value(trigger.conf).value(trigger.params);
  out.maybe(trigger.logical_date, [](WireWriter& w, Timestamp at) { w.number(at.unix_ns); });
  out.text(trigger.run_id).truth(trigger.wait);
}

RunTrigger read_trigger(WireReader& in) {
  RunTrigger trigger;
  trigger.dag = clean_text(in.text());
  trigger.conf = read_object(in);
  trigger.params = read_object(in);
  trigger.logical_date = in.maybe([](WireReader& r) { return Timestamp{r.number<std::int64_t>()}; });
  trigger.run_id = clean_text(in.text());
  trigger.wait = in.truth();
  return trigger;
}

void write_triggered(WireWriter& out, const Result<TriggeredRun>& run) {
  out.truth(run.ok());
  if (!run) return write_error(out, run.error());
  out.text(run->run_id).text(run->dag_id).number(run->state);
}

Result<TriggeredRun> read_triggered(WireReader& in) {
  if (!in.truth()) return read_error(in);
  TriggeredRun run;
  run.run_id = in.string();
  run.dag_id = in.string();
  run.state = in.one_of(RunState::canceled);
  return run;
}

void write_query(WireWriter& out, const RunStatesQuery& query) {
  out.text(query.run_id).text(query.dag_id).number(query.logical_date.unix_ns).list(query.task_ids, write_text);
}

RunStatesQuery read_query(WireReader& in) {
  RunStatesQuery query;
  query.run_id = clean_text(in.text());
  query.dag_id = clean_text(in.text());
  query.logical_date.unix_ns = in.number<std::int64_t>();
  in.list(kMost, [&](WireReader& r) { query.task_ids.push_back(clean_text(r.text())); });
  return query;
}

void write_states(WireWriter& out, const std::optional<RunStates>& states) {
  out.maybe(states, [](WireWriter& w, const RunStates& run) {
    w.text(run.run_id).number(run.state);
    w.list(run.tasks, [](WireWriter& each, const auto& task) {
      each.text(task.first).list(task.second, [](WireWriter& one, TaskState state) { one.number(state); });
    });
  });
}

std::optional<RunStates> read_states(WireReader& in) {
  if (!in.truth()) return std::nullopt;
  RunStates run;
  run.run_id = in.string();
  run.state = in.one_of(RunState::canceled);
  in.list(UINT32_MAX, [&](WireReader& r) {
    auto& task = run.tasks.emplace_back();
    task.first = r.string();
    r.list(UINT32_MAX, [&](WireReader& one) { task.second.push_back(one.one_of(TaskState::lost)); });
  });
  return run;
}

}  // namespace leeward
