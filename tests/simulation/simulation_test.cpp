#include <algorithm>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "core/engine/run_engine.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/simulation/random_dag.hpp"
#include "tests/support/recording_observer.hpp"
#include "tests/support/simulated_executor.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

/// Everything about one simulated run.
struct World {
  std::mt19937_64 random;
  std::shared_ptr<const Dag> dag;
  FakeClock clock;
  SimulatedExecutor executor;
  MemoryRunStore store;
  RecordingObserver observer;
  RunRecord record;

  explicit World(std::uint64_t seed)
      : random(seed),
        dag(random_dag(random)),
        executor(
            clock, [this](const TaskCall& call) { return step(call); }, seed) {
    auto info = std::make_shared<RunInfo>();
    info->run_id = "r1";
    RunEngine::Options options;
    options.max_active_tasks = random() % 4;
    RunEngine engine(dag, info, clock, executor, store, {&observer}, options);
    if (random() % 8 == 0) executor.at(std::chrono::seconds(random() % 10), [&engine] { engine.cancel(); });
    const RunState ended = engine.run().value();
    record = store.load(info->run_id).value();
    LW_ASSERT(ended == record.state, "what the engine says is what it recorded");
  }

  SimulatedExecutor::Step step(const TaskCall& call) {
    static constexpr OutcomeKind kKinds[] = {OutcomeKind::success, OutcomeKind::success, OutcomeKind::success,
                                             OutcomeKind::success, OutcomeKind::skipped, OutcomeKind::retry,
                                             OutcomeKind::retry,   OutcomeKind::failed,  OutcomeKind::reschedule,
                                             OutcomeKind::canceled};
    SimulatedExecutor::Step step;
    step.takes = std::chrono::milliseconds(random() % 4000);
    step.ignores_cancel = random() % 4 == 0;
    // Only what will be stopped may hang.
    step.never_ends = call.task->execution_timeout && random() % 4 == 0;
    step.outcome.kind = kKinds[random() % std::size(kKinds)];
    const auto downstream = dag->downstream(dag->find(call.task->id));
    if (step.outcome.kind == OutcomeKind::success && random() % 4 == 0) {
      step.outcome.branch.emplace();
      for (const TaskIndex next : downstream) {
        if (random() % 2 == 0) step.outcome.branch->push_back(dag->task(next).id);
      }
    }
    return step;
  }
};

/// Where each instance stands, event by event.
struct Replay {
  const Dag& dag;
  std::map<InstanceIndex, TaskState> states;
  std::map<TaskIndex, std::pair<InstanceIndex, std::uint32_t>> expanded;
  std::map<InstanceIndex, int> finishes;

  UpstreamCounts upstream_of(TaskIndex task) const {
    UpstreamCounts counts;
    for (const TaskIndex up : dag.upstream(task)) {
      const auto found = expanded.find(up);
      const InstanceIndex first = found == expanded.end() ? InstanceIndex{up.value} : found->second.first;
      const std::uint32_t count = found == expanded.end() ? 1 : found->second.second;
      for (std::uint32_t k = 0; k < count; ++k) add(counts, InstanceIndex{first.value + k});
    }
    return counts;
  }
  void add(UpstreamCounts& counts, InstanceIndex instance) const {
    ++counts.total;
    const auto found = states.find(instance);
    if (found == states.end()) return;
    if (found->second == TaskState::success) ++counts.success;
    if (found->second == TaskState::failed || found->second == TaskState::canceled) ++counts.failed;
    if (found->second == TaskState::upstream_failed) ++counts.upstream_failed;
    if (found->second == TaskState::skipped) ++counts.skipped;
  }
};

void check_event(Replay& replay, const Event& event) {
  if (event.kind == EventKind::task_expanded && event.count > 0) {
    replay.expanded[event.task] = {event.instance, event.count};
  }
  if (event.kind != EventKind::task_transition) return;
  CHECK(replay.states[event.instance] == event.from);
  CHECK(may_become(event.from, event.to));
  if (event.from == TaskState::none && event.to == TaskState::scheduled) {
    const TriggerRule rule = replay.dag.task(event.task).trigger_rule;
    CHECK(decide(rule, replay.upstream_of(event.task)) == TriggerDecision::run);
  }
  CHECK(event.try_number <= replay.dag.task(event.task).retry.retries + 1);
  replay.states[event.instance] = event.to;
  if (is_finished(event.to)) ++replay.finishes[event.instance];
}

void check_world(const World& world) {
  Replay replay{*world.dag, {}, {}, {}};
  const auto& events = world.observer.events();
  for (std::size_t i = 0; i < events.size(); ++i) {
    CHECK(events[i].sequence == i);
    check_event(replay, events[i]);
  }
  for (const auto& [instance, times] : replay.finishes) CHECK(times == 1);
  CHECK(replay.finishes.size() == world.record.tasks.size());
  for (const TaskRecord& task : world.record.tasks) CHECK(is_finished(task.state));
  CHECK(events.back().kind == EventKind::run_finished);

  // What was told adds up to what was stored.
  RunProjection told(std::make_shared<RunInfo>(world.record.info), world.dag);
  for (const Event& event : events) told.apply(event);
  const RunRecord again = told.record();
  CHECK(again.state == world.record.state);
  REQUIRE(again.tasks.size() == world.record.tasks.size());
  for (std::size_t i = 0; i < again.tasks.size(); ++i) CHECK(again.tasks[i].state == world.record.tasks[i].state);
}

std::vector<std::string> told(const World& world) {
  std::vector<std::string> texts;
  for (const Event& event : world.observer.events()) texts.push_back(summary(*world.dag, event));
  return texts;
}

}  // namespace

TEST_CASE("Whatever the DAG and its tasks do, the engine keeps its promises", "[simulation]") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    INFO("seed " << seed);
    const World world(seed);
    check_world(world);
  }
}

TEST_CASE("The same seed gives the same run, event for event", "[simulation]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    INFO("seed " << seed);
    CHECK(told(World(seed)) == told(World(seed)));
  }
}
