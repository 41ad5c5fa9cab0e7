#include "core/engine/callback_runner.hpp"

#include <utility>

#include "core/engine/verdict.hpp"

namespace leeward {
namespace {

/// What its templates can name beside everything else.
std::shared_ptr<const JsonDocument> told(const CallbackRunner::News& news) {
  JsonWriter out;
  out.begin_object().member("state", news.state).key("error");
  if (news.outcome && news.outcome->error) {
    const TaskError& error = *news.outcome->error;
    out.begin_object().member("code", error.code).member("message", error.message).end_object();
  } else {
    out.null();
  }
  out.end_object();
  return JsonDocument::of(Value{out.take()});
}

}  // namespace

void CallbackRunner::tell(std::span<const Callback> callbacks, const News& news) {
  std::shared_ptr<const JsonDocument> also;
  for (const Callback& callback : callbacks) {
    if (callback.moment != news.moment) continue;
    if (!also) also = told(news);
    auto input =
        resolver_.resolve({&callback.call, news.map_index, news.try_number, also.get()}, *callback.with, news.items);
    if (!input) {
      failures_.emplace_back(AtWork{&callback, news.task_id}, *failed_input(std::move(input).error()).error);
      continue;
    }
    TaskCall& call = to_start_.emplace_back();
    call.run = run_;
    call.task = &callback.call;
    call.instance = InstanceIndex{next_++};
    call.map_index = news.map_index;
    call.try_number = 1;  // of the call itself: what the executor knows it by
    call.of_run = false;
    call.params = std::move(input->params);
    call.context = std::move(input->context);
    at_work_[call.instance] = {&callback, news.task_id};
  }
}

void CallbackRunner::tell_failures() {
  for (const auto& [work, error] : std::exchange(failures_, {})) failed(work, error);
}

void CallbackRunner::start(std::size_t reserved) {
  if (to_start_.empty()) return;
  std::vector<TaskCall> later;
  for (TaskCall& call : std::exchange(to_start_, {})) {
    if (call.task->op->traits.blocks() && executor_.free_threads() <= reserved) {
      later.push_back(std::move(call));
    } else {
      executor_.start(std::move(call));
    }
  }
  to_start_ = std::move(later);
}

bool CallbackRunner::take(const Completion& completion) {
  if (completion.instance.value < kFirst) return false;
  const auto found = at_work_.find(completion.instance);
  if (found == at_work_.end()) return true;
  const TaskOutcome& outcome = completion.outcome;
  if (outcome.kind == OutcomeKind::deferred) return true;
  if (outcome.kind != OutcomeKind::success && outcome.kind != OutcomeKind::skipped) {
    const TaskError silent{"callback.failed", "the callback did not succeed", false, 0, {}};
    failed(found->second, outcome.error.value_or(silent));
  }
  at_work_.erase(found);
  return true;
}

void CallbackRunner::give_up() {
  const TaskError too_late{
      "callback.timed_out", "the callback had not ended when its time after the run was over", false, 0, {}};
  for (const auto& [instance, work] : at_work_) {
    executor_.cancel(instance, 1);
    failed(work, too_late);
  }
  at_work_.clear();
  to_start_.clear();
}

void CallbackRunner::failed(const AtWork& work, const TaskError& error) {
  observers_.on_callback_failed(*run_, work.task_id, work.callback->moment, error);
}

}  // namespace leeward
