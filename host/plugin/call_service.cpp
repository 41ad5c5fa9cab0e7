// "leeward.call/1": one operator calls another, or a callable, by name. The callee is an attempt of its own to itself,
// and a part of the caller's attempt to everybody else.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "host/plugin/callee_params.hpp"
#include "host/plugin/callee_threads.hpp"
#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"
#include "host/plugin/nested_attempt.hpp"

namespace leeward {
namespace {

lw_code code_of(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::success: return LW_OK;
    case OutcomeKind::skipped: return LW_SKIP;
    case OutcomeKind::retry: return LW_RETRY;
    case OutcomeKind::failed: return LW_FAIL;
    case OutcomeKind::reschedule: return LW_RESCHEDULE;
    case OutcomeKind::canceled: return LW_CANCELLED;
    case OutcomeKind::deferred: return LW_FAIL;        // no end at all
    case OutcomeKind::awaiting_input: return LW_FAIL;  // only a task can ask a person
    case OutcomeKind::timed_out: return LW_RETRY;
  }
  return LW_FAIL;
}

using OnDone = void (*)(void*, const lw_call_result*);

/// The outcome in C's words, lent to the caller for the length of its callback.
void tell(const TaskOutcome& outcome, OnDone on_done, void* arg) {
  const TaskError none;
  const TaskError& e = outcome.error ? *outcome.error : none;
  const std::int64_t retry_after_ms =
      outcome.retry_after ? std::chrono::duration_cast<std::chrono::milliseconds>(*outcome.retry_after).count() : -1;
  const lw_error error{sizeof(lw_error), e.http_status, retry_after_ms, lend(e.code), lend(e.message), lend(e.details)};
  std::vector<lw_str> branch;
  if (outcome.branch) {
    for (const std::string& id : *outcome.branch) branch.push_back(lend(id));
  }
  static constexpr lw_str kNothing{nullptr, 0};
  const lw_code code = code_of(outcome.kind);
  const BufferRef value{code == LW_OK && !outcome.value.is_null() ? buffer_of(outcome.value) : nullptr};
  const lw_str* ids = branch.empty() ? &kNothing : branch.data();
  const lw_call_result result{
      sizeof(lw_call_result),         code,         value.get(), code == LW_OK ? nullptr : &error,
      outcome.branch ? ids : nullptr, branch.size()};
  on_done(arg, &result);
}

/// The callee's attempt: same run, task and listener; its end goes to the caller.
class CalledAttempt final : public NestedAttempt {
 public:
  CalledAttempt(TaskCall call, std::shared_ptr<CancelToken> cancel, std::shared_ptr<HostTask> caller, OnDone on_done,
                void* arg)
      : NestedAttempt(std::move(call), std::move(cancel), caller->attempt()->listener(), caller->depth() + 1),
        caller_(std::move(caller)),
        on_done_(on_done),
        arg_(arg) {}

  void stop_with(CancelGroup::Id id) { stop_ = id; }

  void complete(TaskOutcome outcome) override {
    caller_->under_way().remove(stop_);
    caller_->add_model_calls(outcome.model_calls);
    tell(outcome, on_done_, arg_);
  }

 private:
  const std::shared_ptr<HostTask> caller_;
  const OnDone on_done_;
  void* const arg_;
  CancelGroup::Id stop_ = 0;
};

const OperatorInfo* find(const ServiceContext& services, const lw_call_request& request) {
  const std::string_view name = text_of(request.name);
  return request.kind == LW_CALL_CALLABLE ? services.catalog.find_callable(name) : services.catalog.find_operator(name);
}

lw_code invoke(lw_task* c_task, const lw_call_request* request, OnDone on_done, void* arg) {
  HostTask& caller = HostTask::of(c_task);
  if (request == nullptr || !LW_HAS(lw_call_request, request, params_json) || on_done == nullptr) {
    return caller.refuse(LW_INVALID, "call.invalid", "the call has no request or no callback");
  }
  const OperatorInfo* callee = find(caller.services(), *request);
  if (callee == nullptr) {
    const char* kind = request->kind == LW_CALL_CALLABLE ? "callable" : "operator";
    return caller.refuse(LW_NOT_FOUND, "call.not_found",
                         std::string{"there is no "} + kind + " " + json_quote(text_of(request->name)));
  }
  if (caller.depth() >= kMaxCallDepth) {
    return caller.refuse(LW_DENIED, "call.too_deep",
                         "operators call each other more than " + std::to_string(kMaxCallDepth) + " deep");
  }
  Result<Value> params = callee_params(*callee, text_of(request->params_json));
  if (!params) return caller.refuse(LW_INVALID, params.error().code, params.error().message);
  TaskCall call = caller.attempt()->call();
  call.params = std::move(params).value();
  auto token = std::make_shared<CancelToken>();
  auto attempt = std::make_shared<CalledAttempt>(std::move(call), token, caller.shared_from_this(), on_done, arg);
  attempt->stop_with(caller.under_way().add([token] { token->cancel(); }));
  Operator& op = caller.services().operators.operator_of(*callee);
  const bool may_wait = !callee->traits.async && !callee->traits.inline_execution;
  if (may_wait && MustNotBlock::here()) {
    caller.services().callee_threads.run([&op, attempt] { op.execute(attempt); });
  } else {
    op.execute(std::move(attempt));
  }
  return LW_OK;
}

}  // namespace

const lw_call kCallService = {sizeof(lw_call), 0, invoke};

}  // namespace leeward
