#include "tests/faults/workload.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <random>
#include <utility>

#include "core/model/outcome_codec.hpp"
#include "core/store/event_rows.hpp"
#include "core/store/run_rows.hpp"
#include "core/store/store_check.hpp"
#include "tests/core/store/event_script.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/writer_plug.hpp"

namespace leeward::test {
namespace {

constexpr std::size_t kRuns = 4;
constexpr std::size_t kGrouped = 3;  ///< the run that is written in groups
constexpr std::size_t kCalls = 6;    ///< that are recorded alone
constexpr std::size_t kCallsInGroup = 2;
constexpr std::size_t kLooks = 4;
constexpr std::uint32_t kTasks = 4;
constexpr std::int64_t kRefused = 1'000'000;

/// All that is in an event, as text. Whoever adds a member to Event has to add it here, or this does not compile.
std::string encoded(const Event& event) {
  const auto& [sequence, at, kind, from, to, run_state, end_reason, try_number, task, instance, map_index, count, delay,
               outcome] = event;
  std::string text;
  const auto add = [&text](auto number) { text += std::to_string(number) + " "; };
  add(sequence), add(at.unix_ns), add(static_cast<int>(kind)), add(static_cast<int>(from)), add(static_cast<int>(to));
  add(static_cast<int>(run_state)), add(static_cast<int>(end_reason)), add(try_number), add(task.value);
  add(instance.value), add(map_index), add(count), add(delay.count());
  return text + (outcome ? encode_outcome(*outcome) : "without an outcome");
}

Status insert_call(SqliteDb& db, std::int64_t id, const std::string& body) {
  auto insert = db.statement("INSERT INTO test_calls(id, body) VALUES(?1, ?2)");
  if (!insert) return insert.error();
  return insert->bind(1, id).bind(2, body).run();
}

/// A task that fails once, waits, and succeeds.
void retry(EventScript& script, TaskIndex task, InstanceIndex instance, std::int64_t at, std::string value) {
  script.start(task, instance, at);
  Event& failed = script.step(task, instance, at + 1, TaskState::running, TaskState::up_for_retry, 1);
  failed.delay = Duration{77};
  failed.outcome = std::make_shared<const TaskOutcome>(TaskOutcome::retryable("test.not_yet", "not yet"));
  script.step(task, instance, at + 78, TaskState::up_for_retry, TaskState::scheduled, 1);
  script.step(task, instance, at + 78, TaskState::scheduled, TaskState::queued, 1);
  script.step(task, instance, at + 78, TaskState::queued, TaskState::running, 2);
  Event& ended = script.step(task, instance, at + 79, TaskState::running, TaskState::success, 2);
  ended.outcome = std::make_shared<const TaskOutcome>(TaskOutcome::succeeded(Value{std::move(value)}));
}

}  // namespace

class Workload::Group {
 public:
  explicit Group(StoreWriter& writer) : writer_(writer), plug_(writer) {}

  void add(StoreWriter::Transition transition) {
    const auto told = std::make_shared<std::promise<Status>>();
    outcomes_.push_back(told->get_future());
    writer_.submit(std::move(transition), [told](const Status& status) { told->set_value(status); });
  }
  /// What each was told, in order.
  [[nodiscard]] std::vector<Status> settle() {
    plug_.pull();
    std::vector<Status> told;
    for (auto& outcome : outcomes_) told.push_back(outcome.get());
    return told;
  }

 private:
  StoreWriter& writer_;
  WriterPlug plug_;
  std::vector<std::future<Status>> outcomes_;
};

Workload::Workload(std::uint64_t seed, Values values) : dag_(dag_of("a; b; c; d")) {
  std::mt19937_64 random{seed};
  for (std::size_t i = 0; i < kRuns; ++i) write_run(i, random(), values);
  const std::size_t groups = runs_[kGrouped].batch_ends.size();
  for (std::size_t i = 0; i < kCalls + groups * kCallsInGroup; ++i) {
    calls_.push_back({std::string(1 + random() % 300, 'c')});
  }
  for (std::size_t i = 0; i < kRuns; ++i) steps_.push_back({Step::Kind::begin, i});
  std::vector<Step> rest;
  for (std::size_t i = 0; i < kGrouped; ++i) {
    rest.insert(rest.end(), runs_[i].batch_ends.size(), {Step::Kind::append, i});
  }
  for (std::size_t i = 0; i < groups; ++i) rest.push_back({Step::Kind::group, i});
  for (std::size_t i = 0; i < kCalls; ++i) rest.push_back({Step::Kind::call, i});
  for (std::size_t i = 0; i < kLooks; ++i) rest.push_back({Step::Kind::look, random() % kRuns});
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
  script.success(TaskIndex{0}, InstanceIndex{0}, 1, value());
  retry(script, TaskIndex{1}, InstanceIndex{1}, 3, value());
  script.expand(TaskIndex{2}, InstanceIndex{kTasks}, 2, 90);
  for (std::uint32_t k = 0; k < 2; ++k) {
    script.success(TaskIndex{2}, InstanceIndex{kTasks + k}, 91, value(), static_cast<int>(k));
  }
  script.success(TaskIndex{3}, InstanceIndex{3}, 93, value());
  script.finish(RunState::success, 99);
  if (number > 0) {
    script.add(EventKind::run_reopened, 110);
    script.add(EventKind::task_cleared, 110).task = TaskIndex{3};
    script.add(EventKind::run_started, 111);
    Event& stopping = script.add(EventKind::run_stopping, 112);
    stopping.end_reason = RunEndReason::canceled;
    stopping.count = 1;
    script.step(TaskIndex{3}, InstanceIndex{3}, 112, TaskState::none, TaskState::canceled, 1);
    script.finish(RunState::canceled, 113);
    script.events.back().end_reason = RunEndReason::canceled;
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
  switch (step.kind) {
    case Step::Kind::append: return append(runs_[step.which], store);
    case Step::Kind::group: return append_in_group(step.which, store);
    case Step::Kind::call: return record(step.which, store);
    case Step::Kind::look: return look(runs_[step.which], store);
    case Step::Kind::begin:
    case Step::Kind::restart: break;
  }
  Run& run = runs_[step.which];
  if (run.begun) return done();
  run.begin_was_tried = true;
  Status begun = store.begin(run.info, dag_);
  run.begun = begun.ok();
  return begun;
}

std::span<const Event> Workload::next_batch(Run& run) {
  const auto end = std::upper_bound(run.batch_ends.begin(), run.batch_ends.end(), run.acknowledged);
  if (end == run.batch_ends.end()) return {};
  run.tried = *end;
  return std::span<const Event>{run.events}.subspan(run.acknowledged, *end - run.acknowledged);
}

Status Workload::append(Run& run, SqliteStore& store) {
  const auto events = next_batch(run);
  Status appended = store.append(*run.info, events);
  if (appended) run.acknowledged += events.size();
  return appended;
}

Status Workload::append_in_group(std::size_t number, SqliteStore& store) {
  Run& run = runs_[kGrouped];
  const auto events = next_batch(run);
  const bool refuses = number % 2 == 0;
  std::vector<Call*> calls;
  Group group{store.writer()};
  const auto add_call = [&](std::size_t which) {
    Call& call = calls_[which];
    if (call.acknowledged) return;
    calls.push_back(&call);
    group.add([&call, which](SqliteDb& db) { return insert_call(db, static_cast<std::int64_t>(which), call.body); });
  };
  add_call(kCalls + kCallsInGroup * number);
  add_call(kCalls + kCallsInGroup * number + 1);
  const auto refused = [](SqliteDb& db) -> Status {
    if (Status inserted = insert_call(db, kRefused, ""); !inserted) return inserted;
    return Error{"test.refused", "not this one"};
  };
  if (refuses) group.add(refused);
  group.add([&run, events](SqliteDb& db) -> Status {
    const auto row = find_run(db, run.info->run_id);
    if (!row) return row.error();
    if (Status inserted = insert_events(db, *row, events); !inserted) return inserted;
    return update_run(db, *row, events);
  });
  const std::vector<Status> told = group.settle();
  for (std::size_t i = 0; i < calls.size(); ++i) calls[i]->acknowledged = told[i].ok();
  if (refuses && told[calls.size()]) complaints_.emplace_back("a transition was acknowledged that refused to be one");
  if (told.back()) run.acknowledged += events.size();
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (told[i] || (refuses && i == calls.size())) continue;
    if (told[i].error().code == "test.refused") complaints_.emplace_back("one that was refused took another with it");
    return told[i];
  }
  return done();
}

Status Workload::record(std::size_t number, SqliteStore& store) {
  Call& call = calls_[number];
  if (call.acknowledged) return done();
  std::promise<Status> told;
  store.writer().submit([&](SqliteDb& db) { return insert_call(db, static_cast<std::int64_t>(number), call.body); },
                        [&](const Status& status) { told.set_value(status); });
  Status recorded = told.get_future().get();
  call.acknowledged = recorded.ok();
  return recorded;
}

Status Workload::look(const Run& run, const SqliteStore& store) {
  if (const auto record = store.load(run.info->run_id); !record) return record.error();
  const auto history = store.history(run.info->run_id);
  if (!history) return history.error();
  if (history->events.size() != run.acknowledged) complaints_.push_back("run " + run.info->run_id + " looked another");
  return done();
}

std::size_t Workload::acknowledged() const {
  std::size_t count = 0;
  for (const Run& run : runs_) count += run.acknowledged + (run.begun ? 1 : 0);
  return count + static_cast<std::size_t>(
                     std::count_if(calls_.begin(), calls_.end(), [](const Call& call) { return call.acknowledged; }));
}

std::vector<std::string> Workload::compare(const SqliteDb::Options& options) {
  std::vector<std::string> wrong = std::exchange(complaints_, {});
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
    if (encoded(history->events[i]) == encoded(run.events[i])) continue;
    wrong.push_back(name + ": event " + std::to_string(i) + " is another");
  }
  run.begun = true;
  run.acknowledged = there;
}

void Workload::compare_calls(SqliteStore& store, std::vector<std::string>& wrong) {
  std::map<std::int64_t, std::string> there;
  const Status read = store.writer().commit([&](SqliteDb& db) -> Status {
    there.clear();
    const auto table = db.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'test_calls'");
    if (!table) return table.error();
    if (*table == 0) return done();
    auto rows = db.statement("SELECT id, body FROM test_calls");
    if (!rows) return rows.error();
    for (;;) {
      const auto row = rows->step();
      if (!row) return row.error();
      if (!*row) return done();
      there[rows->integer(0)] = rows->text(1);
    }
  });
  if (!read) wrong.push_back("calls: " + read.error().message);
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const auto found = there.find(static_cast<std::int64_t>(i));
    if (calls_[i].acknowledged && found == there.end()) wrong.push_back("call " + std::to_string(i) + " is lost");
    calls_[i].acknowledged = found != there.end();
    if (!calls_[i].acknowledged) continue;
    if (found->second != calls_[i].body) wrong.push_back("call " + std::to_string(i) + " is another");
    there.erase(found);
  }
  for (const auto& [id, body] : there) wrong.push_back("call " + std::to_string(id) + " is there, and was refused");
}

}  // namespace leeward::test
