#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "host/plugin/plugin_file.hpp"
#include "host/plugin/service_context.hpp"
#include "host/process/child_process.hpp"
#include "host/process/sandbox.hpp"
#include "host/runner/call_grants.hpp"
#include "host/runner/callee_lanes.hpp"
#include "host/runner/frame_channel.hpp"
#include "host/runner/remote_attempts.hpp"

namespace leeward {

class ServiceDesk;

/// One plugin that runs outside of this process: starts its runner when there is work, starts another when it has died,
/// and gives up on a plugin that keeps dying.
///
/// Attempts come from any thread and hold none: the runner's thread, one a plugin, starts the process, carries all
/// frames and tells the attempts how they ended. What a runner says is a stranger's word: one that breaks the protocol
/// is killed. Owned by the registry, which outlives every attempt.
class RunnerProcess {
 public:
  struct Options {
    std::string plugin;  ///< its name
    CallGrants grants;   ///< what it may have the host do
    std::string file;    ///< as people know it
    std::function<Result<PluginFile>()>
        contents;                                 ///< of the file that was admitted; asked for once, when there is work
    std::size_t operators = 0;                    ///< how many it has
    std::map<std::string, std::string> settings;  ///< by operator name
    std::optional<SandboxLimits> limits = SandboxLimits{};
    /// What an attempt that was asked to stop is granted before its process is killed. Less than the engine's own
    /// grace, so that an attempt's end is still told.
    std::chrono::milliseconds stop_grace{5000};
    /// What operators that a dead runner's attempts have called are granted to stop, before the attempts end: longer
    /// than `bash` grants its commands, shorter than the engine grants attempts.
    std::chrono::milliseconds callee_grace{8000};
    std::chrono::milliseconds ready_limit{30000};           ///< for loading the plugin
    std::vector<std::string> program{"leeward", "runner"};  ///< what the child is called with
    std::string program_file = ChildProgram::kSelf;
  };

  /// Nothing is started yet. `services` must outlive it.
  RunnerProcess(Options options, const ServiceContext& services);
  /// Stops the runner. REQUIRES: no attempt is running; what still is ends as crashed.
  ~RunnerProcess();
  RunnerProcess(const RunnerProcess&) = delete;
  RunnerProcess& operator=(const RunnerProcess&) = delete;

  /// Runs an attempt of the plugin's `op`th operator. Any thread; never waits.
  void execute(std::uint32_t op, const OperatorInfo& info, std::shared_ptr<Attempt> attempt);

 private:
  class Life;
  struct Death;
  void run();
  void live();
  void mourn(const Death& death, ServiceDesk& desk);
  void tell(const Death& death);
  /// Ends what the dead runner had, each attempt when what works for it has ended as well.
  void end_after_callees(ServiceDesk& desk, const RemoteAttempts::Verdict& verdict);
  [[nodiscard]] TaskOutcome verdict_on(std::uint64_t id, const RemoteAttempt& one, const Death& death) const;
  void refuse_all(const TaskOutcome& outcome);
  void quarantine(const std::string& why);
  [[nodiscard]] bool closing() const { return closing_.load(std::memory_order_acquire); }
  void wake();

  Status make_copy();

  const Options options_;
  const ServiceContext& services_;
  RemoteAttempts attempts_;
  CalleeLanes lanes_;
  UniqueFd copy_;                                             ///< of the library, sealed; the thread's
  std::deque<std::chrono::steady_clock::time_point> deaths_;  ///< the latest; the thread's
  std::size_t unready_deaths_ = 0;                            ///< in a row; the thread's
  std::mutex mutex_;                                          ///< guards the next three
  std::condition_variable work_came_;
  bool awake_ = false;
  std::shared_ptr<FrameChannel> channel_;  ///< of the life that is; null: none
  std::atomic<bool> closing_{false};
  std::once_flag started_;
  std::thread thread_;
};

}  // namespace leeward
