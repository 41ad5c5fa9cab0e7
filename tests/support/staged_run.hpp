#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/run_engine.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/support/recording_observer.hpp"
#include "tests/support/simulated_executor.hpp"

namespace leeward::test {

/// What runs may share: a clock that jumps and the runs there were.
struct Stage {
  FakeClock clock;
  MemoryRunStore store;
};

/// One run of the real engine on a simulated executor. A run in which something never ends is cut off with a cancel an
/// hour after the stage's clock started; everything told here is from before that.
class StagedRun {
 public:
  static constexpr Duration kCutOff = std::chrono::hours{1};

  StagedRun(Stage& stage, std::shared_ptr<const Dag> dag, RunInfo info, SimulatedExecutor::Script script,
            RunEngine::Options options = {});

  /// Before run(): something that happens outside of it. After it: every attempt that was started.
  [[nodiscard]] SimulatedExecutor& executor() noexcept { return executor_; }
  [[nodiscard]] RunEngine& engine() noexcept { return engine_; }

  /// Call once. Throws if the store failed.
  void run(Duration cut_off = kCutOff);

  /// `running` if it had to be cut off.
  [[nodiscard]] RunState state() const noexcept { return state_; }
  /// Of an instance by name, "a" or "a[0]"; `none` if nothing ever happened to it.
  [[nodiscard]] TaskState state(std::string_view instance) const;
  /// What the rules made of a task: run, wait, skipped, upstream_failed or removed. An attempt that skips itself ran.
  [[nodiscard]] std::string decision(std::string_view instance) const;
  /// When the decision fell, or the instance came into a state for the first time, since the stage's clock started.
  [[nodiscard]] std::optional<Duration> decided_at(std::string_view instance) const;
  [[nodiscard]] std::optional<Duration> reached_at(std::string_view instance, TaskState state) const;
  /// All that happened to an instance, in order.
  [[nodiscard]] std::vector<Event> history(std::string_view instance) const;

  [[nodiscard]] const std::vector<Event>& events() const noexcept { return events_; }
  [[nodiscard]] const Dag& dag() const noexcept { return *dag_; }

 private:
  [[nodiscard]] static Duration since_start(const Event& event);

  Stage& stage_;
  std::shared_ptr<const Dag> dag_;
  SimulatedExecutor executor_;
  RecordingObserver observer_;
  RunEngine engine_;
  std::vector<Event> events_;
  std::map<std::string, std::vector<Event>, std::less<>> histories_;
  RunState state_ = RunState::queued;
};

/// A run that nothing is said about.
[[nodiscard]] RunInfo run_info(std::string run_id = "r1", Timestamp logical_date = FakeClock::kStart);

}  // namespace leeward::test
