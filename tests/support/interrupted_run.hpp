#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/run_engine.hpp"
#include "core/model/run_projection.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/support/recording_observer.hpp"
#include "tests/support/simulated_executor.hpp"

namespace leeward::test {

/// One run of the real engine by several processes, one after the other: each is an engine, an executor and a clock of
/// its own, and all they have in common is what was recorded, and the wall.
class InterruptedRun {
 public:
  InterruptedRun(std::shared_ptr<const Dag> dag, SimulatedExecutor::Script script, RunEngine::Options options = {});

  /// What the next process does at some time after its own start: answer, cancel, suspend.
  void at(Duration since_start, std::function<void(RunEngine&)> action);
  /// One process, from where the last one left the run to its end or suspension.
  Result<RunState> go_on();
  /// As if the last processes had ended when so many events were recorded.
  void forget_after(std::size_t events);
  /// Records what somebody else than an engine has to say: a clear.
  void record(std::vector<Event> events);
  /// Between two processes.
  void pass(Duration time) { wall_.unix_ns += time.count(); }

  [[nodiscard]] const std::vector<Event>& events() const noexcept { return events_; }
  /// How many events were recorded after each batch of the last process.
  [[nodiscard]] const std::vector<std::size_t>& batches() const noexcept { return batches_; }
  /// What the last process started and told.
  [[nodiscard]] const std::vector<TaskCall>& started() const noexcept { return started_; }
  [[nodiscard]] const std::vector<Event>& told() const noexcept { return told_; }
  /// When the last process ended, on its own clock.
  [[nodiscard]] Duration took() const noexcept { return took_; }

  [[nodiscard]] RunRecord shown() const;
  /// "a success after 1, b[0] failed after 2", in the order of the report.
  [[nodiscard]] std::string states() const;
  /// "a#1 b[0]#2": what the last process started, with the try.
  [[nodiscard]] std::string starts() const;

 private:
  struct Action {
    Duration at;
    std::function<void(RunEngine&)> run;
  };
  std::shared_ptr<const Dag> dag_;
  std::shared_ptr<const RunInfo> info_;
  SimulatedExecutor::Script script_;
  RunEngine::Options options_;
  std::vector<Action> actions_;
  std::vector<Event> events_;
  std::vector<std::size_t> batches_;
  std::vector<TaskCall> started_;
  std::vector<Event> told_;
  Timestamp wall_ = FakeClock::kStart;
  Duration took_{};
};

}  // namespace leeward::test
