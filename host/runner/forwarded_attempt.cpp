#include "host/runner/forwarded_attempt.hpp"

#include <mutex>
#include <utility>

namespace leeward {
namespace {

TaskCall call_of(const Attempt& caller, Value params) {
  TaskCall call = caller.call();
  call.params = std::move(params);
  return call;
}

std::shared_ptr<const Task> copy_of(const Task* task) {
  return task == nullptr ? nullptr : std::make_shared<const Task>(*task);
}

TaskCall with(TaskCall call, const Task* task) {
  call.task = task;
  return call;
}

}  // namespace

ForwardedAttempt::ForwardedAttempt(std::shared_ptr<Attempt> caller, int depth, Value params, Told told)
    : ForwardedAttempt(caller, depth, call_of(*caller, std::move(params)), copy_of(caller->call().task),
                       std::move(told)) {}

ForwardedAttempt::ForwardedAttempt(std::shared_ptr<Attempt> caller, int depth, TaskCall call,
                                   std::shared_ptr<const Task> task, Told told)
    : NestedAttempt(with(std::move(call), task.get()), std::make_shared<CancelToken>(),
                    static_cast<AttemptListener&>(*this), depth),
      caller_(std::move(caller)),
      task_(std::move(task)),
      told_(std::move(told)),
      hears_it_(&caller_->listener()) {}

void ForwardedAttempt::detach() {
  const std::lock_guard lock{mutex_};
  hears_it_ = nullptr;
}

void ForwardedAttempt::on_log(const TaskCall& call, LogLevel level, std::string_view message,
                              std::string_view fields_json) {
  const std::shared_lock lock{mutex_};
  if (hears_it_ != nullptr) hears_it_->on_log(call, level, message, fields_json);
}

void ForwardedAttempt::on_progress(const TaskCall& call, double fraction, std::string_view note) {
  const std::shared_lock lock{mutex_};
  if (hears_it_ != nullptr) hears_it_->on_progress(call, fraction, note);
}

bool ForwardedAttempt::on_output(const TaskCall& call, std::string_view channel, std::string_view chunk) {
  const std::shared_lock lock{mutex_};
  return hears_it_ == nullptr || hears_it_->on_output(call, channel, chunk);
}

}  // namespace leeward
