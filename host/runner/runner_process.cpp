#include "host/runner/runner_process.hpp"

#include <utility>

#include "core/base/json.hpp"
#include "host/plugin/callee_threads.hpp"
#include "host/plugin/sealed_copy.hpp"
#include "host/runner/runner_life.hpp"

namespace leeward {
namespace {

/// So many deaths within this time, and the plugin is not started again.
constexpr std::size_t kMostDeaths = 3;
constexpr std::chrono::seconds kDeathsWithin{60};

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

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
  RemoteAttempts::end(attempts_.close(), [](std::uint64_t, const RemoteAttempt&) {
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
    RemoteAttempts::end(attempts_.close(), [&](std::uint64_t, const RemoteAttempt&) {
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
  mourn(death);
}

void RunnerProcess::mourn(const Death& death) {
  const std::string plugin = "plugin " + quoted(options_.plugin);
  if (death.kind == Death::Kind::refused) {
    TaskOutcome outcome = TaskOutcome::failed(death.why.code, plugin + ": " + death.why.message);
    attempts_.refuse_all(outcome);
    services_.log.line(LogLevel::error, "plugins", options_.file + ": " + death.why.message, {});
  } else if (death.kind == Death::Kind::crashed) {
    services_.log.line(LogLevel::error, "plugins",
                       plugin + " crashed: " + death.why.message +
                           (death.last_words.empty() ? "" : "; its last words: " + death.last_words),
                       {});
    const auto now = std::chrono::steady_clock::now();
    deaths_.push_back(now);
    while (now - deaths_.front() > kDeathsWithin) deaths_.pop_front();
    if (deaths_.size() >= kMostDeaths) quarantine(death.why.message);
  }
  RemoteAttempts::end(attempts_.close(), [&](std::uint64_t id, const RemoteAttempt& one) -> TaskOutcome {
    if (death.kind == Death::Kind::refused)
      return TaskOutcome::failed(death.why.code, plugin + ": " + death.why.message);
    const Task* task = one.attempt->call().task;
    const std::string where =
        plugin + ", operator " + quoted(one.info->name) + (task == nullptr ? "" : ", task " + quoted(task->id)) + ": ";
    if (death.kind == Death::Kind::hung && id == death.hung) {
      TaskOutcome outcome;
      outcome.kind = OutcomeKind::canceled;
      outcome.error = TaskError{
          "plugin.hung", where + "it did not stop when it was asked to, and its process was killed", false, 0, {}};
      return outcome;
    }
    if (death.kind == Death::Kind::hung)
      return TaskOutcome::retryable("plugin.crashed", where + "stopped because another attempt hung");
    const std::string why = death.kind == Death::Kind::stopped ? "its process was stopped" : death.why.message;
    TaskOutcome outcome = TaskOutcome::retryable(
        "plugin.crashed", where + why + (death.last_words.empty() ? "" : "; its last words: " + death.last_words));
    return outcome;
  });
}

void RunnerProcess::quarantine(const std::string& why) {
  const std::string message = "plugin " + quoted(options_.plugin) + " is quarantined: it died " +
                              std::to_string(kMostDeaths) + " times within a minute, the last time because " + why +
                              "; it is not started again before leeward is";
  attempts_.refuse_all(TaskOutcome::failed("plugin.quarantined", message));
  services_.log.line(LogLevel::error, "plugins", message, {});
}

}  // namespace leeward
