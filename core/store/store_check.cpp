#include "core/store/store_check.hpp"

#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "core/base/digest.hpp"
#include "core/model/run_projection.hpp"
#include "core/store/event_rows.hpp"
#include "core/store/run_invariants.hpp"
#include "core/store/run_rows.hpp"
#include "core/store/store_schema.hpp"

namespace leeward {
namespace {

/// A file with a damaged page has thousands of them; the first few say it all.
constexpr std::size_t kMostFindings = 1'000;

class StoreCheck {
 public:
  explicit StoreCheck(SqliteDb db) : db_(std::move(db)) {}

  Result<std::vector<Finding>> check() {
    if (const Status done = ask_sqlite(); !done) return done.error();
    if (const Status done = check_texts(); !done) return done.error();
    if (const Status done = check_owners(); !done) return done.error();
    if (const Status done = check_calls(); !done) return done.error();
    const auto runs = list_ids();
    if (!runs) return runs.error();
    for (const std::string& run_id : *runs) {
      if (found_.size() >= kMostFindings) break;
      check_run(run_id);
    }
    return std::move(found_);
  }

 private:
  void says(std::string where, std::string message) { found_.push_back({std::move(where), std::move(message)}); }

  /// Calls `look` with each row.
  template <class Look>
  Status for_each(std::string_view sql, Look look) {
    auto rows = db_.statement(sql);
    if (!rows) return rows.error();
    for (;;) {
      const auto row = rows->step();
      if (!row) return row.error();
      if (!*row) return done();
      look(*rows);
    }
  }

  Status ask_sqlite() {
    return for_each("PRAGMA integrity_check(100)", [&](const SqliteStatement& row) {
      if (row.text(0) != "ok") says("the file", std::string{row.text(0)});
    });
  }

  Status check_texts() {
    return for_each("SELECT id, sha256, text FROM texts", [&](const SqliteStatement& row) {
      texts_.insert(row.integer(0));
      if (sha256_hex(row.text(2)) != row.text(1)) {
        says("text " + std::to_string(row.integer(0)), "it is not the text that was kept: its digest is another");
      }
    });
  }

  Status check_owners() {
    return for_each(
        "SELECT DISTINCT run FROM events WHERE run NOT IN (SELECT id FROM runs)", [&](const SqliteStatement& row) {
          says("table events",
               "there are events of a run that is not there, with row id " + std::to_string(row.integer(0)));
        });
  }

  Status check_calls() {
    const auto of = [](const SqliteStatement& row) { return " of task \"" + std::string{row.text(1)} + "\""; };
    const Status owned =
        for_each("SELECT DISTINCT run, task_id FROM calls WHERE run NOT IN (SELECT id FROM runs)",
                 [&](const SqliteStatement& row) {
                   says("table calls", "there are paid calls" + of(row) + " of a run that is not there, with row id " +
                                           std::to_string(row.integer(0)));
                 });
    if (!owned) return owned;
    const Status intended = for_each(
        "SELECT id, task_id FROM calls WHERE intents < 1 OR (http_status IS NULL) <> (body IS NULL) OR "
        "(http_status IS NULL) <> (headers IS NULL) OR (http_status IS NULL) <> (error_code IS NULL)",
        [&](const SqliteStatement& row) {
          says("table calls",
               "paid call " + std::to_string(row.integer(0)) + of(row) + " was never intended, or has half an answer");
        });
    if (!intended) return intended;
    return for_each(
        "SELECT min(id), task_id FROM calls GROUP BY run, task_id, map_index, try_number, reschedules, number "
        "HAVING count(*) > 1",
        [&](const SqliteStatement& row) {
          says("table calls", "paid call " + std::to_string(row.integer(0)) + of(row) + " shares its number");
        });
  }

  Result<std::vector<std::string>> list_ids() {
    std::vector<std::string> runs;
    const Status listed = for_each("SELECT run_id FROM runs ORDER BY id",
                                   [&](const SqliteStatement& row) { runs.emplace_back(row.text(0)); });
    if (!listed) return listed.error();
    return runs;
  }

  /// What keeps it from being looked at is a finding, too: other runs may be sound.
  void check_run(const std::string& run_id) {
    const std::string where = "run " + run_id;
    auto transaction = SqliteTransaction::begin(db_, SqliteTransaction::Kind::read);
    if (!transaction) return says(where, transaction.error().message);
    const auto row = read_run(db_, run_id);
    if (!row) return says(where, row.error().message);
    const auto listed = read_summary(db_, run_id);
    if (!listed) return says(where, listed.error().message);
    const auto events = read_events(db_, row->id);
    if (!events) return says(where, events.error().message);
    if (row->source != 0 && !texts_.contains(row->source) && !read_text(db_, row->source)) {
      says(where, "the text of its DAG is missing");
    }
    const auto json = read_text(db_, row->shape);
    if (!json) return says(where, "the list of its tasks is missing");
    const auto shape = decode_shape(Value{*json});
    if (!shape) return says(where, shape.error().message);
    const auto broken = broken_invariants((*shape)->size(), *events);
    for (const std::string& finding : broken) says(where, finding);
    if (broken.empty()) compare(where, *row, *shape, *events, *listed);
  }

  void compare(const std::string& where, const RunRow& row, const std::shared_ptr<const RunShape>& shape,
               const std::vector<Event>& events, const RunSummary& listed) {
    RunProjection projection{row.info, shape};
    for (const Event& event : events) projection.apply(event);
    const RunSummary told = projection.summary();
    if (listed.state != told.state) {
      says(where, "it is listed as " + std::string{to_string(listed.state)} + ", and its events make it " +
                      std::string{to_string(told.state)});
    }
    if (listed.end_reason != told.end_reason) says(where, "it is listed with another end reason than its events say");
    if (listed.started_at != told.started_at || listed.ended_at != told.ended_at) {
      says(where, "it is listed with other times than its events say");
    }
  }

  SqliteDb db_;
  std::set<std::int64_t> texts_;
  std::vector<Finding> found_;
};

}  // namespace

Result<std::vector<Finding>> check_store(const SqliteDb::Options& options) {
  auto db = open_store_to_read(options);
  if (!db) return db.error();
  return StoreCheck{std::move(db).value()}.check();
}

Result<std::vector<Finding>> check_store(const std::string& path) {
  return check_store(SqliteDb::Options{.path = path});
}

}  // namespace leeward
