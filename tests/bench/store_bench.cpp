// What it costs that nothing is lost, in rounds that take turns, and the median of the ratios within a round:
//   - a run of many no-op tasks recorded in a SqliteStore, against a bare SQLite loop that inserts the same rows in the
//     same groups with the same syncs;
//   - a chain of no-op tasks, which has a commit for each, against bare fdatasync on a file that need not grow;
//   - how long it takes to find 10,000 runs that a process left unfinished, and where each of their tasks stands.
//
//   store_bench [rounds]      at least 7

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <sqlite3.h>

#include "core/base/assert.hpp"
#include "core/engine/run_engine.hpp"
#include "core/engine/run_standing.hpp"
#include "core/exec/thread_pool_executor.hpp"
#include "core/model/outcome_codec.hpp"
#include "core/store/sqlite_store.hpp"
#include "tests/bench/no_op.hpp"
#include "tests/support/forwarding_store.hpp"
#include "tests/support/temp_dir.hpp"

namespace leeward::bench {
namespace {

using Steady = std::chrono::steady_clock;

double ms_since(Steady::time_point start) {
  return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Hands all on, and keeps what was appended, batch by batch.
class RecordingStore final : public test::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Status append(const RunInfo& run, std::span<const Event> events) override {
    batches.emplace_back(events.begin(), events.end());
    return inner().append(run, events);
  }

  std::vector<std::vector<Event>> batches;
};

/// A loop of inserts as a program without an engine would write it, on a table like the store's.
class BareLoop {
 public:
  explicit BareLoop(const std::string& path) {
    LW_ASSERT(sqlite3_open(path.c_str(), &db_) == SQLITE_OK, "a database can be made");
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE events(run INTEGER NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT "
        "NULL,"
        "task INTEGER, instance INTEGER, map_index INTEGER, from_state INTEGER, to_state INTEGER, try_number INTEGER,"
        "count INTEGER, delay INTEGER, reason INTEGER, outcome TEXT, PRIMARY KEY(run, sequence)) STRICT, WITHOUT "
        "ROWID");
    const char* const insert = "INSERT INTO events VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)";
    LW_ASSERT(sqlite3_prepare_v2(db_, insert, -1, &insert_, nullptr) == SQLITE_OK, "the table is there");
  }
  ~BareLoop() {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  /// A row as it stands in the table; what an event does not have is NULL.
  struct Row {
    std::int64_t numbers[5];
    std::int64_t states[3];
    bool is_transition;
    std::string outcome;
  };
  static Row row_of(const Event& event) {
    return {{static_cast<std::int64_t>(event.sequence), event.at.unix_ns, static_cast<std::int64_t>(event.kind),
             event.task.value, event.instance.value},
            {static_cast<std::int64_t>(event.from), static_cast<std::int64_t>(event.to), event.try_number},
            event.kind == EventKind::task_transition,
            event.outcome ? encode_outcome(*event.outcome) : std::string{}};
  }

  void insert(std::int64_t run_number, const std::vector<std::vector<Row>>& groups) {
    for (const auto& group : groups) {
      run("BEGIN IMMEDIATE");
      for (const Row& row : group) insert(run_number, row);
      run("COMMIT");
    }
  }

 private:
  void insert(std::int64_t run_number, const Row& row) {
    sqlite3_bind_int64(insert_, 1, run_number);
    for (int i = 0; i < 3; ++i) sqlite3_bind_int64(insert_, 2 + i, row.numbers[i]);
    for (int i = 5; i <= 14; ++i) sqlite3_bind_null(insert_, i);
    if (row.is_transition) {
      for (int i = 3; i < 5; ++i) sqlite3_bind_int64(insert_, 2 + i, row.numbers[i]);
      for (int i = 0; i < 3; ++i) sqlite3_bind_int64(insert_, 8 + i, row.states[i]);
    }
    if (!row.outcome.empty()) {
      sqlite3_bind_text(insert_, 14, row.outcome.data(), static_cast<int>(row.outcome.size()), SQLITE_STATIC);
    }
    LW_ASSERT(sqlite3_step(insert_) == SQLITE_DONE, "a row is inserted");
    sqlite3_reset(insert_);
  }
  void run(const char* sql) {
    LW_ASSERT(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK, "a bare statement works");
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

/// One run on the store, in milliseconds. Its id is its number.
double run_once(const std::shared_ptr<const Dag>& dag, NoOp& op, RunStore& store, std::int64_t number) {
  OneSource source(op);
  DeafListener listener;
  SystemClock clock;
  auto info = std::make_shared<RunInfo>();
  info->run_id = "bench-" + std::to_string(number);
  info->dag_id = dag->header().id;
  ThreadPoolExecutor executor(source, listener, clock);
  const auto start = Steady::now();
  RunEngine engine(dag, info, clock, executor, store, {}, RunEngine::Options{});
  const auto ended = engine.run();
  const double took = ms_since(start);
  LW_ASSERT(ended && *ended == RunState::success, "a run of no-ops succeeds");
  return took;
}

struct Place {
  std::filesystem::path folder;
  [[nodiscard]] std::string operator/(const char* name) const { return (folder / name).string(); }
};

/// Prints the medians of both, and of what share of the anchor's speed ours has.
void report(const char* what, const std::vector<double>& ours, const std::vector<double>& anchor, double tasks) {
  std::vector<double> shares;
  for (std::size_t i = 0; i < ours.size(); ++i) shares.push_back(anchor[i] / ours[i]);
  std::printf("%-34s %10.0f tasks/s, anchor %10.0f; share %.0f %% (%.0f-%.0f)\n", what, 1e3 * tasks / median(ours),
              1e3 * tasks / median(anchor), 100 * median(shares), 100 * *std::min_element(shares.begin(), shares.end()),
              100 * *std::max_element(shares.begin(), shares.end()));
}

void compare_with_bare_loop(const char* what, const Place& place, const Shape& shape, std::size_t rounds) {
  NoOp op;
  const auto dag = dag_of_shape(shape, op.info());
  const std::string name = std::to_string(shape.size) + shape.name;
  const auto store = SqliteStore::open({place / (name + ".db").c_str()}).value();
  BareLoop bare{place / (name + "-bare.db").c_str()};
  RecordingStore recording{*store};
  run_once(dag, op, recording, -1);
  std::vector<std::vector<BareLoop::Row>> groups;
  for (const auto& batch : recording.batches) {
    auto& group = groups.emplace_back();
    for (const Event& event : batch) group.push_back(BareLoop::row_of(event));
  }
  bare.insert(-1, groups);
  std::vector<double> ours;
  std::vector<double> anchor;
  for (std::size_t i = 0; i < rounds; ++i) {
    const auto number = static_cast<std::int64_t>(i);
    ours.push_back(run_once(dag, op, *store, number));
    const auto start = Steady::now();
    bare.insert(number, groups);
    anchor.push_back(ms_since(start));
  }
  std::printf("%zu commits; ", groups.size() + 1);
  report(what, ours, anchor, shape.size);
}

void compare_with_fdatasync(const Place& place, const Shape& chain, std::size_t rounds) {
  NoOp op;
  const auto dag = dag_of_shape(chain, op.info());
  const auto store = SqliteStore::open({place / "chain.db"}).value();
  const int file = ::open((place / "bare.log").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const std::string page(4096, '\1');
  for (std::uint32_t i = 0; i < chain.size; ++i)
    LW_ASSERT(::write(file, page.data(), page.size()) > 0, "there is room");
  ::fsync(file);
  run_once(dag, op, *store, -1);
  std::vector<double> ours;
  std::vector<double> anchor;
  for (std::size_t i = 0; i < rounds; ++i) {
    ours.push_back(run_once(dag, op, *store, static_cast<std::int64_t>(i)));
    const auto start = Steady::now();
    for (std::uint32_t k = 0; k < chain.size; ++k) {
      const auto at = static_cast<off_t>(k) * static_cast<off_t>(page.size());
      LW_ASSERT(::pwrite(file, page.data(), page.size(), at) > 0 && ::fdatasync(file) == 0, "there is room");
    }
    anchor.push_back(ms_since(start));
  }
  ::close(file);
  report("chain, against bare fdatasync", ours, anchor, chain.size);
}

constexpr int kOpenRuns = 10'000;

/// Runs of ten tasks, of which six are done and two at work.
void leave_unfinished(const std::string& path, const std::shared_ptr<const Dag>& dag) {
  const auto store = SqliteStore::open({path}).value();
  const auto write = [&](int first, int step) {
    for (int i = first; i < kOpenRuns; i += step) {
      auto info = std::make_shared<RunInfo>();
      info->run_id = "open-" + std::to_string(i);
      info->dag_id = dag->header().id;
      std::vector<Event> events(1);
      events[0].kind = EventKind::run_started;
      for (std::uint32_t task = 0; task < 8; ++task) {
        using enum TaskState;
        for (const auto& [from, to] :
             {std::pair{none, scheduled}, {scheduled, queued}, {queued, running}, {running, success}}) {
          if (task >= 6 && to == success) break;
          Event& event = events.emplace_back();
          event.task = TaskIndex{task};
          event.instance = InstanceIndex{task};
          event.from = from;
          event.to = to;
          event.try_number = to == running || to == success ? 1 : 0;
          if (to != success) continue;
          event.outcome = std::make_shared<const TaskOutcome>(TaskOutcome::succeeded(Value{R"({"text":"done"})"}));
        }
      }
      for (std::size_t k = 0; k < events.size(); ++k) events[k].sequence = k;
      LW_ASSERT(store->begin(info, dag) && store->append(*info, events), "there is room");
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) threads.emplace_back(write, t, 16);
  for (std::thread& thread : threads) thread.join();
}

void measure_recovery(const Place& place, std::size_t rounds) {
  NoOp op;
  const auto dag = dag_of_shape(chain_of(10), op.info());
  leave_unfinished(place / "open.db", dag);
  std::vector<double> took;
  for (std::size_t i = 0; i < rounds; ++i) {
    const auto start = Steady::now();
    const auto store = SqliteStore::open({place / "open.db"}).value();
    const auto open = store->list({"", {}, true, 0}).value();
    LW_ASSERT(open.size() == kOpenRuns, "all of them are found");
    for (const RunSummary& run : open) {
      const RunHistory history = store->history(run.run_id).value();
      LW_ASSERT(RunStanding::of(*dag, history.events).ok(), "each can be gone on with");
      LW_ASSERT(store->reopen(history.info, dag).ok(), "each is taken up");
    }
    took.push_back(ms_since(start));
  }
  std::printf("%d open runs found and folded: %.0f ms (%.0f-%.0f)\n", kOpenRuns, median(took),
              *std::min_element(took.begin(), took.end()), *std::max_element(took.begin(), took.end()));
}

void measure_opening(const Place& place, std::size_t rounds) {
  std::vector<double> fresh;
  std::vector<double> again;
  for (std::size_t i = 0; i < rounds; ++i) {
    const std::string path = place / ("fresh" + std::to_string(i) + ".db").c_str();
    for (std::vector<double>* times : {&fresh, &again}) {
      const auto start = Steady::now();
      SqliteStore::open({path}).value().reset();
      times->push_back(ms_since(start));
    }
  }
  std::printf("open and close: a new store %.1f ms, one that is there %.1f ms\n", median(fresh), median(again));
}

}  // namespace
}  // namespace leeward::bench

int main(int argc, char** argv) {
  using namespace leeward::bench;
  const int asked = argc > 1 ? std::atoi(argv[1]) : 7;
  const std::size_t rounds = static_cast<std::size_t>(std::max(asked, 7)) | 1u;  // odd: the median is one of them
  std::printf("store_bench: %zu rounds, medians\n\n", rounds);
  const leeward::test::TempDir folder;
  const Place place{folder.path()};
  compare_with_bare_loop("fan, against a bare SQLite loop", place, fan_of(20'000), rounds);
  compare_with_bare_loop("layers of 100, the same", place, layers_of(100, 100), rounds);
  compare_with_bare_loop("chain, the same", place, chain_of(500), rounds);
  compare_with_fdatasync(place, chain_of(500), rounds);
  measure_recovery(place, rounds);
  measure_opening(place, rounds);
  return 0;
}
