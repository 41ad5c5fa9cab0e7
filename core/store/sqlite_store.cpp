#include "core/store/sqlite_store.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/seeded_bug.hpp"
#include "core/store/call_rows.hpp"
#include "core/store/event_rows.hpp"
#include "core/store/run_invariants.hpp"
#include "core/store/store_schema.hpp"

namespace leeward {
namespace {

/// Somebody usually asks for the record of a run right after its end.
constexpr std::size_t kKeptAfterTheirEnd = 8;

Error damaged_history(const SqliteDb& db, const std::string& run_id, const std::string& finding) {
  return {"store.corrupt", "store " + db.path() + ": what is recorded of run \"" + run_id +
                               "\" cannot be right: " + finding + "; leeward fsck tells more"};
}

/// The other process won: what this one wanted to record never happened.
Status name_conflict(Status appended, const std::string& run_id) {
  if (appended || appended.error().code != "store.conflict") return appended;
  return Error{"store.conflict", "another process goes on with run \"" + run_id + "\""};
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const SqliteDb::Options& options) {
  auto writer = open_store_to_write(options);
  if (!writer) return writer.error();
  auto reader = open_store_to_read(options);
  if (!reader) return reader.error();
  return std::make_unique<SqliteStore>(std::move(writer).value(), std::move(reader).value());
}

SqliteStore::SqliteStore(SqliteDb writer, SqliteDb reader) : writer_(std::move(writer)), reader_(std::move(reader)) {}

SqliteStore::~SqliteStore() = default;

Status SqliteStore::begin(const std::shared_ptr<const RunInfo>& run, const std::shared_ptr<const Dag>& dag) {
  const auto shape = shape_of(dag);
  const RunTexts texts{dag->header().source.get(), *shape};
  std::int64_t row = 0;
  Status begun = writer_.commit([&](SqliteDb& db) -> Status {
    const auto inserted = insert_run(db, *run, texts);
    if (!inserted) return inserted.error();
    row = *inserted;
    return done();
  });
  if (begun) take_up(run->run_id, std::make_shared<OpenRun>(row, 0, RunProjection{run, shape}));
  return begun;
}

Status SqliteStore::reopen(const std::shared_ptr<const RunInfo>& run, const std::shared_ptr<const Dag>&) {
  const std::lock_guard lock(reading_);
  const auto row = find_run(reader_, run->run_id);
  if (!row) return row.error();
  const auto events = count_events(reader_, *row);
  if (!events) return events.error();
  take_up(run->run_id, std::make_shared<OpenRun>(*row, *events, std::nullopt));
  return done();
}

Status SqliteStore::append(const RunInfo& info, std::span<const Event> events) {
  const auto run = find_open(info.run_id);
  if (!run) return unknown_run(info.run_id);
  if (events.empty()) return done();
  LW_ASSERT(events.front().sequence == run->next_sequence(), "events are recorded in order and without a gap");
  Status appended = record(run->row(), events);
  if (!appended) return name_conflict(std::move(appended), info.run_id);
  const bool had_ended = run->ended();
  run->apply(events);
  if (run->ended()) {
    retire(info.run_id);
  } else if (had_ended) {
    take_up(info.run_id, run);
  }
  return done();
}

Status SqliteStore::record(std::int64_t run, std::span<const Event> events) {
  if (seeded_bug(SeededBug::batch_split) && events.size() > 1) {
    const auto first = events.first(events.size() / 2);
    if (Status recorded = record(run, first); !recorded) return recorded;
    events = events.subspan(first.size());
  }
  const bool late = seeded_bug(SeededBug::run_row_late);
  Status recorded = writer_.commit([&](SqliteDb& db) -> Status {
    if (Status inserted = insert_events(db, run, events); !inserted) return inserted;
    return late ? done() : update_run(db, run, events);
  });
  if (!recorded || !late) return recorded;
  return writer_.commit([&](SqliteDb& db) { return update_run(db, run, events); });
}

Result<RunRecord> SqliteStore::load(std::string_view run_id) const {
  auto record = show(run_id, [](const RunProjection& run) { return run.record(); });
  if (!record) return record;
  const std::lock_guard lock(reading_);
  const auto run = find_run(reader_, run_id);
  if (!run) return run.error();
  if (const Status counted = read_possible_duplicates(reader_, *run, *record); !counted) return counted.error();
  return record;
}

Result<std::vector<TaskState>> SqliteStore::task_states(std::string_view run_id, std::string_view task_id) const {
  return show(run_id, [&](const RunProjection& run) { return run.states_of(task_id); });
}

Result<RunHistory> SqliteStore::history(std::string_view run_id) const {
  const std::lock_guard lock(reading_);
  auto transaction = SqliteTransaction::begin(reader_, SqliteTransaction::Kind::read);
  if (!transaction) return transaction.error();
  const auto row = read_run(reader_, run_id);
  if (!row) return row.error();
  auto source = source_of(*row);
  if (!source) return source.error();
  auto events = read_events(reader_, row->id);
  if (!events) return events.error();
  return RunHistory{row->info, std::move(source).value(), std::move(events).value()};
}

Result<std::vector<RunSummary>> SqliteStore::list(const RunQuery& query) const {
  const std::lock_guard lock(reading_);
  return list_runs(reader_, query);
}

Result<std::optional<std::string>> SqliteStore::previous_run(std::string_view dag_id, Timestamp logical_date) const {
  const std::lock_guard lock(reading_);
  return run_before(reader_, dag_id, logical_date);
}

Result<std::optional<std::string>> SqliteStore::run_at(std::string_view dag_id, Timestamp logical_date) const {
  const std::lock_guard lock(reading_);
  return leeward::run_at(reader_, dag_id, logical_date);
}

Result<RunState> SqliteStore::run_state(std::string_view run_id) const {
  const std::lock_guard lock(reading_);
  const auto summary = read_summary(reader_, run_id);
  if (!summary) return summary.error();
  return summary->state;
}

std::shared_ptr<OpenRun> SqliteStore::find_open(std::string_view run_id) const {
  const std::lock_guard lock(runs_mutex_);
  const auto found = runs_.find(run_id);
  return found == runs_.end() ? nullptr : found->second;
}

void SqliteStore::take_up(const std::string& run_id, std::shared_ptr<OpenRun> run) {
  const std::lock_guard lock(runs_mutex_);
  std::erase(ended_, run_id);
  runs_[run_id] = std::move(run);
}

void SqliteStore::retire(const std::string& run_id) {
  const std::lock_guard lock(runs_mutex_);
  ended_.push_back(run_id);
  if (ended_.size() <= kKeptAfterTheirEnd) return;
  runs_.erase(ended_.front());
  ended_.pop_front();
}

template <class Look>
auto SqliteStore::show(std::string_view run_id, Look look) const
    -> Result<decltype(look(std::declval<const RunProjection&>()))> {
  const auto open = find_open(run_id);
  if (open && !open->ended()) {
    if (auto shown = open->look(look)) return std::move(*shown);
  }
  const std::lock_guard lock(reading_);
  if (open && open->ended() && is_up_to_date(*open)) {
    if (auto shown = open->look(look)) return std::move(*shown);
  }
  if (const Status found = recall(run_id); !found) return found.error();
  auto shown = look(recalled_->projection);
  if (open) {
    open->adopt(std::move(recalled_->projection));
    recalled_.reset();
  }
  return shown;
}

/// Reads the run into recalled_, if it is not there as it is now.
Status SqliteStore::recall(std::string_view run_id) const {
  auto transaction = SqliteTransaction::begin(reader_, SqliteTransaction::Kind::read);
  if (!transaction) return transaction.error();
  const auto run = find_run(reader_, run_id);
  if (!run) return run.error();
  if (recalled_ && recalled_->row == *run) {
    const auto events = count_events(reader_, *run);
    if (!events) return events.error();
    if (*events == recalled_->projection.next_sequence()) return done();
  }
  const auto row = read_run(reader_, run_id);
  if (!row) return row.error();
  auto projection = replay(*row);
  if (!projection) return projection.error();
  recalled_.emplace(Recalled{row->id, std::move(projection).value()});
  return done();
}

bool SqliteStore::is_up_to_date(const OpenRun& run) const {
  if (seeded_bug(SeededBug::stale_record_shown)) return true;
  const auto events = count_events(reader_, run.row());
  return events && *events == run.next_sequence();
}

Result<RunProjection> SqliteStore::replay(const RunRow& row) const {
  const auto shape = shape_in(row.shape);
  if (!shape) return shape.error();
  const auto events = read_events(reader_, row.id);
  if (!events) return events.error();
  const auto broken = broken_invariants((*shape)->size(), *events);
  if (!broken.empty() && !seeded_bug(SeededBug::damage_believed)) {
    return damaged_history(reader_, row.info->run_id, broken.front());
  }
  RunProjection projection{row.info, *shape};
  for (const Event& event : *events) projection.apply(event);
  return projection;
}

Result<std::shared_ptr<const RunShape>> SqliteStore::shape_in(std::int64_t text) const {
  if (auto known = shapes_[text].lock()) return known;
  auto json = read_text(reader_, text);
  if (!json) return json.error();
  auto shape = decode_shape(Value{std::move(json).value()});
  if (!shape) return Error{"store.corrupt", "store " + reader_.path() + ": " + shape.error().message};
  shapes_[text] = *shape;
  return shape;
}

Result<std::shared_ptr<const DagSource>> SqliteStore::source_of(const RunRow& row) const {
  if (row.source == 0) return std::shared_ptr<const DagSource>{};
  auto& kept = sources_[{row.source, row.source_file}];
  if (auto known = kept.lock()) return known;
  auto text = read_text(reader_, row.source);
  if (!text) return text.error();
  auto source = std::make_shared<const DagSource>(DagSource{std::move(text).value(), row.source_file});
  kept = source;
  return source;
}

}  // namespace leeward
