#include "host/plugin/host_task.hpp"

#include <algorithm>
#include <utility>

#include <leeward/ext/flow.h>

#include "host/plugin/outcome_check.hpp"

namespace leeward {
namespace {

constexpr std::size_t kMaxResultBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxEmittedBytes = std::size_t{64} << 20;
constexpr std::int64_t kLongestMs = std::int64_t{366} * 24 * 3600 * 1000;
constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxChannelBytes = 128;

OutcomeKind kind_of(lw_code code) {
  switch (code) {
    case LW_OK: return OutcomeKind::success;
    case LW_SKIP: return OutcomeKind::skipped;
    case LW_RETRY: return OutcomeKind::retry;
    case LW_RESCHEDULE: return OutcomeKind::reschedule;
    case LW_CANCELLED: return OutcomeKind::canceled;
    default: return OutcomeKind::failed;
  }
}

}  // namespace

std::shared_ptr<HostTask> HostTask::create(std::shared_ptr<Attempt> attempt, const OperatorInfo& info,
                                           const ServiceContext& services, int depth, std::function<void()> released) {
  std::shared_ptr<HostTask> task{new HostTask{std::move(attempt), info, services, depth, std::move(released)}};
  task->self_ = task;
  task->attempt_->cancel_token().on_cancel([weak = std::weak_ptr<HostTask>{task}] {
    if (const auto alive = weak.lock()) {
      alive->under_way_.cancel();
      alive->plugin_cancel_.cancel();
    }
  });
  return task;
}

HostTask::HostTask(std::shared_ptr<Attempt> attempt, const OperatorInfo& info, const ServiceContext& services,
                   int depth, std::function<void()> released)
    : lw_task{&kTaskApi},
      attempt_(std::move(attempt)),
      info_(info),
      services_(services),
      depth_(depth),
      released_(std::move(released)) {
  ++services_.unfinished;
}

void HostTask::returned(lw_code code) {
  bool last = false;
  bool deferred = false;
  bool idle = false;
  std::optional<std::string> fault;
  {
    const std::lock_guard lock{mutex_};
    executing_ = false;
    if (code != LW_DEFERRED) {
      if (!decided_) {
        decided_ = code;
      } else if (ever_held_) {
        fault = "execute() returned an outcome for a task that complete() had ended already; the first counts";
      }
    } else if (!ever_held_) {
      decided_ = LW_FAIL;
      error_ = TaskError{"plugin.not_held",
                         "execute() returned LW_DEFERRED without hold(): nothing will ever end the task",
                         false,
                         0,
                         {}};
    }
    last = --references_ == 0;
    deferred = code == LW_DEFERRED && !last;
    idle = only_waits_;
  }
  if (fault) misbehaved(*fault);
  if (deferred) attempt_->defer(idle);  // complete() may come first, from another thread: the attempt sorts that out
  if (last) finish();
}

void HostTask::hold() {
  const std::lock_guard lock{mutex_};
  ever_held_ = true;
  ++references_;
}

void HostTask::complete(lw_code outcome) {
  bool last = false;
  bool ignored = false;
  {
    const std::lock_guard lock{mutex_};
    if (references_ - (executing_ ? 1 : 0) <= 0) {
      ignored = true;  // nobody holds it: this complete() belongs to no hold()
    } else {
      ignored = decided_.has_value();
      if (!decided_) decided_ = outcome;
      last = --references_ == 0;
    }
  }
  if (ignored) misbehaved("complete() was called for a task that had its outcome already; the first counts");
  if (last) finish();
}

void HostTask::finish() {
  // From here on neither the plugin nor a cancellation touches the task any more.
  attempt_->cancel_token().on_cancel(nullptr);
  plugin_cancel_.on_cancel(nullptr);
  const std::shared_ptr<HostTask> keep = std::move(self_);
  // The operator's instance is free before the attempt is known to have ended: the next attempt may start right then.
  if (released_) released_();
  --services_.unfinished;
  attempt_->complete(outcome());
}

TaskOutcome HostTask::success() {
  if (!bad_result_.empty()) return TaskOutcome::failed("plugin.bad_result", bad_result_);
  if (info_.traits.branches && !branch_) {
    return TaskOutcome::failed("branch.nothing_chosen", "operator \"" + info_.name + "\" chose no branch");
  }
  if (auto fault = schema_fault(info_, result_)) return TaskOutcome::failed("plugin.bad_result", *std::move(fault));
  TaskOutcome outcome = TaskOutcome::succeeded(std::move(result_));
  outcome.branch = std::move(branch_);
  outcome.skip_downstream = skip_downstream_;
  return outcome;
}

TaskOutcome HostTask::outcome() {
  const std::lock_guard lock{mutex_};
  const lw_code code = decided_.value_or(LW_FAIL);
  TaskOutcome outcome;
  if (code == LW_OK) {
    outcome = success();
  } else {
    outcome.kind = kind_of(code);
    if (outcome.kind == OutcomeKind::reschedule && asked_) {
      outcome.kind = OutcomeKind::awaiting_input;
      outcome.input = std::move(asked_);
    }
    if (!error_ && (code == LW_DEFERRED || code < 0 || code > LW_CANCELLED)) {
      error_ = TaskError{"plugin.bad_outcome",
                         "the operator ended with " + std::to_string(code) + ", which is no outcome",
                         false,
                         0,
                         {}};
    }
    outcome.error = error_ ? std::move(error_) : silent_error(outcome.kind, info_);
    outcome.error->retryable = outcome.kind == OutcomeKind::retry;
    if (retry_after_ms_ >= 0) {
      outcome.retry_after = kept_retry_after(std::chrono::milliseconds{std::min(retry_after_ms_, kLongestMs)});
    }
  }
  outcome.model_calls = std::move(model_calls_);
  return outcome;
}

void HostTask::only_waits() {
  const std::lock_guard lock{mutex_};
  only_waits_ = true;
}

void HostTask::add_model_calls(const std::vector<ModelCall>& calls) {
  const std::lock_guard lock{mutex_};
  model_calls_.insert(model_calls_.end(), calls.begin(), calls.end());
}

void HostTask::set_error(TaskError error, std::int64_t retry_after_ms) {
  const std::lock_guard lock{mutex_};
  error_ = std::move(error);
  retry_after_ms_ = retry_after_ms;
}

lw_code HostTask::refuse(lw_code answer, std::string code, std::string message) {
  set_error({std::move(code), std::move(message), false, 0, {}});
  return answer;
}

void HostTask::misbehaved(std::string_view what) {
  JsonWriter fields;
  fields.begin_object().member("operator", info_.name).member("plugin", info_.plugin).end_object();
  attempt_->listener().on_log(attempt_->call(), LogLevel::warn, "the plugin misbehaves: " + std::string{what},
                              fields.text());
}

void HostTask::log(std::int32_t level, std::string_view message, std::string_view fields_json) {
  const auto known = static_cast<LogLevel>(std::clamp<std::int32_t>(level, LW_LOG_TRACE, LW_LOG_ERROR));
  const bool fields_fit = !fields_json.empty() && fields_json.size() <= kMaxChunkBytes && is_json(fields_json);
  attempt_->listener().on_log(attempt_->call(), known, message.substr(0, kMaxChunkBytes),
                              fields_fit ? fields_json : std::string_view{});
}

lw_code HostTask::progress(double fraction, std::string_view note) {
  attempt_->listener().on_progress(attempt_->call(), fraction, note.substr(0, kMaxChunkBytes));
  return cancelled() ? LW_CANCELLED : LW_OK;
}

lw_code HostTask::emit(std::string_view channel, std::string_view chunk) {
  if (chunk.size() > kMaxChunkBytes || channel.size() > kMaxChannelBytes) return LW_INVALID;
  if (!is_utf8(chunk) || !is_utf8(channel)) return LW_INVALID;
  {
    const std::lock_guard lock{mutex_};
    if (emitted_bytes_ + chunk.size() > kMaxEmittedBytes) return LW_DENIED;
    emitted_bytes_ += chunk.size();
  }
  if (attempt_->listener().on_output(attempt_->call(), channel, chunk)) return LW_OK;
  const std::lock_guard lock{mutex_};
  emitted_bytes_ -= chunk.size();
  return LW_AGAIN;
}

lw_code HostTask::set_result(const lw_buf* value) {
  std::string fault;
  if (value == nullptr || (value->data == nullptr && value->size > 0)) {
    fault = "it is NULL";
  } else if (value->size > kMaxResultBytes) {
    fault = "it has " + std::to_string(value->size) + " bytes, the limit is " + std::to_string(kMaxResultBytes);
  } else {
    const JsonLimits limits{kMaxResultBytes, kMaxResultBytes, JsonLimits{}.max_depth};
    if (!is_json({value->data, value->size}, limits)) fault = "it is not one valid JSON text";
  }
  const std::lock_guard lock{mutex_};
  bad_result_ = fault.empty() ? "" : "the operator's result was refused: " + fault;
  if (!fault.empty()) {
    error_ = TaskError{"plugin.bad_result", bad_result_, false, 0, {}};
    return LW_INVALID;
  }
  result_ = value_of(value);
  return LW_OK;
}

lw_code HostTask::branch(const lw_str* task_ids, std::size_t n) {
  if (n > 0 && task_ids == nullptr) return LW_INVALID;
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < n; ++i) {
    const std::string_view id = text_of(task_ids[i]);
    if (!is_utf8(id)) return LW_INVALID;
    chosen.emplace_back(id);
  }
  const std::lock_guard lock{mutex_};
  branch_ = std::move(chosen);
  return LW_OK;
}

lw_code HostTask::skip_downstream(std::int32_t which) {
  if (which < LW_DOWNSTREAM_NONE || which > LW_DOWNSTREAM_ALL) {
    return refuse(LW_INVALID, "flow.invalid", "skip_downstream() knows no " + std::to_string(which));
  }
  if (depth_ > 0) return refuse(LW_DENIED, "flow.denied", "an operator that another one called skips no tasks");
  const std::lock_guard lock{mutex_};
  skip_downstream_ = which == LW_DOWNSTREAM_ALL      ? SkipDownstream::all
                     : which == LW_DOWNSTREAM_DIRECT ? SkipDownstream::direct
                                                     : SkipDownstream::none;
  return LW_OK;
}

lw_code HostTask::ask(std::string_view request_json) {
  if (depth_ > 0) return refuse(LW_DENIED, "input.denied", "an operator that another one called asks nobody");
  Result<InputRequest> request = InputRequest::parse(Value{std::string{request_json}});
  if (!request) return refuse(LW_INVALID, request.error().code, request.error().message);
  const std::lock_guard lock{mutex_};
  asked_ = std::make_shared<const InputRequest>(std::move(request).value());
  return LW_OK;
}

void HostTask::on_cancel(void (*callback)(void*), void* arg) {
  if (callback == nullptr) return plugin_cancel_.on_cancel(nullptr);
  plugin_cancel_.on_cancel([callback, arg] { callback(arg); });
}

}  // namespace leeward
