#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <leeward/host.h>

#include "core/base/json.hpp"
#include "core/exec/operator.hpp"
#include "host/plugin/cancel_group.hpp"
#include "host/plugin/host_buffers.hpp"
#include "host/plugin/service_context.hpp"

namespace leeward {

/// One attempt as a plugin sees it: the host's side of lw_task.
///
/// Lives until execute() has returned AND every hold was paid back; only then is the attempt told how it ended, with
/// the first outcome that anyone gave. Whatever a plugin does wrong here (a second outcome, a result that is not JSON,
/// bytes that are not text) ends in an answer code, a log line or a failed attempt, never in trouble for the host.
/// Thread-safe, as the marks in host.h promise.
class HostTask final : public lw_task, public std::enable_shared_from_this<HostTask> {
 public:
  /// `released` runs before the attempt is told, when the plugin has let go of the task. `depth`: how many operators
  /// called each other to get here.
  static std::shared_ptr<HostTask> create(std::shared_ptr<Attempt> attempt, const OperatorInfo& info,
                                          const ServiceContext& services, int depth, std::function<void()> released);
  /// REQUIRES: `task` is one of ours and alive.
  static HostTask& of(lw_task* task) noexcept { return *static_cast<HostTask*>(task); }

  /// execute() has returned this. Call once.
  void returned(lw_code code);

  [[nodiscard]] const std::shared_ptr<Attempt>& attempt() const noexcept { return attempt_; }
  [[nodiscard]] const OperatorInfo& info() const noexcept { return info_; }
  [[nodiscard]] const ServiceContext& services() const noexcept { return services_; }
  [[nodiscard]] int depth() const noexcept { return depth_; }
  /// What is to be stopped with the attempt.
  [[nodiscard]] CancelGroup& under_way() noexcept { return under_way_; }

  /// Once execute() has returned it only waits for others, and holds nothing meanwhile: see Attempt::defer().
  void only_waits();
  void add_model_calls(const std::vector<ModelCall>& calls);
  void set_error(TaskError error, std::int64_t retry_after_ms = -1);
  /// Logs and answers: what a service does with an argument that is not acceptable.
  lw_code refuse(lw_code answer, std::string code, std::string message);
  void misbehaved(std::string_view what);

  // What lw_task_api offers; the contracts stand there.
  lw_str fact(std::string_view key);
  const lw_buf* params();
  lw_code param(std::string_view name, const lw_buf** out);
  lw_code context(std::string_view key, const lw_buf** out);
  lw_code connection(std::string_view id, const lw_buf** out);
  void log(std::int32_t level, std::string_view message, std::string_view fields_json);
  lw_code progress(double fraction, std::string_view note);
  lw_code emit(std::string_view channel, std::string_view chunk);
  lw_code set_result(const lw_buf* value);
  lw_code branch(const lw_str* task_ids, std::size_t n);
  lw_code skip_downstream(std::int32_t which);
  lw_code ask(std::string_view request_json);
  lw_code answer(const lw_buf** out);
  [[nodiscard]] bool cancelled() const noexcept { return attempt_->cancel_token().cancelled(); }
  void on_cancel(void (*callback)(void*), void* arg);
  void hold();
  void complete(lw_code outcome);

 private:
  HostTask(std::shared_ptr<Attempt> attempt, const OperatorInfo& info, const ServiceContext& services, int depth,
           std::function<void()> released);
  void finish();
  TaskOutcome outcome();
  TaskOutcome success();
  const lw_buf* lent(const std::string& key, Value value);

  const std::shared_ptr<Attempt> attempt_;
  const OperatorInfo& info_;
  const ServiceContext& services_;
  const int depth_;
  std::function<void()> released_;
  CancelGroup under_way_;
  CancelToken plugin_cancel_;  ///< the plugin's one callback

  std::mutex mutex_;                ///< guards the rest
  std::shared_ptr<HostTask> self_;  ///< the plugin's reference: set while it may use the task
  int references_ = 1;              ///< execute() and the holds
  bool executing_ = true;
  bool ever_held_ = false;
  bool only_waits_ = false;
  std::optional<lw_code> decided_;
  std::map<std::string, std::string, std::less<>> facts_;
  std::map<std::string, BufferRef, std::less<>> lent_;
  std::shared_ptr<const JsonDocument> params_;
  Value result_;
  std::string bad_result_;  ///< why the last result was refused; empty: it was not
  std::size_t emitted_bytes_ = 0;
  std::optional<std::vector<std::string>> branch_;
  SkipDownstream skip_downstream_ = SkipDownstream::none;
  std::shared_ptr<const InputRequest> asked_;
  std::optional<TaskError> error_;
  std::int64_t retry_after_ms_ = -1;
  std::vector<ModelCall> model_calls_;
};

/// The functions behind lw_task.api.
extern const lw_task_api kTaskApi;

}  // namespace leeward
