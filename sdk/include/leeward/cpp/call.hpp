/// leeward.call/1 for C++: an operator that calls another, or a callable, by name.
///
///     return call(task.defer(), Callee::operator_named("llm"), params_json,
///                 [](Deferred& deferred, const CallResult& result) {
///                   result.throw_if_failed();
///                   deferred.task().result(result.value());
///                 });
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <leeward/cpp/deferred.hpp>
#include <leeward/ext/call.h>

LW_SDK_BEGIN

/// Whom to call. Operators and callables are looked up apart.
struct LW_SDK_TYPE Callee {
  static Callee operator_named(std::string name) { return {LW_CALL_OPERATOR, std::move(name)}; }
  static Callee callable_named(std::string name) { return {LW_CALL_CALLABLE, std::move(name)}; }

  std::uint32_t kind;
  std::string name;
};

/// How the callee ended. Borrowed: valid inside the callback.
class LW_SDK_TYPE CallResult {
 public:
  explicit CallResult(const lw_call_result* raw) noexcept : raw_(raw) {}

  lw_code outcome() const noexcept { return raw_->outcome; }
  /// Its return value as JSON text; "null" if it set none.
  std::string_view json() const noexcept { return raw_->value ? view(raw_->value) : std::string_view("null"); }
  /// The same, to keep or to pass on without a copy.
  Buf value() const { return raw_->value ? Buf::share(raw_->value) : Buf::copy("null"); }
  /// Did it choose by branch()? It may have chosen nothing.
  bool has_branched() const noexcept { return raw_->branch_ids != nullptr; }
  /// What it chose by branch().
  std::vector<std::string> branch() const {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < raw_->branch_count; ++i) ids.emplace_back(view(raw_->branch_ids[i]));
    return ids;
  }
  const lw_error* error() const noexcept { return raw_->error; }
  /// Throws, unless the callee succeeded, what it ended with: the caller then ends the same way.
  void throw_if_failed() const {
    if (outcome() != LW_OK) throw Error::from(outcome(), error());
  }

 private:
  const lw_call_result* raw_;
};

/// The part of the task after the call: returning ends it with success, throwing does not, and moving the Deferred on
/// continues it.
using OnCallDone = std::function<void(Deferred&, const CallResult&)>;

namespace detail {

struct PendingCall {
  Deferred held;
  OnCallDone on_done;

  static void done(void* arg, const lw_call_result* result) noexcept {
    const std::unique_ptr<PendingCall> self(static_cast<PendingCall*>(arg));
    go_on(std::move(self->held), [&](Deferred& deferred) { self->on_done(deferred, CallResult(result)); });
  }
};

}  // namespace detail

/// [task] Calls; the task goes on in `on_done`, on any thread, perhaps before this returns. Always answers LW_DEFERRED:
/// a callee that does not exist, or parameters that do not fit it, end the task as failed, with the host's message.
inline lw_code call(Deferred deferred, const Callee& callee, std::string_view params_json, OnCallDone on_done) {
  const auto* calls = extension<lw_call>(LW_EXT_CALL);
  if (!calls) {
    deferred.finish(fail("no_extension", "this host offers no calls between operators (" LW_EXT_CALL ")"));
    return LW_DEFERRED;
  }
  const lw_call_request request{sizeof request, callee.kind, lend(callee.name), lend(params_json)};
  lw_task* const task = deferred.task().raw();
  auto* pending = new detail::PendingCall{std::move(deferred), std::move(on_done)};
  if (calls->invoke(task, &request, &detail::PendingCall::done, pending) != LW_OK) {
    const std::unique_ptr<detail::PendingCall> refused(pending);
    refused->held.finish(LW_FAIL);  // the host has noted why
  }
  return LW_DEFERRED;
}

LW_SDK_END
