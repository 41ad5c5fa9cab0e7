#include "host/runner/messages.hpp"

#include <chrono>
#include <concepts>
#include <type_traits>

#include "core/base/json.hpp"
#include "host/runner/frame.hpp"

// Each message has one list of its fields, which writes it and reads it: what is read is what was written, in the same
// order. What a field is called by says what it is held to when it is read, for whatever comes from a runner is a
// stranger's:
//
//   text    for people and names: made UTF-8, cut at kMaxTextBytes
//   bytes   anything that the frame holds; whoever takes it checks it
//   json    the same, as a value
//   object  a JSON object, or the reader fails

namespace leeward {
namespace {

constexpr std::uint32_t kMost = 100'000;  ///< of anything in one list

/// A message to be written, or to be read into.
template <class Given, class Message>
concept Is = std::same_as<std::remove_const_t<Given>, Message>;

bool is_object(const Value& json) {
  return is_json(json.json(), {kMaxFrameBytes, kMaxFrameBytes, JsonLimits{}.max_depth}) &&
         JsonDocument::of(json)->root().is_object();
}

class Written {
 public:
  explicit Written(WireWriter& out) : out_(out) {}

  template <class Number>
  Written& number(const Number& value) {
    return out_.number(value), *this;
  }
  template <class Enum>
  Written& one_of(const Enum& value, Enum /*last*/) {
    return out_.number(value), *this;
  }
  Written& truth(const bool& value) { return out_.truth(value), *this; }
  Written& text(const std::string& value) { return out_.text(value), *this; }
  Written& bytes(const std::string& value) { return out_.text(value), *this; }
  Written& json(const Value& value) { return out_.value(value), *this; }
  Written& object(const Value& value) { return out_.value(value), *this; }
  Written& object_or_nothing(const std::string& value) { return out_.text(value), *this; }
  Written& instant(const Timestamp& at) { return out_.number(at.unix_ns), *this; }
  template <class Rep, class Period>
  Written& duration(const std::chrono::duration<Rep, Period>& value) {
    return out_.number(std::int64_t{value.count()}), *this;
  }
  /// Each thing's fields by `fields(*this, thing)`.
  template <class Thing, class Fields>
  Written& maybe(const std::optional<Thing>& thing, Fields fields) {
    out_.truth(thing.has_value());
    if (thing) fields(*this, *thing);
    return *this;
  }
  template <class List, class Fields>
  Written& list(const List& list, Fields fields, std::uint32_t /*most*/ = kMost) {
    out_.number(static_cast<std::uint32_t>(list.size()));
    for (const auto& one : list) fields(*this, one);
    return *this;
  }

 private:
  WireWriter& out_;
};

class Read {
 public:
  explicit Read(WireReader& in) : in_(in) {}

  template <class Number>
  Read& number(Number& value) {
    return value = in_.number<Number>(), *this;
  }
  template <class Enum>
  Read& one_of(Enum& value, Enum last) {
    return value = in_.one_of(last), *this;
  }
  Read& truth(bool& value) { return value = in_.truth(), *this; }
  Read& text(std::string& value) { return value = clean_text(in_.text()), *this; }
  Read& bytes(std::string& value) { return value = in_.string(), *this; }
  Read& json(Value& value) { return value = in_.value(), *this; }
  Read& object(Value& value) {
    value = in_.value();
    if (!is_object(value)) in_.fail();
    return *this;
  }
  Read& object_or_nothing(std::string& value) {
    const Value json = in_.value();
    value = json.json();
    if (!value.empty() && !is_object(json)) in_.fail();
    return *this;
  }
  Read& instant(Timestamp& at) { return number(at.unix_ns); }
  template <class Rep, class Period>
  Read& duration(std::chrono::duration<Rep, Period>& value) {
    return value = std::chrono::duration<Rep, Period>{in_.number<std::int64_t>()}, *this;
  }
  template <class Thing, class Fields>
  Read& maybe(std::optional<Thing>& thing, Fields fields) {
    if (in_.truth()) fields(*this, thing.emplace());
    return *this;
  }
  template <class Thing, class Fields>
  Read& list(std::vector<Thing>& list, Fields fields, std::uint32_t most = kMost) {
    in_.list(most, [&](WireReader&) { fields(*this, list.emplace_back()); });
    return *this;
  }
  template <class Fields>
  Read& list(std::map<std::string, std::string>& map, Fields fields) {
    in_.list(kMost, [&](WireReader&) {
      std::pair<std::string, std::string> one;
      fields(*this, one);
      map.insert(std::move(one));
    });
    return *this;
  }

 private:
  WireReader& in_;
};

// ---- the fields ----

constexpr auto as_text = [](auto& a, auto& one) { a.text(one); };
constexpr auto as_json = [](auto& a, auto& one) { a.json(one); };
constexpr auto as_instant = [](auto& a, auto& one) { a.instant(one); };
constexpr auto as_duration = [](auto& a, auto& one) { a.duration(one); };
constexpr auto as_span = [](auto& a, auto& one) { a.instant(one.first).instant(one.second); };
constexpr auto as_two_bytes = [](auto& a, auto& one) { a.bytes(one.first).bytes(one.second); };
constexpr auto as_named_json = [](auto& a, auto& one) { a.bytes(one.first).json(one.second); };
constexpr auto as_fields = [](auto& a, auto& one) { fields(a, one); };

void fields(auto& a, Is<HelloMessage> auto& hello) {
  a.number(hello.version).bytes(hello.build).bytes(hello.plugin_file).bytes(hello.limits_json);
  a.number(hello.least_log_level).list(hello.settings, as_two_bytes);
}

void fields(auto& a, Is<ReadyMessage> auto& ready) { a.number(ready.operators).list(ready.gaps, as_text); }

void fields(auto& a, Is<RunInfo> auto& run) {
  a.bytes(run.run_id).bytes(run.dag_id).instant(run.logical_date).bytes(run.run_type);
  a.maybe(run.data_interval, as_span).maybe(run.latest_window, as_span);
}

void fields(auto& a, Is<Task> auto& task) {
  a.bytes(task.id).list(task.opened, [](auto& each, auto& read) { each.bytes(read.name); });
}

void fields(auto& a, Is<TaskCall> auto& call) {
  a.number(call.map_index).number(call.try_number).number(call.max_tries).number(call.reschedules);
  a.duration(call.waited).json(call.params).list(call.context, as_named_json).maybe(call.answer, as_json);
}

void fields(auto& a, Is<TaskError> auto& error) {
  a.text(error.code).text(error.message).truth(error.retryable).number(error.http_status);
  a.object_or_nothing(error.details);
}

void fields(auto& a, Is<ModelCall> auto& call) {
  a.text(call.provider).text(call.model).text(call.response_model).text(call.error).number(call.http_status);
  a.number(call.input_tokens).number(call.output_tokens).number(call.duration_ms);
}

/// But what it asks a person.
void fields(auto& a, Is<TaskOutcome> auto& outcome) {
  a.one_of(outcome.kind, OutcomeKind::timed_out).json(outcome.value).maybe(outcome.error, as_fields);
  a.maybe(outcome.branch, [](auto& some, auto& ids) { some.list(ids, as_text); });
  a.one_of(outcome.skip_downstream, SkipDownstream::all).maybe(outcome.retry_after, as_duration);
  a.list(outcome.model_calls, as_fields);
}

void fields(auto& a, Is<Error> auto& error) { a.text(error.code).text(error.message); }

void fields(auto& a, Is<HttpAsk> auto& ask) {
  auto& request = ask.request;
  a.truth(ask.paid).truth(ask.idempotency_key).text(ask.connection_id).bytes(ask.headers_json);
  a.text(request.method).bytes(request.url).duration(request.connect_timeout).duration(request.first_byte_timeout);
  a.duration(request.idle_timeout).duration(request.total_timeout).number(request.max_body_bytes).bytes(request.body);
}

void fields(auto& a, Is<HttpResponse> auto& response) {
  a.number(response.status).bytes(response.error).bytes(response.message);
  a.list(response.headers, as_two_bytes).bytes(response.body);
}

void fields(auto& a, Is<CalleeMessage> auto& callee) { a.truth(callee.callable).text(callee.name).json(callee.params); }

void fields(auto& a, Is<RunTrigger> auto& trigger) {
  a.text(trigger.dag).object(trigger.conf).object(trigger.params).maybe(trigger.logical_date, as_instant);
  a.text(trigger.run_id).truth(trigger.wait);
}

void fields(auto& a, Is<TriggeredRun> auto& run) {
  a.bytes(run.run_id).bytes(run.dag_id).one_of(run.state, RunState::canceled);
}

void fields(auto& a, Is<RunStatesQuery> auto& query) {
  a.text(query.run_id).text(query.dag_id).instant(query.logical_date).list(query.task_ids, as_text);
}

/// The host's word: as many as there are.
void fields(auto& a, Is<RunStates> auto& run) {
  constexpr auto as_state = [](auto& one, auto& state) { one.one_of(state, TaskState::lost); };
  constexpr auto as_task = [as_state](auto& each, auto& task) {
    each.bytes(task.first).list(task.second, as_state, UINT32_MAX);
  };
  a.bytes(run.run_id).one_of(run.state, RunState::canceled).list(run.tasks, as_task, UINT32_MAX);
}

template <class Message>
void write(WireWriter& out, const Message& message) {
  Written written{out};
  fields(written, message);
}

template <class Message>
Message read(WireReader& in) {
  Message message;
  Read into{in};
  fields(into, message);
  return message;
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

void write_hello(WireWriter& out, const HelloMessage& hello) { write(out, hello); }
HelloMessage read_hello(WireReader& in) { return read<HelloMessage>(in); }
void write_ready(WireWriter& out, const ReadyMessage& ready) { write(out, ready); }
ReadyMessage read_ready(WireReader& in) { return read<ReadyMessage>(in); }
void write_error(WireWriter& out, const Error& error) { write(out, error); }
Error read_error(WireReader& in) { return read<Error>(in); }
void write_http_response(WireWriter& out, const HttpResponse& response) { write(out, response); }
HttpResponse read_http_response(WireReader& in) { return read<HttpResponse>(in); }
void write_callee(WireWriter& out, const CalleeMessage& callee) { write(out, callee); }
CalleeMessage read_callee(WireReader& in) { return read<CalleeMessage>(in); }
void write_trigger(WireWriter& out, const RunTrigger& trigger) { write(out, trigger); }
RunTrigger read_trigger(WireReader& in) { return read<RunTrigger>(in); }
void write_query(WireWriter& out, const RunStatesQuery& query) { write(out, query); }
RunStatesQuery read_query(WireReader& in) { return read<RunStatesQuery>(in); }

// ---- what is not one value ----

void write_start(WireWriter& out, std::uint32_t op, int depth, const TaskCall& call) {
  out.number(op).number(static_cast<std::int32_t>(depth));
  write(out, *call.run);
  out.maybe(call.task, [](WireWriter& w, const Task& task) { write(w, task); });
  write(out, call);
}

StartMessage read_start(WireReader& in, std::uint64_t attempt) {
  StartMessage start;
  start.op = in.number<std::uint32_t>();
  start.depth = in.number<std::int32_t>();
  auto run = std::make_shared<const RunInfo>(read<RunInfo>(in));
  start.task = std::make_shared<RunnerTask>();
  start.task->attempt = attempt;
  if (in.truth()) static_cast<Task&>(*start.task) = read<Task>(in);
  start.call = read<TaskCall>(in);
  start.call.run = std::move(run);
  start.call.task = start.task.get();
  return start;
}

void write_outcome(WireWriter& out, const TaskOutcome& outcome) {
  write(out, outcome);
  out.maybe(outcome.input, [](WireWriter& w, const InputRequest& input) { w.value(input.json()); });
}

TaskOutcome read_outcome(WireReader& in) {
  auto outcome = read<TaskOutcome>(in);
  if (!is_json(outcome.value.json(), {kMaxResultBytes, kMaxResultBytes, JsonLimits{}.max_depth})) in.fail();
  if (!in.truth()) return outcome;
  const Value json = in.value();
  auto input = is_object(json) ? InputRequest::parse(json) : Error{};
  if (!input) return in.fail(), outcome;
  outcome.input = std::make_shared<const InputRequest>(std::move(input).value());
  return outcome;
}

void write_http_ask(WireWriter& out, const HttpAsk& ask, bool chunks) { write(out.truth(chunks), ask); }

std::pair<HttpAsk, bool> read_http_ask(WireReader& in) {
  const bool chunks = in.truth();
  auto ask = read<HttpAsk>(in);
  HttpRequest& request = ask.request;
  for (auto* timeout :
       {&request.connect_timeout, &request.first_byte_timeout, &request.idle_timeout, &request.total_timeout})
    *timeout = std::chrono::milliseconds{timeout->count() & 0xffffffff};
  return {std::move(ask), chunks};
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

void write_triggered(WireWriter& out, const Result<TriggeredRun>& run) {
  out.truth(run.ok());
  run ? write(out, *run) : write(out, run.error());
}

Result<TriggeredRun> read_triggered(WireReader& in) {
  if (!in.truth()) return read<Error>(in);
  return read<TriggeredRun>(in);
}

void write_states(WireWriter& out, const std::optional<RunStates>& states) {
  out.maybe(states, [](WireWriter& w, const RunStates& run) { write(w, run); });
}

std::optional<RunStates> read_states(WireReader& in) {
  if (!in.truth()) return std::nullopt;
  return read<RunStates>(in);
}

}  // namespace leeward
