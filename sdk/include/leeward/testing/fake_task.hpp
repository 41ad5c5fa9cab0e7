/// FakeTask: the lw_task that an operator under test is given, and the watch over what it does with it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <leeward/testing/json_check.hpp>
#include <leeward/testing/world.hpp>

namespace leeward::testing {

/// How one task ended, as its caller sees it.
struct Ending {
  lw_code code = LW_FAIL;
  std::string value_json = "null";
  bool has_value = false;
  SeenError error;
  bool branched = false;
  std::vector<std::string> branch;
  std::int32_t skip_downstream = 0;
  std::string asked;
};

/// Thread-safe: an operator may report from several threads. Lives until the harness goes, so that a call on a task
/// that is over is seen, and not undefined.
class FakeTask {
 public:
  /// `depth`: 0 for the task under test, more for what it calls.
  FakeTask(World& world, std::string operator_name, std::string params_json, std::uint32_t flags, int depth = 0);
  ~FakeTask();
  FakeTask(const FakeTask&) = delete;
  FakeTask& operator=(const FakeTask&) = delete;

  lw_task* raw() { return &head_.task; }
  static FakeTask& of(lw_task* task) { return *reinterpret_cast<Head*>(task)->self; }
  World& world() { return world_; }
  int depth() const { return depth_; }

  /// Runs execute() on this thread. `on_over` is called once, when it has returned and every hold is paid back.
  void run(const lw_operator& op, void* instance, std::function<void()> on_over);
  /// Tells the operator to stop: runs its on_cancel callback on this thread.
  void cancel();
  bool is_over();
  /// Gives up waiting for it.
  void abandon(const std::string& why);
  /// REQUIRES: is_over(), or abandoned.
  const Ending& ending() const { return ending_; }

  /// False, and a problem, once the task is over; for a call that `changes` the outcome, once the outcome is known.
  bool alive(const char* call, bool changes = false);
  void set_error(const lw_error* error);
  void fail_call(const char* type, std::string message);
  void set_skip_downstream(std::int32_t which);
  void set_asked(std::string request_json);
  /// A buffer that lives as long as the task, the same for the same key.
  const lw_buf* borrowed(const std::string& key, std::string_view json);

 private:
  friend struct TaskApi;
  friend class Harness;
  struct Head {
    lw_task task;
    FakeTask* self;
  };
  using Lock = std::unique_lock<std::mutex>;

  void complete(lw_code outcome);
  lw_code set_on_cancel(void (*callback)(void*), void* arg);
  void await_callback(Lock& lock);
  void settle(lw_code outcome);
  void end_if_done(Lock& lock);
  void check_ending();

  World& world_;
  Head head_;
  const std::string operator_name_;
  const std::string params_json_;
  const std::uint32_t flags_;
  const int depth_;
  std::function<void()> on_over_;

  std::map<std::string, const lw_buf*> borrowed_;  // by what it was asked for
  Ending ending_;
  bool told_error_ = false;
  int holds_ = 0;
  int completions_ = 0;
  bool executing_ = false;
  bool settled_ = false;  // the outcome is known
  bool over_ = false;
  void (*cancel_callback_)(void*) = nullptr;
  void* cancel_arg_ = nullptr;
  std::thread::id callback_runs_on_;
};

}  // namespace leeward::testing

#include <leeward/testing/fake_task_impl.hpp>
