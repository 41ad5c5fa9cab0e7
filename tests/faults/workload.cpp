#include "tests/faults/workload.hpp"

#include <algorithm>
#include <future>
#include <random>
#include <set>
#include <utility>

#include "core/model/outcome_codec.hpp"
#include "core/store/store_check.hpp"
#include "tests/core/store/event_script.hpp"
#include "tests/support/dag_of.hpp"

namespace leeward::test {
namespace {

constexpr std::size_t kRuns = 3;
constexpr std::size_t kCalls = 6;
constexpr std::uint32_t kTasks = 4;

bool same(const Event& a, const Event& b) {
  const auto outcome = [](const Event& e) { return e.outcome ? encode_outcome(*e.outcome) : std::string{}; };
  return a.sequence == b.sequence && a.at == b.at && a.kind == b.kind && a.task == b.task && a.to == b.to &&
         a.try_number == b.try_number && outcome(a) == outcome(b);
}

}  // namespace

Workload::Workload(std::uint64_t seed, Values values) : dag_(dag_of("a; b; c; d")) {
  std::mt19937_64 random{seed};
  for (std::size_t i = 0; i < kRuns; ++i) write_run(i, random(), values);
  for (std::size_t i = 0; i < kCalls; ++i) calls_.push_back({std::string(1 + random() % 300, 'c')});

  std::vector<Step> calls;
  for (std::size_t i = 0; i < kCalls; ++i) calls.push_back({Step::Kind::call, i});
  for (std::size_t i = 0; i < kRuns; ++i) steps_.push_back({Step::Kind::begin, i});
  std::vector<Step> rest;
  for (std::size_t i = 0; i < kRuns; ++i) {
    rest.insert(rest.end(), runs_[i].batch_ends.size(), {Step::Kind::append, i});
  }
  rest.insert(rest.end(), calls.begin(), calls.end());
  std::shuffle(rest.begin(), rest.end(), random);
  rest.insert(rest.begin() + static_cast<std::ptrdiff_t>(random() % rest.size()), {Step::Kind::restart});
  steps_.insert(steps_.end(), rest.begin(), rest.end());
}

void Workload::write_run(std::size_t number, std::uint64_t seed, Values values) {
  std::mt19937_64 random{seed};
  EventScript script;
  script.add(EventKind::run_started, 1);
  const auto value = [&] {
    const std::size_t size = values == Values::small ? random() % 200 : 200'000 + random() % 400'000;
    return "\"" + std::string(size, static_cast<char>('a' + random() % 26)) + "\"";
  };
  for (std::uint32_t i = 0; i < kTasks; ++i) script.success(TaskIndex{i}, InstanceIndex{i}, i, value());
  script.finish(RunState::success, 9);
  if (number > 0) {
    script.add(EventKind::run_reopened, 10);
    script.add(EventKind::task_cleared, 10).task = TaskIndex{3};
    script.add(EventKind::run_started, 11);
    script.step(TaskIndex{3}, InstanceIndex{3}, 12, TaskState::none, TaskState::canceled, 1);
    script.finish(RunState::canceled, 13);
  }
  Run run{info_of("r" + std::to_string(number)), script.take(), {}};
  for (std::size_t end = 0; end < run.events.size();) {
    end = std::min(run.events.size(), end + 1 + random() % 4);
    run.batch_ends.push_back(end);
  }
  runs_.push_back(std::move(run));
}

Status Workload::open(const SqliteDb::Options& options, std::unique_ptr<SqliteStore>& store) {
  store.reset();
  auto opened = SqliteStore::open(options);
  if (!opened) return opened.error();
  store = std::move(opened).value();
  if (Status made = store->writer().commit([](SqliteDb& db) {
        return db.run("CREATE TABLE IF NOT EXISTS test_calls(id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
      });
      !made) {
    return made;
  }
  for (const Run& run : runs_) {
    if (!run.begun) continue;
    if (Status taken_up = store->reopen(run.info, dag_); !taken_up) return taken_up;
  }
  return done();
}

Status Workload::run(const SqliteDb::Options& options) {
  std::unique_ptr<SqliteStore> store;
  if (Status opened = open(options, store); !opened) return opened;
  for (; next_step_ < steps_.size(); ++next_step_) {
    if (steps_[next_step_].kind == Step::Kind::restart) {
      if (Status opened = open(options, store); !opened) return opened;
    } else if (Status taken = take(steps_[next_step_], *store); !taken) {
      return taken;
    }
  }
  return done();
}

/// What was found to have been done already is not done again.
Status Workload::take(const Step& step, SqliteStore& store) {
  if (step.kind == Step::Kind::call) return record(calls_[step.which], step.which, store);
  Run& run = runs_[step.which];
  if (step.kind == Step::Kind::append) return append(run, store);
  if (run.begun) return done();
  run.begin_was_tried = true;
  Status begun = store.begin(run.info, dag_);
  run.begun = begun.ok();
  return begun;
}

Status Workload::append(Run& run, SqliteStore& store) {
  const auto end = std::upper_bound(run.batch_ends.begin(), run.batch_ends.end(), run.acknowledged);
  if (end == run.batch_ends.end()) return done();
  run.tried = *end;
  const std::span<const Event> events{run.events};
  Status appended = store.append(*run.info, events.subspan(run.acknowledged, *end - run.acknowledged));
  if (appended) run.acknowledged = *end;
  return appended;
}

Status Workload::record(Call& call, std::size_t number, SqliteStore& store) {
  if (call.acknowledged) return done();
  std::promise<Status> told;
  store.writer().submit(
      [&](SqliteDb& db) -> Status {
        auto insert = db.statement("INSERT INTO test_calls(id, body) VALUES(?1, ?2)");
        if (!insert) return insert.error();
        return insert->bind(1, static_cast<std::int64_t>(number)).bind(2, call.body).run();
      },
      [&](const Status& status) { told.set_value(status); });
  Status recorded = told.get_future().get();
  call.acknowledged = recorded.ok();
  return recorded;
}

std::size_t Workload::acknowledged() const {
  std::size_t count = 0;
  for (const Run& run : runs_) count += run.acknowledged + (run.begun ? 1 : 0);
  return count + static_cast<std::size_t>(
                     std::count_if(calls_.begin(), calls_.end(), [](const Call& call) { return call.acknowledged; }));
}

std::vector<std::string> Workload::compare(const SqliteDb::Options& options) {
  std::vector<std::string> wrong;
  const auto opened = SqliteStore::open(options);
  if (!opened) return {"it cannot be opened: " + opened.error().message};
  for (Run& run : runs_) compare_run(run, **opened, wrong);
  compare_calls(**opened, wrong);
  const auto findings = check_store(options);
  if (!findings) return {"it cannot be checked: " + findings.error().message};
  for (const Finding& finding : *findings) wrong.push_back(finding.where + ": " + finding.message);
  return wrong;
}

void Workload::compare_run(Run& run, const SqliteStore& store, std::vector<std::string>& wrong) {
  const std::string name = "run " + run.info->run_id;
  const auto history = store.history(run.info->run_id);
  if (!history) {
    const bool never_was = history.error().code == "store.unknown_run" && !run.begun;
    if (!never_was) wrong.push_back(name + ": " + history.error().message);
    return;
  }
  if (!run.begin_was_tried) wrong.push_back(name + " is there, and nobody began it");
  const std::size_t there = history->events.size();
  if (there != run.acknowledged && there != std::max(run.tried, run.acknowledged)) {
    wrong.push_back(name + " has " + std::to_string(there) + " events, and " + std::to_string(run.acknowledged) +
                    " were acknowledged");
  }
  for (std::size_t i = 0; i < std::min(there, run.events.size()); ++i) {
    if (!same(history->events[i], run.events[i]))
      wrong.push_back(name + ": event " + std::to_string(i) + " is another");
  }
  run.begun = true;
  run.acknowledged = there;
}

void Workload::compare_calls(SqliteStore& store, std::vector<std::string>& wrong) {
  std::set<std::size_t> there;
  const Status read = store.writer().commit([&](SqliteDb& db) -> Status {
    there.clear();
    const auto table = db.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'test_calls'");
    if (!table) return table.error();
    if (*table == 0) return done();
    auto rows = db.statement("SELECT id FROM test_calls");
    if (!rows) return rows.error();
    for (;;) {
      const auto row = rows->step();
      if (!row) return row.error();
      if (!*row) return done();
      there.insert(static_cast<std::size_t>(rows->integer(0)));
    }
  });
  if (!read) wrong.push_back("calls: " + read.error().message);
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (calls_[i].acknowledged && !there.contains(i)) wrong.push_back("call " + std::to_string(i) + " is lost");
    calls_[i].acknowledged = there.contains(i);
  }
}

}  // namespace leeward::test
