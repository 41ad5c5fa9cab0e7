#pragma once

#include "core/exec/operator.hpp"
#include "core/observe/observer.hpp"
#include "host/observe/log.hpp"

namespace leeward {

/// How runs are going that nobody watches, such as those that another run has triggered: a log line when one starts and
/// ends and for each task that fails, beside what its attempts say themselves. One for all of them. Thread-safe; `log`
/// must outlive it.
class RunLog final : public Observer, public AttemptListener {
 public:
  explicit RunLog(Log& log) : log_(log) {}

  void on_events(const RunInfo& run, const Dag& dag, std::span<const Event> events) override;
  void on_callback_failed(const RunInfo& run, std::string_view task_id, CallbackMoment moment,
                          const TaskError& error) override;
  void on_log(const TaskCall& call, LogLevel level, std::string_view message, std::string_view fields_json) override;
  void on_progress(const TaskCall&, double, std::string_view) override {}
  bool on_output(const TaskCall&, std::string_view, std::string_view) override { return true; }

 private:
  Log& log_;
};

/// The warning that a notifier failed. `who`: the task, or the DAG, that it belongs to.
void log_failed_callback(Log& log, std::string_view who, CallbackMoment moment, const TaskError& error);

}  // namespace leeward
