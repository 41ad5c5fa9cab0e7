#include "host/runner/runner_attempts.hpp"

#include <utility>

namespace leeward {
namespace {

std::uint64_t number_of(const TaskCall& call) { return static_cast<const RunnerTask&>(*call.task).attempt; }

}  // namespace

void UplinkListener::on_log(const TaskCall& call, LogLevel level, std::string_view message,
                            std::string_view fields_json) {
  WireWriter out;
  out.number(level).text({}).text(message).text(fields_json);
  uplink_.chat(FrameType::log, number_of(call), out.take());
}

void UplinkListener::line(LogLevel level, std::string_view component, std::string_view message,
                          std::string_view fields_json) {
  if (!enabled(level)) return;
  WireWriter out;
  out.number(level).text(component.substr(0, kMaxTextBytes)).text(message.substr(0, kMaxTextBytes));
  out.text(fields_json.size() <= kMaxTextBytes ? fields_json : std::string_view{});
  uplink_.chat(FrameType::log, 0, out.take());
}

void UplinkListener::on_progress(const TaskCall& call, double fraction, std::string_view note) {
  WireWriter out;
  out.number(fraction).text(note);
  uplink_.chat(FrameType::progress, number_of(call), out.take());
}

bool UplinkListener::on_output(const TaskCall& call, std::string_view channel, std::string_view chunk) {
  if (channel.size() > kMaxChannelBytes) return false;
  WireWriter out;
  out.text(channel).text(chunk);
  return uplink_.stream(number_of(call), out.take(), output_cost(channel.size(), chunk.size()));
}

/// One attempt: how it ends and that it is deferred go to the host.
class RunnerAttempts::One final : public NestedAttempt {
 public:
  One(StartMessage start, std::shared_ptr<CancelToken> cancel, AttemptListener& listener, RunnerAttempts& table)
      : NestedAttempt(std::move(start.call), std::move(cancel), listener, start.depth),
        task_(std::move(start.task)),
        table_(table) {}

  void complete(TaskOutcome outcome) override {
    WireWriter out;
    write_outcome(out, outcome);
    if (out.size() > kMaxFrameBytes) {
      out = {};
      write_outcome(out, TaskOutcome::failed("plugin.bad_result", "what it ended with is too large to be told"));
    }
    const std::lock_guard lock{mutex_};
    if (std::exchange(ended_, true)) return;  // it threw after its end
    table_.ended(task_->attempt);
    table_.uplink_.tell(FrameType::completed, task_->attempt, out.take());
  }

  void defer(bool idle) override {
    const std::lock_guard lock{mutex_};
    if (ended_) return;
    WireWriter out;
    out.truth(idle);
    table_.uplink_.tell(FrameType::deferred, task_->attempt, out.take());
  }

 private:
  const std::shared_ptr<RunnerTask> task_;
  RunnerAttempts& table_;
  std::mutex mutex_;  ///< that it is deferred is told before its end, or not at all
  bool ended_ = false;
};

std::shared_ptr<Attempt> RunnerAttempts::add(StartMessage start, AttemptListener& listener) {
  const std::uint64_t id = start.task->attempt;
  auto attempt = std::make_shared<One>(std::move(start), std::make_shared<CancelToken>(), listener, *this);
  const std::lock_guard lock{mutex_};
  attempts_.emplace(id, attempt);
  return attempt;
}

std::shared_ptr<Attempt> RunnerAttempts::find(std::uint64_t id) const {
  const std::lock_guard lock{mutex_};
  const auto at = attempts_.find(id);
  return at == attempts_.end() ? nullptr : at->second.lock();
}

bool RunnerAttempts::empty() const {
  const std::lock_guard lock{mutex_};
  return attempts_.empty();
}

void RunnerAttempts::ended(std::uint64_t id) {
  const std::lock_guard lock{mutex_};
  attempts_.erase(id);
}

}  // namespace leeward
