#pragma once

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/runner/runner_process.hpp"
#include "tests/host/plugin/host_fixture.hpp"

namespace leeward::test {

/// A host whose log is kept, with the plugin `mischief` in a process of its own.
class RunnerFixture : public HostFixture {
 public:
  /// The plugin's operators, in its order.
  enum Op : std::uint32_t { mischief, later, caller, fetch, noop, starter };

  explicit RunnerFixture(RunnerProcess::Options options = usual())
      : runner_(std::make_unique<RunnerProcess>(std::move(options), services)) {
    for (const char* name : {"mischief", "later", "caller", "fetch", "noop", "starter"}) {
      infos_.emplace_back().name = name;
      infos_.back().plugin = "mischief";
    }
    infos_[mischief].traits = {};
    for (const Op op : {later, caller, fetch, starter}) infos_[op].traits.async = true;
    infos_[noop].traits.inline_execution = true;
  }

  static RunnerProcess::Options usual() {
    RunnerProcess::Options options;
    options.plugin = "mischief";
    options.grants.plugin = "mischief";
    options.grants.calls = {"none", "slow", "twice"};
    options.file = LEEWARD_BINARY_DIR "/tests/samples/mischief.so";
    options.contents = [] { return PluginFile::read(LEEWARD_BINARY_DIR "/tests/samples/mischief.so"); };
    options.operators = 6;
    options.program_file = LEEWARD_BINARY_DIR "/bin/leeward";
    options.ready_limit = std::chrono::minutes{2};  // a busy machine is no hanging plugin
    return options;
  }

  std::shared_ptr<RecordingAttempt> start(Op op, std::string params) {
    return start(op, std::make_shared<RecordingAttempt>(listener, std::move(params)));
  }
  std::shared_ptr<RecordingAttempt> start(Op op, std::shared_ptr<RecordingAttempt> attempt) {
    runner_->execute(op, infos_[op], attempt);
    return attempt;
  }
  void execute(Op op, std::shared_ptr<Attempt> attempt) { runner_->execute(op, infos_[op], std::move(attempt)); }
  TaskOutcome run(Op op, std::string params) { return start(op, std::move(params))->wait(); }
  TaskOutcome doing(const std::string& what) { return run(mischief, R"({"do": ")" + what + "\"}"); }
  [[nodiscard]] OperatorInfo& info(Op op) { return infos_[op]; }

  void line(LogLevel, std::string_view component, std::string_view message, std::string_view) override {
    const std::lock_guard lock{mutex_};
    log_ += std::string{component} + ": " + std::string{message} + "\n";
  }
  [[nodiscard]] std::string log() {
    const std::lock_guard lock{mutex_};
    return log_;
  }
  /// Stops the runner, so that all it had to say was said.
  void stop() { runner_.reset(); }

 private:
  std::mutex mutex_;
  std::string log_;
  std::vector<OperatorInfo> infos_;
  std::unique_ptr<RunnerProcess> runner_;
};

}  // namespace leeward::test
