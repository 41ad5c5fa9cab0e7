#include "host/runner/runner_process.hpp"

#include <algorithm>
#include <utility>

#include "core/base/quoted.hpp"
#include "host/plugin/callee_threads.hpp"
#include "host/plugin/sealed_copy.hpp"
#include "host/runner/runner_life.hpp"

namespace leeward {
namespace {

/// So many deaths within this time, or in a row before it was ready, however long that took, and the plugin is not
/// started again: attempts wait for a runner that becomes ready.
constexpr std::size_t kMostDeaths = 3;
constexpr std::chrono::seconds kDeathsWithin{60};

}  // namespace

RunnerProcess::RunnerProcess(Options options, const ServiceContext& services)
    : options_(std::move(options)), services_(services), attempts_(options_.stop_grace, [this] { wake(); }) {}

RunnerProcess::~RunnerProcess() {
  closing_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
}

void RunnerProcess::execute(std::uint32_t op, const OperatorInfo& info, std::shared_ptr<Attempt> attempt) {
  std::call_once(started_, [this] { thread_ = std::thread{[this] { run(); }}; });
  attempts_.start(op, info, std::move(attempt));
}

void RunnerProcess::wake() {
  const std::lock_guard lock{mutex_};
  awake_ = true;
  if (channel_) channel_->wake();
  work_came_.notify_one();
}

/// The process is started here, and this thread lives as long as it may: the kernel ends a runner with the thread that
/// started it.
void RunnerProcess::run() {
  const MustNotBlock here;
  while (true) {
    {
      std::unique_lock lock{mutex_};
      work_came_.wait(lock, [this] { return awake_; });
      awake_ = false;
    }
    if (closing()) break;
    while (attempts_.waiting() && !closing()) live();
  }
  RemoteAttempts::end(attempts_.take_waiting(), [](std::uint64_t, const RemoteAttempt&) {
    return TaskOutcome::retryable("plugin.crashed", "the host is leaving");
  });
}

/// Every runner of the plugin is given the same bytes, whatever becomes of the file.
Status RunnerProcess::make_copy() {
  if (copy_) return done();
  const Result<PluginFile> file = options_.contents();
  if (!file) return file.error();
  Result<UniqueFd> copy = sealed_copy(*file);
  if (!copy) return std::move(copy).error();
  copy_ = std::move(copy).value();
  return done();
}

void RunnerProcess::live() {
  const Status copied = make_copy();
  auto life = copied ? Life::start(*this) : Result<std::unique_ptr<Life>>{copied.error()};
  if (!life) {
    const std::string message = "plugin " + quoted(options_.plugin) + ": " + life.error().message;
    RemoteAttempts::end(attempts_.take_waiting(), [&](std::uint64_t, const RemoteAttempt&) {
      return copied ? TaskOutcome::retryable(life.error().code, message)
                    : TaskOutcome::failed(life.error().code, message);
    });
    return;
  }
  {
    const std::lock_guard lock{mutex_};
    channel_ = (*life)->channel();
  }
  const Death death = (*life)->run();
  {
    const std::lock_guard lock{mutex_};
    channel_.reset();
  }
  mourn(death, (*life)->desk());
}

void RunnerProcess::mourn(const Death& death, ServiceDesk& desk) {
  tell(death);
  end_after_callees(desk, [&](std::uint64_t id, const RemoteAttempt& one) { return verdict_on(id, one, death); });
}

void RunnerProcess::tell(const Death& death) {
  if (death.kind == Death::Kind::refused) {
    refuse_all(TaskOutcome::failed(death.why.code, "plugin " + quoted(options_.plugin) + ": " + death.why.message));
    services_.log.line(LogLevel::error, "plugins", options_.file + ": " + death.why.message, {});
  } else if (death.kind == Death::Kind::crashed) {
    services_.log.line(LogLevel::error, "plugins", "plugin " + quoted(options_.plugin) + " crashed: " + death.story(),
                       {});
    const auto now = std::chrono::steady_clock::now();
    deaths_.push_back(now);
    while (now - deaths_.front() > kDeathsWithin) deaths_.pop_front();
    unready_deaths_ = death.was_ready ? 0 : unready_deaths_ + 1;
    if (deaths_.size() >= kMostDeaths || unready_deaths_ >= kMostDeaths) quarantine(death.story());
  }
}

/// The next try of a task must not run beside what the last one has started; and an attempt that has ended may take its
/// run along, whose listeners what it started would speak to.
void RunnerProcess::end_after_callees(ServiceDesk& desk, const RemoteAttempts::Verdict& verdict) {
  const auto usual = std::chrono::steady_clock::now() + options_.callee_grace;
  const auto until = [&](const RemoteAttempt& one) {
    return one.stop_by ? std::min(usual, *one.stop_by + options_.callee_grace / 2) : usual;
  };
  RemoteAttempts::Taken left = attempts_.close();
  while (!left.empty()) {
    const std::uint64_t ends = desk.ends();
    const auto now = std::chrono::steady_clock::now();
    const auto waits = std::stable_partition(left.begin(), left.end(), [&](const auto& one) {
      return !desk.at_work_for(one.first) || now >= until(one.second);
    });
    const RemoteAttempts::Taken over{left.begin(), waits};
    left.erase(left.begin(), waits);
    for (const auto& [id, one] : over) desk.detach(id);
    RemoteAttempts::end(over, verdict);
    auto next = usual;
    for (const auto& [id, one] : left) next = std::min(next, until(one));
    if (!left.empty()) desk.wait_for_more(ends, next);
  }
}

TaskOutcome RunnerProcess::verdict_on(std::uint64_t id, const RemoteAttempt& one, const Death& death) const {
  const std::string plugin = "plugin " + quoted(options_.plugin);
  const Task* task = one.attempt->call().task;
  const std::string where =
      plugin + ", operator " + quoted(one.info->name) + (task == nullptr ? "" : ", task " + quoted(task->id)) + ": ";
  switch (death.kind) {
    case Death::Kind::refused: return TaskOutcome::failed(death.why.code, plugin + ": " + death.why.message);
    case Death::Kind::stopped: return TaskOutcome::retryable("plugin.crashed", where + "its process was stopped");
    case Death::Kind::crashed: return TaskOutcome::retryable("plugin.crashed", where + death.story());
    case Death::Kind::hung: break;
  }
  if (id != death.hung) return TaskOutcome::retryable("plugin.crashed", where + "stopped because another attempt hung");
  TaskOutcome outcome;
  outcome.kind = OutcomeKind::canceled;
  outcome.error = TaskError{
      "plugin.hung", where + "it did not stop when it was asked to, and its process was killed", false, 0, {}};
  return outcome;
}

/// Those that wait for a runner, too.
void RunnerProcess::refuse_all(const TaskOutcome& outcome) {
  attempts_.refuse_all(outcome);
  RemoteAttempts::end(attempts_.take_waiting(), [&](std::uint64_t, const RemoteAttempt&) { return outcome; });
}

void RunnerProcess::quarantine(const std::string& why) {
  const std::string when =
      deaths_.size() < kMostDeaths ? " times in a row before it was ready" : " times within a minute";
  const std::string message = "plugin " + quoted(options_.plugin) + " is quarantined: it died " +
                              std::to_string(kMostDeaths) + when + ", the last time because " + why +
                              "; it is not started again before leeward is";
  refuse_all(TaskOutcome::failed("plugin.quarantined", message));
  services_.log.line(LogLevel::error, "plugins", message, {});
}

}  // namespace leeward
