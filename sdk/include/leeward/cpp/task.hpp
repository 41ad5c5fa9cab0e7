/// Task: what an operator asks and tells the host while it runs one attempt.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <leeward/cpp/buf.hpp>
#include <leeward/cpp/error.hpp>
#include <leeward/cpp/json_value.hpp>

LW_SDK_BEGIN

class LW_SDK_TYPE CancelHook;
class LW_SDK_TYPE Deferred;

/// A view of the attempt at hand, free to copy. Valid inside execute(), and after it while a Deferred holds the task.
///
/// Text and values that come out are borrowed for as long as the task lives, unless they come as Buf. Everything that
/// can fail throws Error, with a message that names the parameter, key or connection. Threads: the readers, log,
/// progress and cancelled from any; the rest from the one thread that holds the task.
class LW_SDK_TYPE Task {
 public:
  explicit Task(lw_task* task) noexcept : task_(task) {}
  lw_task* raw() const noexcept { return task_; }

  /// A fact about the attempt: "dag_id" "run_id" "task_id" "operator" "map_index" "try_number" "max_tries"
  /// "logical_date" "idempotency_key" "run_type" "data_interval_start" "data_interval_end" "latest_window_start"
  /// "latest_window_end". Empty if there is none. Times are RFC 3339, in UTC.
  std::string_view info(std::string_view key) const noexcept { return view(api().info(task_, lend(key))); }

  /// All parameters, one JSON object that satisfies the operator's schema.
  std::string_view params() const noexcept { return view(api().params(task_)); }

  /// One parameter as JSON text; nothing if it is absent.
  std::optional<std::string_view> find_param(std::string_view name) const {
    const lw_buf* value = nullptr;
    const lw_code code = api().param(task_, lend(name), &value);
    if (code == LW_NOT_FOUND) return std::nullopt;
    check(code, "parameter", name);
    return view(value);
  }
  /// One parameter as JSON text. Throws if it is absent.
  std::string_view param_json(std::string_view name) const {
    const auto json = find_param(name);
    if (!json) throw fail("missing_parameter", "parameter '" + std::string(name) + "' is missing");
    return *json;
  }
  /// One parameter as a C++ value, see json_value.hpp. Throws if it is absent or of another type.
  template <class T>
  T param(std::string_view name) const {
    return read<T>("parameter", name, param_json(name));
  }
  /// The same, with a value for when it is absent.
  template <class T>
  T param(std::string_view name, T otherwise) const {
    const auto json = find_param(name);
    return json ? read<T>("parameter", name, *json) : std::move(otherwise);
  }

  /// A value of the run's context as JSON text. Only keys that a parameter marked "x-reference": "context" names are
  /// open to the operator. Throws for any other.
  std::string_view context_json(std::string_view key) const {
    const lw_buf* value = nullptr;
    check(api().context(task_, lend(key), &value), "context key", key);
    return view(value);
  }
  template <class T>
  T context(std::string_view key) const {
    return read<T>("context key", key, context_json(key));
  }

  /// A connection's settings as a JSON object, without its secrets. If there is none of that id, ends the attempt with
  /// the host's own message, which says how to configure one.
  Buf connection(std::string_view id) const {
    const lw_buf* settings = nullptr;
    unless_noted(api().connection(task_, lend(id), &settings));
    return Buf(settings);
  }

  /// A line in the task's log. `level`: LW_LOG_INFO …; `fields_json`: a JSON object, or empty.
  void log(int level, std::string_view message, std::string_view fields_json = {}) const noexcept {
    api().log(task_, level, lend(message), lend(fields_json));
  }

  /// How far it is, 0..1, or negative if unknown; also says that the task is alive. Throws, to end the attempt as
  /// cancelled, once the host wants it to stop: a loop that reports is a loop that can be stopped.
  void progress(double fraction, std::string_view note = {}) const {
    if (api().progress(task_, fraction, lend(note)) == LW_CANCELLED) throw sdk::cancelled();
  }

  /// A piece of streamed output: whole characters only (utf8.hpp). False: not taken, slow down and send it again.
  bool emit(std::string_view chunk, std::string_view channel = "text") const {
    const lw_code code = api().emit(task_, lend(channel), lend(chunk));
    if (code != LW_AGAIN) check(code, "output channel", channel);
    return code != LW_AGAIN;
  }

  /// The return value, see json_value.hpp. The last one set wins; without any it is null.
  template <class T>
  void result(const T& value) const {
    result_json(write_json(value));
  }
  /// The same without counting or copying anything, for a value that the host already has.
  void result(const Buf& value) const { unless_noted(api().set_result(task_, value.get())); }
  /// The same from JSON text. Throws if it is not JSON, or larger than the host takes.
  void result_json(std::string json) const { result(Buf::adopt(std::move(json))); }

  /// Chooses, of the tasks directly downstream, those that go on; the others are skipped.
  void branch(const std::vector<std::string>& task_ids) const {
    std::vector<lw_str> lent;
    for (const auto& id : task_ids) lent.push_back(lend(id));
    check(api().branch(task_, lent.data(), lent.size()), "branch to", write_json(task_ids));
  }

  /// Does the host want the task to stop? Costs one atomic load.
  bool cancelled() const noexcept { return api().cancelled(task_) != 0; }
  /// Ends the attempt here, by throwing, if the host wants it to stop.
  void stop_if_cancelled() const {
    if (cancelled()) throw sdk::cancelled();
  }
  /// `callback` runs at most once, on a host's thread or at once on this one, when the task should stop; never after
  /// the hook is gone. For what must be woken up: kill a child process, shut a socket.
  [[nodiscard]] CancelHook on_cancel(std::function<void()> callback) const;

  /// Keeps the task alive past execute(), which then answers LW_DEFERRED. See deferred.hpp.
  [[nodiscard]] Deferred defer() const;

 private:
  const lw_task_api& api() const noexcept { return *task_->api; }

  template <class T>
  static T read(const char* what, std::string_view name, std::string_view json) {
    try {
      return read_json<T>(json);
    } catch (const Error& error) {
      throw fail(error.type(), std::string(what) + " '" + std::string(name) + "': " + error.message());
    }
  }

  /// For functions that, whenever they refuse, have told the host's task why.
  static void unless_noted(lw_code code) {
    if (code != LW_OK) throw Error::noted_by_host(LW_FAIL);
  }
  static void check(lw_code code, const char* what, std::string_view name) {
    if (code == LW_OK) return;
    const std::string subject = std::string(what) + " '" + std::string(name) + "'";
    switch (code) {
      case LW_NOT_FOUND: throw fail("not_found", subject + " does not exist");
      case LW_DENIED: throw fail("denied", subject + " is not open to this task");
      case LW_INVALID: throw fail("invalid", subject + " was refused by the host as malformed");
      case LW_CANCELLED: throw sdk::cancelled();
      default: throw fail("host_error", subject + ": the host answered code " + std::to_string(code));
    }
  }

  lw_task* task_;
};

/// Keeps a callback registered with Task::on_cancel; removing it waits for it, if it is running on another thread.
class LW_SDK_TYPE CancelHook {
 public:
  CancelHook() = default;
  CancelHook(lw_task* task, std::function<void()> callback)
      : task_(task), callback_(std::make_unique<Shared>(std::make_shared<std::function<void()>>(std::move(callback)))) {
    task_->api->on_cancel(task_, &CancelHook::fire, callback_.get());
  }
  CancelHook(CancelHook&& other) noexcept
      : task_(std::exchange(other.task_, nullptr)), callback_(std::move(other.callback_)) {}
  CancelHook& operator=(CancelHook&& other) noexcept {
    CancelHook old(std::move(*this));
    task_ = std::exchange(other.task_, nullptr);
    callback_ = std::move(other.callback_);
    return *this;
  }
  ~CancelHook() {
    if (task_) task_->api->on_cancel(task_, nullptr, nullptr);
  }

  /// For when the task is over: the host will not call any more, and the task must not be touched.
  void forget() noexcept { task_ = nullptr; }

 private:
  using Shared = std::shared_ptr<std::function<void()>>;

  static void fire(void* arg) noexcept {
    const Shared callback = *static_cast<Shared*>(arg);  // a copy: the callback may end the task, and us with it
    try {
      (*callback)();
    } catch (...) {
      log(LW_LOG_ERROR, "sdk", "an on_cancel callback threw; the task goes on");
    }
  }

  lw_task* task_ = nullptr;
  std::unique_ptr<Shared> callback_;
};

inline CancelHook Task::on_cancel(std::function<void()> callback) const { return {task_, std::move(callback)}; }

LW_SDK_END
