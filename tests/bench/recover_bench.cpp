#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/engine/run_engine.hpp"
#include "core/store/memory_run_store.hpp"
#include "core/store/sqlite_store.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/recording_observer.hpp"
#include "tests/support/simulated_executor.hpp"
#include "tests/support/temp_dir.hpp"

// What it takes to have many open runs back after their process has ended: each is read from the store and put where
// its events left it, until it would go on. The runs wait for a person, so that nothing is committed meanwhile.

namespace {

using namespace leeward;
using namespace leeward::test;

constexpr std::size_t kRuns = 10'000;
constexpr std::size_t kWriters = 32;  // so that commits are shared

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

SimulatedExecutor::Step asks_at_the_end(const TaskCall& call) {
  SimulatedExecutor::Step step;
  step.outcome.value = Value{std::string{R"({"text":"what a task of some run returned","n":17})"}};
  if (call.task->id != "ask") return step;
  step.outcome.kind = OutcomeKind::awaiting_input;
  step.outcome.input = std::make_shared<const InputRequest>();
  return step;
}

std::shared_ptr<const RunInfo> info_of(std::size_t run) {
  auto info = std::make_shared<RunInfo>();
  std::string number = std::to_string(run);
  info->run_id = "run_" + std::string(8 - number.size(), '0') + number;
  info->dag_id = "test";
  info->logical_date = FakeClock::kStart;
  return info;
}

/// The events of a run that has come to its question and no further.
std::vector<Event> open_history(const std::shared_ptr<const Dag>& dag) {
  FakeClock clock;
  SimulatedExecutor executor(clock, asks_at_the_end);
  MemoryRunStore store;
  RecordingObserver observer;
  RunEngine engine(dag, info_of(0), clock, executor, store, {&observer}, {});
  executor.at(std::chrono::seconds{1}, [&] { engine.suspend(); });
  static_cast<void>(engine.run());
  return observer.events();
}

bool resume(const std::shared_ptr<const Dag>& dag, const std::shared_ptr<const RunInfo>& info, RunStore& store,
            std::span<const Event> so_far) {
  FakeClock clock;
  SimulatedExecutor executor(clock, asks_at_the_end);
  RunEngine engine(dag, info, clock, executor, store, {}, {});
  engine.suspend();
  const auto left = engine.resume(so_far);
  return left && *left == RunState::running;
}

bool record(RunStore& store, const std::shared_ptr<const Dag>& dag, const std::vector<Event>& events) {
  std::vector<std::thread> writers;
  std::vector<char> good(kWriters, 1);
  for (std::size_t w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (std::size_t run = w; run < kRuns; run += kWriters) {
        const auto info = info_of(run);
        if (!store.begin(info, dag) || !store.append(*info, events)) good[w] = 0;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  return std::find(good.begin(), good.end(), 0) == good.end();
}

}  // namespace

int main() {
  const auto dag = dag_of("a; b <- a; c <- a; d <- b c; e <- d; f <- e; g <- f; h <- g; ask <- h; j <- ask; k <- j",
                          [](Task& task) { task.output_key = "out_" + task.id; });
  const std::vector<Event> events = open_history(dag);
  bool good = true;

  MemoryRunStore memory;
  for (std::size_t run = 0; run < kRuns; ++run) good = memory.begin(info_of(run), dag).ok() && good;
  auto begin = std::chrono::steady_clock::now();
  for (std::size_t run = 0; run < kRuns; ++run) good = resume(dag, info_of(run), memory, events) && good;
  const double restored = milliseconds_since(begin);

  const TempDir home;
  SqliteDb::Options options;
  options.path = (home / "leeward.db").string();
  {
    auto store = SqliteStore::open(options);
    good = store && record(**store, dag, events) && good;
  }
  begin = std::chrono::steady_clock::now();
  std::size_t open = 0;
  if (auto store = SqliteStore::open(options)) {
    RunQuery query;
    query.unfinished = true;
    const auto listed = (*store)->list(query);
    for (const RunSummary& run : listed.value()) {
      const RunHistory history = (*store)->history(run.run_id).value();
      good = resume(dag, history.info, **store, history.events) && good;
      ++open;
    }
  }
  const double recovered = milliseconds_since(begin);
  good = good && open == kRuns;
  std::printf(
      "recover: %zu open runs of %zu events; put where they stood in %.0f ms, read from the store as well in %.0f "
      "ms%s\n",
      kRuns, events.size(), restored, recovered, good ? "" : "; AND NOT ALL OF THEM");
  return good ? 0 : 1;
}
