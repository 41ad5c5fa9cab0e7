#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/exec/executor.hpp"
#include "tests/support/fake_clock.hpp"

namespace leeward::test {

/// An executor without threads and without time: attempts end when the script says, on a clock that jumps to the next
/// thing that happens. The same script and seed give the same run, event for event.
class SimulatedExecutor final : public Executor {
 public:
  struct Step {
    Duration takes{};
    TaskOutcome outcome;
    bool never_ends = false;  ///< unless it is cancelled
    bool ignores_cancel = false;
    bool defers = false;  ///< holds no thread: says `deferred` as soon as it has started
    bool idles = false;   ///< with `defers`: counts against no limit meanwhile
  };
  using Script = std::function<Step(const TaskCall&)>;

  /// With a seed, attempts that end at the same moment come out in an order of the seed's choice.
  SimulatedExecutor(FakeClock& clock, Script script, std::optional<std::uint64_t> seed = {});

  /// Something that happens outside of the run: a user's cancel, say.
  void at(Duration since_start, std::function<void()> action);

  void start(TaskCall call) override;
  void cancel(InstanceIndex instance, int try_number) override;
  void wait(std::optional<Instant> deadline, std::vector<Completion>& out) override;
  void interrupt() override { interrupted_ = true; }

  /// For blocking operators: as many as wanted, unless this was called.
  void limit_threads(std::size_t threads) noexcept { threads_ = threads; }
  [[nodiscard]] std::size_t free_threads() const override { return threads_ - std::min(threads_, pending_.size()); }

  /// Every start so far.
  [[nodiscard]] const std::vector<TaskCall>& started() const noexcept { return started_; }
  [[nodiscard]] std::size_t in_flight() const noexcept { return pending_.size(); }

 private:
  struct Pending {
    std::optional<Instant> due;  ///< nothing: never
    Completion completion;
    bool ignores_cancel = false;
  };
  struct Action {
    Instant due;
    std::function<void()> run;
  };
  [[nodiscard]] std::optional<Instant> next() const;
  void deliver(std::vector<Completion>& out);
  void run_actions();

  FakeClock& clock_;
  Script script_;
  std::optional<std::mt19937_64> random_;
  std::vector<Pending> pending_;
  std::vector<Action> actions_;
  std::vector<TaskCall> started_;
  bool interrupted_ = false;
  std::size_t threads_ = SIZE_MAX;
};

}  // namespace leeward::test
