// What an attempt was given, as host_task.hpp offers it to the plugin, and the C functions in front of all of it.

#include <optional>
#include <utility>

#include "core/base/time_format.hpp"
#include "host/plugin/host_task.hpp"

namespace leeward {
namespace {

using Span = std::pair<Timestamp, Timestamp>;

std::string end_of(const std::optional<Span>& span, Timestamp Span::*end) {
  return span ? format_timestamp((*span).*end) : std::string{};
}

std::string computed_fact(const TaskCall& call, const OperatorInfo& info, std::string_view key) {
  if (key == "dag_id") return call.run->dag_id;
  if (key == "run_id") return call.run->run_id;
  if (key == "task_id") return call.task != nullptr ? call.task->id : std::string{};
  if (key == "operator") return info.name;
  if (key == "map_index") return std::to_string(call.map_index);
  if (key == "try_number") return std::to_string(call.try_number);
  if (key == "max_tries") return std::to_string(call.max_tries);
  if (key == "logical_date") return format_timestamp(call.run->logical_date);
  if (key == "idempotency_key") return call.idempotency_key();
  if (key == "run_type") return call.run->run_type;
  if (key == "data_interval_start") return end_of(call.run->data_interval, &Span::first);
  if (key == "data_interval_end") return end_of(call.run->data_interval, &Span::second);
  if (key == "latest_window_start") return end_of(call.run->latest_window, &Span::first);
  if (key == "latest_window_end") return end_of(call.run->latest_window, &Span::second);
  return {};
}

}  // namespace

lw_str HostTask::fact(std::string_view key) {
  const std::lock_guard lock{mutex_};
  auto at = facts_.find(key);
  if (at == facts_.end()) {
    std::string text = computed_fact(attempt_->call(), info_, key);
    if (text.empty()) return {nullptr, 0};
    at = facts_.emplace(key, std::move(text)).first;
  }
  return lend(at->second);
}

/// REQUIRES: mutex_ is held. Keys are apart by a prefix that no other use shares.
const lw_buf* HostTask::lent(const std::string& key, Value value) {
  auto at = lent_.find(key);
  if (at == lent_.end()) at = lent_.emplace(key, BufferRef{buffer_of(std::move(value))}).first;
  return at->second.get();
}

const lw_buf* HostTask::params() {
  const std::lock_guard lock{mutex_};
  return lent("params", attempt_->call().params);
}

lw_code HostTask::param(std::string_view name, const lw_buf** out) {
  if (out == nullptr) return LW_INVALID;
  const std::lock_guard lock{mutex_};
  if (!params_) params_ = JsonDocument::of(attempt_->call().params);
  const Json member = params_->root()[name];
  if (!member) return LW_NOT_FOUND;
  *out = lent("param:" + std::string{name}, member.value());
  return LW_OK;
}

lw_code HostTask::context(std::string_view key, const lw_buf** out) {
  if (out == nullptr) return LW_INVALID;
  const std::lock_guard lock{mutex_};
  for (const auto& [name, value] : attempt_->call().context) {
    if (name != key) continue;
    *out = lent("context:" + name, value);
    return LW_OK;
  }
  // A key that was opened but that no ancestor published in this run is not told apart from one never opened: neither
  // may be read.
  if (attempt_->call().task != nullptr) {
    for (const ContextRead& opened : attempt_->call().task->opened) {
      if (opened.name == key) return LW_NOT_FOUND;
    }
  }
  return LW_DENIED;
}

lw_code HostTask::answer(const lw_buf** out) {
  if (out == nullptr) return LW_INVALID;
  const std::optional<Value>& said = attempt_->call().answer;
  if (!said || depth_ > 0) return LW_NOT_FOUND;  // what the caller was told is not the callee's answer
  const std::lock_guard lock{mutex_};
  *out = lent("answer", *said);
  return LW_OK;
}

lw_code HostTask::connection(std::string_view id, const lw_buf** out) {
  if (out == nullptr) return LW_INVALID;
  Result<Value> found = services_.http.connection(attempt_->call(), id);
  if (!found) return refuse(LW_NOT_FOUND, found.error().code, found.error().message);
  *out = buffer_of(std::move(found).value());
  return LW_OK;
}

namespace {

void api_set_error(lw_task* task, const lw_error* error) {
  if (error == nullptr || !LW_HAS(lw_error, error, details_json)) return;
  TaskError copy;
  copy.code = text_of(error->type).empty() ? "task.failed" : std::string{text_of(error->type)};
  copy.message = text_of(error->message);
  copy.http_status = error->http_status;
  const std::string_view details = text_of(error->details_json);
  if (is_json(details) && JsonDocument::of(Value{std::string{details}})->root().is_object()) copy.details = details;
  HostTask::of(task).set_error(std::move(copy), error->retry_after_ms);
}

lw_code api_on_cancel(lw_task* task, void (*callback)(void*), void* arg) {
  HostTask::of(task).on_cancel(callback, arg);
  return LW_OK;
}

}  // namespace

const lw_task_api kTaskApi = {
    sizeof(lw_task_api),
    0,
    [](lw_task* t, lw_str key) { return HostTask::of(t).fact(text_of(key)); },
    [](lw_task* t) { return HostTask::of(t).params(); },
    [](lw_task* t, lw_str name, const lw_buf** out) { return HostTask::of(t).param(text_of(name), out); },
    [](lw_task* t, lw_str key, const lw_buf** out) { return HostTask::of(t).context(text_of(key), out); },
    [](lw_task* t, lw_str id, const lw_buf** out) { return HostTask::of(t).connection(text_of(id), out); },
    [](lw_task* t, int32_t level, lw_str message, lw_str fields) {
      HostTask::of(t).log(level, text_of(message), text_of(fields));
    },
    [](lw_task* t, double fraction, lw_str note) { return HostTask::of(t).progress(fraction, text_of(note)); },
    [](lw_task* t, lw_str channel, lw_str chunk) { return HostTask::of(t).emit(text_of(channel), text_of(chunk)); },
    [](lw_task* t, const lw_buf* value) { return HostTask::of(t).set_result(value); },
    [](lw_task* t, const lw_str* ids, size_t n) { return HostTask::of(t).branch(ids, n); },
    api_set_error,
    [](lw_task* t) -> int32_t { return HostTask::of(t).cancelled() ? 1 : 0; },
    api_on_cancel,
    [](lw_task* t) { HostTask::of(t).hold(); },
    [](lw_task* t, lw_code outcome) { HostTask::of(t).complete(outcome); },
};

}  // namespace leeward
