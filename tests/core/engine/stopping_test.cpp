#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "core/engine/run_engine.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/simulated_executor.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

using States = std::map<std::string, TaskState>;

/// setup -> work -> teardown, a task that fails after five seconds, one that takes a minute, and one behind it.
struct Stopped {
  FakeClock clock;
  MemoryRunStore store;
  RunState ended = RunState::running;
  RunRecord record;

  explicit Stopped(Dag::Header header, std::optional<Duration> cancel_at = {}) {
    const auto dag = dag_of(
        "setup; work <- setup; down <- setup work [all_done_setup_success]; bad; slow; late <- slow",
        [](Task& t) {
          t.is_setup = t.id == "setup";
          t.is_teardown = t.id == "down";
        },
        std::move(header));
    SimulatedExecutor executor(clock, [](const TaskCall& call) {
      SimulatedExecutor::Step step;
      const std::string& id = call.task->id;
      step.takes = id == "bad" ? 5s : id == "slow" || id == "work" ? 60s : 1s;
      if (id == "bad") step.outcome = TaskOutcome::failed("x", "y");
      return step;
    });
    auto info = std::make_shared<RunInfo>();
    info->run_id = "r1";
    RunEngine engine(dag, info, clock, executor, store, {}, {});
    if (cancel_at) executor.at(*cancel_at, [&] { engine.cancel(); });
    ended = engine.run().value();
    record = store.load("r1").value();
  }
  [[nodiscard]] States states() const {
    States all;
    for (const TaskRecord& task : record.tasks) all[task.task_id] = task.state;
    return all;
  }
};

}  // namespace

TEST_CASE("fail_fast fails what is at work, skips the rest, and lets teardowns go on", "[engine]") {
  Dag::Header header;
  header.fail_fast = true;
  const Stopped run(std::move(header));
  CHECK(run.ended == RunState::failed);
  CHECK(run.record.end_reason == RunEndReason::fail_fast);
  CHECK(run.states() == States{{"setup", TaskState::success},
                               {"work", TaskState::failed},
                               {"down", TaskState::success},
                               {"bad", TaskState::failed},
                               {"slow", TaskState::failed},
                               {"late", TaskState::skipped}});
  CHECK(run.clock.now() == Instant{6s});
}

TEST_CASE("dagrun_timeout skips everything that is not finished, teardowns too", "[engine]") {
  Dag::Header header;
  header.dagrun_timeout = 10s;
  const Stopped run(std::move(header));
  CHECK(run.ended == RunState::failed);
  CHECK(run.record.end_reason == RunEndReason::timed_out);
  CHECK(run.states() == States{{"setup", TaskState::success},
                               {"work", TaskState::skipped},
                               {"down", TaskState::skipped},
                               {"bad", TaskState::failed},
                               {"slow", TaskState::skipped},
                               {"late", TaskState::skipped}});
}

TEST_CASE("A cancelled run still tears down what it had set up", "[engine]") {
  const Stopped run({}, Duration{3s});
  CHECK(run.ended == RunState::canceled);
  CHECK(run.record.end_reason == RunEndReason::canceled);
  CHECK(run.states() == States{{"setup", TaskState::success},
                               {"work", TaskState::canceled},
                               {"down", TaskState::success},
                               {"bad", TaskState::canceled},
                               {"slow", TaskState::canceled},
                               {"late", TaskState::canceled}});
}

TEST_CASE("What was never set up is not torn down", "[engine]") {
  const Stopped run({}, Duration{500ms});
  CHECK(run.states().at("setup") == TaskState::canceled);
  CHECK(run.states().at("down") == TaskState::upstream_failed);
}
