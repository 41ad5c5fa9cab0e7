#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/engine/run_engine.hpp"
#include "core/store/memory_run_store.hpp"
#include "core/store/sqlite_store.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/recording_observer.hpp"
#include "tests/support/scripted_catalog.hpp"
#include "tests/support/simulated_executor.hpp"
#include "tests/support/temp_dir.hpp"

// What it takes to have many open runs back after their process has ended: each is read from the store and put where
// its events left it, until it would go on. Most wait for a person; each twentieth, more than a host has at work at
// once, was in the middle of it, with a mapped task of which some have ended and some were running. That those are
// scheduled again is recorded, which takes a commit. All are suspended before anything starts.

namespace {

using namespace leeward;
using namespace leeward::test;

constexpr std::size_t kRuns = 10'000;
constexpr std::size_t kAtWorkEach = 20;
constexpr std::size_t kThreads = 32;  // as many runs as a host has at work, and they share commits

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

constexpr const char* kAtWork = R"({"dag_id": "test", "tasks": [
  {"task_id": "list", "operator": "scripted", "output_key": "found"},
  {"task_id": "each", "operator": "scripted", "depends_on": ["list"], "retries": 2, "output_key": "read",
   "expand": {"n": [1, 2, 3, 4, 5, 6, 7, 8]}},
  {"task_id": "end", "operator": "scripted", "depends_on": ["each"]}]})";

/// The task `ask` asks a person; of the mapped ones the second half takes longer than anybody waits.
SimulatedExecutor::Step as_named(const TaskCall& call) {
  SimulatedExecutor::Step step;
  step.outcome.value = Value{std::string{R"({"text":"what a task of some run returned","n":17})"}};
  step.never_ends = call.map_index >= 4;
  if (call.task->id != "ask") return step;
  step.outcome.kind = OutcomeKind::awaiting_input;
  step.outcome.input = std::make_shared<const InputRequest>();
  return step;
}

/// A kind of run, and the events of one that has come as far as it does.
struct Kind {
  std::shared_ptr<const Dag> dag;
  std::vector<Event> events;
};

using Kinds = std::array<Kind, 2>;  // one that waits for a person, one that is at work

const Kind& kind_of(const Kinds& kinds, std::size_t run) { return kinds[run % kAtWorkEach == 0 ? 1 : 0]; }

std::shared_ptr<const RunInfo> info_of(std::size_t run) {
  auto info = std::make_shared<RunInfo>();
  std::string number = std::to_string(run);
  info->run_id = "run_" + std::string(8 - number.size(), '0') + number;
  info->dag_id = "test";
  info->logical_date = FakeClock::kStart;
  return info;
}

std::size_t number_of(const std::string& run_id) { return std::stoul(run_id.substr(run_id.find('_') + 1)); }

Kind left_open(std::shared_ptr<const Dag> dag) {
  FakeClock clock;
  SimulatedExecutor executor(clock, as_named);
  MemoryRunStore store;
  RecordingObserver observer;
  RunEngine engine(dag, info_of(0), clock, executor, store, {&observer}, {});
  executor.at(std::chrono::seconds{1}, [&] { engine.suspend(); });
  static_cast<void>(engine.run());
  return {std::move(dag), observer.events()};
}

bool resume(const std::shared_ptr<const Dag>& dag, const std::shared_ptr<const RunInfo>& info, RunStore& store,
            std::span<const Event> so_far) {
  FakeClock clock;
  SimulatedExecutor executor(clock, as_named);
  RunEngine engine(dag, info, clock, executor, store, {}, {});
  engine.suspend();
  const auto left = engine.resume(so_far);
  return left && *left == RunState::running;
}

/// `one` of each number below `count`; true if all were.
bool all_of_them(std::size_t count, const std::function<bool(std::size_t)>& one) {
  std::vector<std::thread> threads;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> good{true};
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (std::size_t number = next++; number < count; number = next++) {
        if (!one(number)) good = false;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return good;
}

bool record(RunStore& store, const Kinds& kinds) {
  return all_of_them(kRuns, [&](std::size_t run) {
    const auto info = info_of(run);
    const Kind& kind = kind_of(kinds, run);
    return store.begin(info, kind.dag) && store.append(*info, kind.events);
  });
}

/// Reads all open runs of the store, and puts them where they stood.
bool recover(RunStore& store, const Kinds& kinds) {
  RunQuery query;
  query.unfinished = true;
  const auto listed = store.list(query);
  if (!listed || listed->size() != kRuns) return false;
  return all_of_them(kRuns, [&](std::size_t i) {
    const std::string& run_id = (*listed)[i].run_id;
    const Result<RunHistory> history = store.history(run_id);
    return history && resume(kind_of(kinds, number_of(run_id)).dag, history->info, store, history->events);
  });
}

}  // namespace

int main() {
  const auto waiting = dag_of("a; b <- a; c <- a; d <- b c; e <- d; f <- e; g <- f; h <- g; ask <- h; j <- ask; k <- j",
                              [](Task& task) { task.output_key = "out_" + task.id; });
  const Kinds kinds{left_open(waiting), left_open(scripted_dag(kAtWork))};
  bool good = true;

  MemoryRunStore memory;
  good = record(memory, kinds) && good;
  auto begin = std::chrono::steady_clock::now();
  for (std::size_t run = 0; run < kRuns; ++run) {
    const Kind& kind = kind_of(kinds, run);
    good = resume(kind.dag, info_of(run), memory, kind.events) && good;
  }
  const double restored = milliseconds_since(begin);

  const TempDir home;
  SqliteDb::Options options;
  options.path = (home / "leeward.db").string();
  {
    auto store = SqliteStore::open(options);
    good = store && record(**store, kinds) && good;
  }
  begin = std::chrono::steady_clock::now();
  {
    auto store = SqliteStore::open(options);
    good = store && recover(**store, kinds) && good;
  }
  const double recovered = milliseconds_since(begin);
  std::printf(
      "recover: %zu open runs of %zu events, each twentieth at work, of %zu; put where they stood in %.0f ms, read "
      "from "
      "the store as well in %.0f "
      "ms%s\n",
      kRuns, kinds[0].events.size(), kinds[1].events.size(), restored, recovered, good ? "" : "; AND NOT ALL OF THEM");
  return good ? 0 : 1;
}
