/// The functions behind fake_task.hpp, and its lw_task_api. Included by it.
#pragma once

#include <array>
#include <cmath>
#include <memory>
#include <optional>

#include <leeward/cpp/json_walk.hpp>
#include <leeward/testing/fake_task.hpp>

namespace leeward::testing {

/// The functions of lw_task_api, each with the checks that a host makes.
struct TaskApi {
  static lw_str info(lw_task* task, lw_str key) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("info")) return {};
    const std::string name(sdk::view(key));
    auto& script_info = self.world_.script.info;
    if (const auto at = script_info.find(name); at != script_info.end()) return sdk::lend(at->second);
    if (name == "operator") return sdk::lend(self.operator_name_);
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kUsual{
        {{"dag_id", "harness"},
         {"run_id", "harness"},
         {"task_id", "task"},
         {"map_index", "-1"},
         {"try_number", "1"},
         {"max_tries", "1"},
         {"logical_date", "2024-01-01T00:00:00.000Z"},
         {"run_type", "manual"},
         {"idempotency_key", "harness/task"}}};
    for (const auto& [known, value] : kUsual)
      if (known == name) return sdk::lend(value);
    return {};
  }

  static const lw_buf* params(lw_task* task) {
    FakeTask& self = FakeTask::of(task);
    self.alive("params");
    return self.borrowed("params", self.params_json_);
  }

  static lw_code param(lw_task* task, lw_str name, const lw_buf** out) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("param") || !out) return LW_INVALID;
    const std::string key(sdk::view(name));
    const auto value = sdk::member(self.params_json_, key);
    if (!value) return LW_NOT_FOUND;
    *out = self.borrowed("param " + key, *value);
    return LW_OK;
  }

  static lw_code context(lw_task* task, lw_str key, const lw_buf** out) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("context") || !out) return LW_INVALID;
    const std::string name(sdk::view(key));
    const auto at = self.world_.script.context.find(name);
    if (at == self.world_.script.context.end()) return LW_NOT_FOUND;
    *out = self.borrowed("context " + name, at->second);
    return LW_OK;
  }

  static lw_code connection(lw_task* task, lw_str id, const lw_buf** out) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("connection") || !out) return LW_INVALID;
    const auto at = self.world_.script.connections.find(std::string(sdk::view(id)));
    if (at == self.world_.script.connections.end()) {
      self.fail_call("connection.unknown", "there is no connection '" + std::string(sdk::view(id)) + "'");
      return LW_NOT_FOUND;
    }
    *out = BufferLedger::instance().make(at->second);
    return LW_OK;
  }

  static void log(lw_task* task, std::int32_t level, lw_str message, lw_str fields_json) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("log")) return;
    const std::string_view fields = sdk::view(fields_json);
    if (!is_utf8(sdk::view(message))) self.world_.problem("log(): the message is not UTF-8");
    if (!fields.empty() && !is_json_object(fields)) self.world_.problem("log(): the fields are no JSON object");
    const std::lock_guard lock(self.world_.mutex);
    self.world_.report.logs.push_back({level, std::string(sdk::view(message)), std::string(fields)});
  }

  static lw_code progress(lw_task* task, double fraction, lw_str note) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("progress")) return LW_CANCELLED;
    if (std::isnan(fraction) || fraction > 1) self.world_.problem("progress(): the fraction is above 1");
    {
      const std::lock_guard lock(self.world_.mutex);
      self.world_.report.progress.push_back({fraction, std::string(sdk::view(note))});
    }
    if (const auto& hook = self.world_.script.on_progress) hook(fraction, sdk::view(note));
    return cancelled(task) ? LW_CANCELLED : LW_OK;
  }

  static lw_code emit(lw_task* task, lw_str channel, lw_str chunk) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("emit", true)) return LW_INVALID;
    if ((self.flags_ & LW_OP_STREAMS) == 0) self.world_.problem("emit() by an operator without LW_OP_STREAMS");
    if (!is_utf8(sdk::view(chunk))) {
      self.world_.problem("emit(): the chunk is not UTF-8, or ends inside a character");
      return LW_INVALID;
    }
    if (sdk::view(channel).size() > 128 || sdk::view(chunk).size() > std::size_t{1} << 20) {
      self.world_.problem("emit(): a channel's name has at most 128 bytes, a chunk 1 MiB");
      return LW_INVALID;
    }
    {
      const std::lock_guard lock(self.world_.mutex);
      if (self.world_.script.refuse_emits > 0) return --self.world_.script.refuse_emits, LW_AGAIN;
      self.world_.report.emitted.push_back({std::string(sdk::view(channel)), std::string(sdk::view(chunk))});
    }
    if (const auto& hook = self.world_.script.on_emit) hook(sdk::view(channel), sdk::view(chunk));
    return LW_OK;
  }

  static lw_code set_result(lw_task* task, const lw_buf* value) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("set_result", true) || !value) return LW_INVALID;
    if (!is_json(sdk::view(value))) {
      const std::string fault = "not JSON: " + sdk::detail::excerpt(sdk::view(value));
      self.world_.problem("set_result(): " + fault);
      self.fail_call("plugin.bad_result", "the operator's result was refused: " + fault);
      return LW_INVALID;
    }
    const std::lock_guard lock(self.world_.mutex);
    self.ending_.value_json = sdk::view(value);
    self.ending_.has_value = true;
    return LW_OK;
  }

  static lw_code branch(lw_task* task, const lw_str* ids, std::size_t count) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("branch", true) || (count > 0 && !ids)) return LW_INVALID;
    const std::lock_guard lock(self.world_.mutex);
    self.ending_.branched = true;
    self.ending_.branch.clear();
    for (std::size_t i = 0; i < count; ++i) self.ending_.branch.emplace_back(sdk::view(ids[i]));
    return LW_OK;
  }

  static void set_error(lw_task* task, const lw_error* error) {
    FakeTask& self = FakeTask::of(task);
    if (self.alive("set_error", true)) self.set_error(error);
  }

  static std::int32_t cancelled(lw_task* task) {
    FakeTask& self = FakeTask::of(task);
    const std::lock_guard lock(self.world_.mutex);
    return self.world_.cancelled ? 1 : 0;
  }

  static lw_code on_cancel(lw_task* task, void (*callback)(void*), void* arg) {
    FakeTask& self = FakeTask::of(task);
    return self.alive("on_cancel") ? self.set_on_cancel(callback, arg) : LW_INVALID;
  }

  static void hold(lw_task* task) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("hold")) return;
    if ((self.flags_ & LW_OP_ASYNC) == 0) self.world_.problem("hold() by an operator without LW_OP_ASYNC");
    const std::lock_guard lock(self.world_.mutex);
    ++self.holds_;
  }

  static void complete(lw_task* task, lw_code outcome) { FakeTask::of(task).complete(outcome); }

  static const lw_task_api* table() {
    static const lw_task_api api{sizeof(lw_task_api), 0,          &info,      &params, &param,      &context,
                                 &connection,         &log,       &progress,  &emit,   &set_result, &branch,
                                 &set_error,          &cancelled, &on_cancel, &hold,   &complete};
    return &api;
  }
};

inline FakeTask::FakeTask(World& world, std::string operator_name, std::string params_json, std::uint32_t flags,
                          int depth)
    : world_(world),
      head_{{TaskApi::table()}, this},
      operator_name_(std::move(operator_name)),
      params_json_(std::move(params_json)),
      flags_(flags),
      depth_(depth) {}

inline FakeTask::~FakeTask() = default;

inline const lw_buf* FakeTask::borrowed(const std::string& key, std::string_view json) {
  const std::lock_guard lock(world_.mutex);
  const lw_buf*& buffer = borrowed_[key];
  if (!buffer) buffer = BufferLedger::instance().make(json);
  return buffer;
}

inline bool FakeTask::alive(const char* call, bool changes) {
  const std::lock_guard lock(world_.mutex);
  if (!over_ && !(changes && settled_)) return true;
  world_.report.problems.push_back(std::string(call) + "() after the task was over");
  return false;
}

inline void FakeTask::set_error(const lw_error* error) {
  if (!error || error->size < sizeof(std::uint32_t)) return world_.problem("set_error() with no error");
  const SeenError seen = SeenError::of(*error);
  if (!is_utf8(seen.message) || !is_utf8(seen.type)) world_.problem("set_error(): the text is not UTF-8");
  if (!seen.details_json.empty() && !is_json_object(seen.details_json))
    world_.problem("set_error(): the details are no JSON object");
  const std::lock_guard lock(world_.mutex);
  ending_.error = seen;
  told_error_ = true;
}

inline void FakeTask::fail_call(const char* type, std::string message) {
  const lw_error error{sizeof(lw_error), 0, -1, sdk::lend(type), sdk::lend(message), {}};
  set_error(&error);
}

inline void FakeTask::set_skip_downstream(std::int32_t which) {
  const std::lock_guard lock(world_.mutex);
  ending_.skip_downstream = which;
}

inline void FakeTask::set_asked(std::string request_json) {
  const std::lock_guard lock(world_.mutex);
  ending_.asked = std::move(request_json);
}

inline void FakeTask::run(const lw_operator& op, void* instance, std::function<void()> on_over) {
  on_over_ = std::move(on_over);
  executing_ = true;
  const lw_code answer = op.execute(instance, raw());
  Lock lock(world_.mutex);
  executing_ = false;
  if (answer == LW_DEFERRED) {
    if (depth_ == 0) world_.report.deferred = true;
    if (holds_ == 0) {
      world_.report.problems.push_back("execute() answered LW_DEFERRED without a hold()");
      settle(LW_FAIL);
    }
  } else {
    settle(answer);
  }
  end_if_done(lock);
}

/// REQUIRES: the lock. The first outcome counts.
inline void FakeTask::settle(lw_code outcome) {
  if (settled_) return;
  settled_ = true;
  if (outcome < LW_OK || outcome > LW_CANCELLED || outcome == LW_DEFERRED) {
    world_.report.problems.push_back("code " + std::to_string(outcome) + " is no outcome of a task");
    outcome = LW_FAIL;
  }
  ending_.code = outcome;
}

inline void FakeTask::complete(lw_code outcome) {
  Lock lock(world_.mutex);
  if (over_ || completions_ == holds_) {
    world_.report.problems.push_back(holds_ == 0 ? "complete() without a hold()" : "complete() once too often");
    return;
  }
  ++completions_;
  if (settled_) world_.report.problems.push_back("complete() after the outcome was known");
  settle(outcome);
  await_callback(lock);  // never after complete() has returned
  cancel_callback_ = nullptr;
  end_if_done(lock);
}

inline void FakeTask::end_if_done(Lock& lock) {
  if (over_ || !settled_ || executing_ || completions_ < holds_) return;
  check_ending();
  over_ = true;
  if (ending_.code == LW_OK) ending_.error = {};
  if (ending_.code != LW_OK) ending_.skip_downstream = 0;
  if (ending_.code != LW_RESCHEDULE) ending_.asked.clear();
  for (auto& [key, buffer] : borrowed_) BufferLedger::instance().release(buffer);
  borrowed_.clear();
  const auto tell = std::move(on_over_);
  world_.changed.notify_all();
  lock.unlock();
  if (tell) tell();
  lock.lock();
}

/// REQUIRES: the lock.
inline void FakeTask::check_ending() {
  const bool failed = ending_.code == LW_FAIL || ending_.code == LW_RETRY;
  if (failed && !told_error_) world_.report.problems.push_back("the task failed and never said why (set_error)");
  if (ending_.code == LW_OK && (flags_ & LW_OP_BRANCHES) != 0 && !ending_.branched) {
    world_.report.problems.push_back("an operator with LW_OP_BRANCHES succeeded without branch()");
    ending_.code = LW_FAIL;
  }
}

inline lw_code FakeTask::set_on_cancel(void (*callback)(void*), void* arg) {
  Lock lock(world_.mutex);
  await_callback(lock);
  cancel_callback_ = callback;
  cancel_arg_ = arg;
  const bool at_once = callback && world_.cancelled;
  lock.unlock();
  if (at_once) cancel();
  return LW_OK;
}

/// A callback that runs on another thread is waited for; on this one it is our caller.
inline void FakeTask::await_callback(Lock& lock) {
  world_.changed.wait(lock, [this] {
    return callback_runs_on_ == std::thread::id() || callback_runs_on_ == std::this_thread::get_id();
  });
}

inline void FakeTask::cancel() {
  Lock lock(world_.mutex);
  const auto callback = std::exchange(cancel_callback_, nullptr);
  if (!callback || over_) return;
  callback_runs_on_ = std::this_thread::get_id();
  lock.unlock();
  callback(cancel_arg_);
  lock.lock();
  callback_runs_on_ = std::thread::id();
  world_.changed.notify_all();
}

inline bool FakeTask::is_over() {
  const std::lock_guard lock(world_.mutex);
  return over_;
}

inline void FakeTask::abandon(const std::string& why) {
  Lock lock(world_.mutex);
  if (over_) return;
  world_.report.problems.push_back(why);
  ending_.code = LW_FAIL;
  over_ = true;
  for (auto& [key, buffer] : borrowed_) BufferLedger::instance().release(buffer);
  borrowed_.clear();
}

}  // namespace leeward::testing
