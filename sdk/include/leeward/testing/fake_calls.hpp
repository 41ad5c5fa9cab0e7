/// leeward.call/1 of the harness's host: a callee is a function of the Script, or a real operator of another plugin.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <leeward/ext/call.h>
#include <leeward/plugin.h>
#include <leeward/testing/fake_task.hpp>

namespace leeward::testing {

/// The operator of that name, or nullptr. Goes by the plugin's own stride, as a host must.
inline const lw_operator* find_operator(const lw_plugin* plugin, std::string_view name) {
  for (std::uint32_t i = 0; i < plugin->operator_count; ++i) {
    const char* at = reinterpret_cast<const char*>(plugin->operators) + std::size_t{i} * plugin->operator_stride;
    const auto* op = reinterpret_cast<const lw_operator*>(at);
    if (name == op->name) return op;
  }
  return nullptr;
}

/// One instance of an operator, with its settings.
class Instance {
 public:
  Instance(const lw_operator& op, const lw_host* host, const std::string& settings_json) : op_(op) {
    code_ = op.create(&op, host, sdk::lend(settings_json), &self_);
  }
  ~Instance() {
    if (code_ == LW_OK && op_.destroy) op_.destroy(self_);
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  lw_code code() const { return code_; }
  void* self() const { return self_; }
  const lw_operator& op() const { return op_; }

 private:
  const lw_operator& op_;
  void* self_ = nullptr;
  lw_code code_ = LW_FAIL;
};

/// Calls, and the tasks that they made. Owned by the Harness.
class FakeCalls {
 public:
  FakeCalls(World& world, const lw_host* host) : world_(world), host_(host) { current_ = this; }
  ~FakeCalls() { current_ = nullptr; }
  FakeCalls(const FakeCalls&) = delete;
  FakeCalls& operator=(const FakeCalls&) = delete;

  static lw_code invoke(lw_task* task, const lw_call_request* request, void (*on_done)(void*, const lw_call_result*),
                        void* arg) {
    FakeTask& caller = FakeTask::of(task);
    if (!caller.alive("call.invoke") || !request || !on_done) return LW_INVALID;
    return current_->begin(caller, *request, [on_done, arg](const lw_call_result& result) { on_done(arg, &result); });
  }
  /// Tells every callee to stop. Any thread.
  void cancel() {
    std::vector<FakeTask*> tasks;
    {
      const std::lock_guard lock(world_.mutex);
      for (const auto& child : children_) tasks.push_back(&child->task);
    }
    for (FakeTask* task : tasks) task->cancel();
  }
  /// Destroys the callees' instances. Their tasks are kept: a late call on one is a problem, not a crash.
  void destroy_instances() {
    for (const auto& child : children_) child->instance.reset();
  }

 private:
  using OnDone = std::function<void(const lw_call_result&)>;
  struct Child {
    Child(World& world, const lw_operator& op, const lw_host* host, const std::string& settings, std::string params,
          int depth)
        : instance(std::make_unique<Instance>(op, host, settings)),
          task(world, op.name, std::move(params), op.flags, depth) {}
    std::unique_ptr<Instance> instance;
    FakeTask task;
  };

  lw_code begin(FakeTask& caller, const lw_call_request& request, OnDone on_done) {
    const SeenCall seen{request.kind, std::string(sdk::view(request.name)),
                        std::string(sdk::view(request.params_json))};
    {
      const std::lock_guard lock(world_.mutex);
      world_.script.calls.push_back(seen);
    }
    if (!is_json_object(seen.params_json)) {
      caller.fail_call("call.invalid", "the parameters of '" + seen.name + "' are no JSON object");
      return LW_INVALID;
    }
    if (caller.depth() >= 8) {
      caller.fail_call("call.too_deep", "calls are nested deeper than 8");
      return LW_DENIED;
    }
    if (const auto at = world_.script.callees.find(seen.name); at != world_.script.callees.end()) {
      post_answer(caller, at->second(seen), std::move(on_done));
      return LW_OK;
    }
    if (const lw_operator* op = find_real(seen)) return begin_real(caller, *op, seen, std::move(on_done));
    caller.fail_call("call.not_found", "there is no operator or callable '" + seen.name + "'");
    return LW_NOT_FOUND;
  }

  const lw_operator* find_real(const SeenCall& seen) const {
    for (const lw_plugin* plugin : world_.script.callee_plugins) {
      const lw_operator* op = find_operator(plugin, seen.name);
      const bool callable = op && (op->flags & LW_OP_CALLABLE) != 0;
      if (op && callable == (seen.kind == LW_CALL_CALLABLE)) return op;
    }
    return nullptr;
  }

  lw_code begin_real(FakeTask& caller, const lw_operator& op, const SeenCall& seen, OnDone on_done) {
    const auto set = world_.script.settings.find(seen.name);
    const std::string settings = set == world_.script.settings.end() ? "{}" : set->second;
    auto made = std::make_unique<Child>(world_, op, host_, settings, seen.params_json, caller.depth() + 1);
    Child* child = made.get();
    {
      const std::lock_guard lock(world_.mutex);
      children_.push_back(std::move(made));
    }
    if (child->instance->code() != LW_OK) {
      caller.fail_call("call.not_found", "'" + seen.name + "' could not be created");
      return LW_NOT_FOUND;
    }
    const auto answer = [&caller, child, on_done](bool) {
      const Ending& ending = child->task.ending();
      deliver(caller, {ending.code, ending.has_value ? ending.value_json : "", ending.error, ending.branch}, on_done);
    };
    world_.post(0, [this, child, answer](bool) {
      child->task.run(child->instance->op(), child->instance->self(), [this, answer] { world_.post(0, answer); });
    });
    return LW_OK;
  }

  void post_answer(FakeTask& caller, CallAnswer answer, OnDone on_done) {
    world_.post(0, [&caller, answer = std::move(answer), on_done = std::move(on_done)](bool cancelled) {
      deliver(caller, cancelled ? CallAnswer::failed(LW_CANCELLED, "cancelled", "the task was cancelled") : answer,
              on_done);
    });
  }

  /// An empty value_json: the callee set none.
  static void deliver(FakeTask& caller, const CallAnswer& answer, const OnDone& on_done) {
    if (caller.is_over()) caller.world().problem("the task ended while a call of its own was under way");
    const bool valued = answer.outcome == LW_OK && !answer.value_json.empty();
    const lw_buf* value = valued ? BufferLedger::instance().make(answer.value_json) : nullptr;
    std::vector<lw_str> ids;
    for (const auto& id : answer.branch) ids.push_back(sdk::lend(id));
    const lw_error error = answer.error.raw();
    on_done({sizeof(lw_call_result), answer.outcome, value, answer.outcome == LW_OK ? nullptr : &error,
             ids.empty() ? nullptr : ids.data(), ids.size()});
    BufferLedger::instance().release(value);
  }

  World& world_;
  const lw_host* host_;
  std::vector<std::unique_ptr<Child>> children_;
  static inline FakeCalls* current_ = nullptr;
};

}  // namespace leeward::testing
