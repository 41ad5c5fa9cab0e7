#include "core/store/run_rows.hpp"

#include <array>
#include <utility>

#include "core/base/digest.hpp"

namespace leeward {
namespace {

using Span = std::optional<std::pair<Timestamp, Timestamp>>;

constexpr std::string_view kInsertRun =
    "INSERT INTO runs(run_id, dag_id, logical_date, interval_start, interval_end, run_type, latest_from, latest_to, "
    "params, conf, source, source_file, shape, triggered_by, state, end_reason) "
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'queued', 'none')";
constexpr std::string_view kSelectRun =
    "SELECT id, run_id, dag_id, logical_date, interval_start, interval_end, run_type, latest_from, latest_to, params, "
    "conf, source, source_file, shape, triggered_by FROM runs WHERE run_id = ?1";
constexpr std::string_view kSummary =
    "SELECT run_id, dag_id, state, end_reason, run_type, logical_date, started_at, ended_at FROM runs WHERE run_id = "
    "?1";
// An empty dag_id, an empty state and a limit of -1 choose all.
constexpr std::string_view kList =
    "SELECT run_id, dag_id, state, end_reason, run_type, logical_date, started_at, ended_at FROM runs "
    "WHERE (?1 = '' OR dag_id = ?1) AND (?2 = '' OR state = ?2) ORDER BY id DESC LIMIT ?3";
constexpr std::string_view kListUnfinished =
    "SELECT run_id, dag_id, state, end_reason, run_type, logical_date, started_at, ended_at FROM runs "
    "WHERE (?1 = '' OR dag_id = ?1) AND (?2 = '' OR state = ?2) AND state IN ('queued', 'running') "
    "ORDER BY id DESC LIMIT ?3";

void bind_span(SqliteStatement& row, int parameter, const Span& span) {
  if (!span) return;
  row.bind(parameter, span->first.unix_ns).bind(parameter + 1, span->second.unix_ns);
}

Span span_at(const SqliteStatement& row, int column) {
  if (row.is_null(column) || row.is_null(column + 1)) return std::nullopt;
  return std::pair{Timestamp{row.integer(column)}, Timestamp{row.integer(column + 1)}};
}

std::optional<Timestamp> time_at(const SqliteStatement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional{Timestamp{row.integer(column)}};
}

/// The value of an enumeration that begins at 0 and whose last one is `last`.
template <class Enum>
std::optional<Enum> of_word(std::string_view word, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (to_string(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

Error damaged(const SqliteDb& db, std::string_view run_id) {
  return {"store.corrupt", "store " + db.path() + ": the row of run \"" + std::string(run_id) +
                               "\" is damaged, or was written by a newer release"};
}

Result<RunSummary> summary_of(const SqliteDb& db, const SqliteStatement& row) {
  const auto state = of_word(row.text(2), RunState::canceled);
  const auto reason = of_word(row.text(3), RunEndReason::deadlock);
  if (!state || !reason) return damaged(db, row.text(0));
  return RunSummary{std::string{row.text(0)}, std::string{row.text(1)},  *state,          *reason,
                    std::string{row.text(4)}, Timestamp{row.integer(5)}, time_at(row, 6), time_at(row, 7)};
}

/// The id of the row that keeps the text.
Result<std::int64_t> keep(SqliteDb& db, const KeptText& kept) {
  auto find = db.statement("SELECT id FROM texts WHERE sha256 = ?1");
  if (!find) return find.error();
  const auto found = find->bind(1, kept.sha256).step();
  if (!found) return found.error();
  if (*found) return find->integer(0);
  auto insert = db.statement("INSERT INTO texts(sha256, text) VALUES(?1, ?2)");
  if (!insert) return insert.error();
  const Status inserted = insert->bind(1, kept.sha256).bind(2, kept.text).run();
  if (!inserted) return inserted.error();
  return db.last_row_id();
}

Status set_started(SqliteDb& db, std::int64_t run, Timestamp at) {
  auto update = db.statement("UPDATE runs SET state = 'running', started_at = ?2 WHERE id = ?1");
  if (!update) return update.error();
  return update->bind(1, run).bind(2, at.unix_ns).run();
}

Status set_finished(SqliteDb& db, std::int64_t run, const Event& event) {
  auto update = db.statement("UPDATE runs SET state = ?2, end_reason = ?3, ended_at = ?4 WHERE id = ?1");
  if (!update) return update.error();
  update->bind(1, run).bind(2, to_string(event.run_state)).bind(3, to_string(event.end_reason));
  return update->bind(4, event.at.unix_ns).run();
}

Status set_reopened(SqliteDb& db, std::int64_t run) {
  auto update = db.statement("UPDATE runs SET state = 'queued', end_reason = 'none', ended_at = NULL WHERE id = ?1");
  if (!update) return update.error();
  return update->bind(1, run).run();
}

Result<std::optional<std::string>> first_id(SqliteDb& db, std::string_view sql, std::string_view dag_id,
                                            Timestamp date) {
  auto query = db.statement(sql);
  if (!query) return query.error();
  const auto row = query->bind(1, dag_id).bind(2, date.unix_ns).step();
  if (!row) return row.error();
  return *row ? std::optional{std::string{query->text(0)}} : std::nullopt;
}

}  // namespace

KeptText::KeptText(std::string kept) : text(std::move(kept)), sha256(sha256_hex(text)) {}

RunTexts::RunTexts(const DagSource* of, const RunShape& run_shape) : shape(encode_shape(run_shape)) {
  if (of == nullptr) return;
  source.emplace(of->text);
  source_file = of->file;
}

Result<std::int64_t> insert_run(SqliteDb& db, const RunInfo& run, const RunTexts& texts) {
  const auto there = find_run(db, run.run_id);
  if (there) return Error{"store.run_exists", "there is a run \"" + run.run_id + "\" already"};
  if (there.error().code != "store.unknown_run") return there.error();
  const auto shape_text = keep(db, texts.shape);
  if (!shape_text) return shape_text.error();
  auto row = db.statement(kInsertRun);
  if (!row) return row.error();
  row->bind(1, run.run_id).bind(2, run.dag_id).bind(3, run.logical_date.unix_ns);
  bind_span(*row, 4, run.data_interval);
  row->bind(6, run.run_type);
  bind_span(*row, 7, run.latest_window);
  row->bind(9, run.params.json()).bind(10, run.conf.json()).bind(12, texts.source_file).bind(13, *shape_text);
  row->bind(14, run.triggered_by);
  if (texts.source) {
    const auto text = keep(db, *texts.source);
    if (!text) return text.error();
    row->bind(11, *text);
  }
  if (const Status inserted = row->run(); !inserted) return inserted.error();
  return db.last_row_id();
}

Status update_run(SqliteDb& db, std::int64_t run, std::span<const Event> events) {
  for (const Event& event : events) {
    Status updated = done();
    if (event.kind == EventKind::run_started) updated = set_started(db, run, event.at);
    if (event.kind == EventKind::run_finished) updated = set_finished(db, run, event);
    if (event.kind == EventKind::run_reopened) updated = set_reopened(db, run);
    if (!updated) return updated;
  }
  return done();
}

Result<std::int64_t> find_run(SqliteDb& db, std::string_view run_id) {
  auto query = db.statement("SELECT id FROM runs WHERE run_id = ?1");
  if (!query) return query.error();
  const auto row = query->bind(1, run_id).step();
  if (!row) return row.error();
  if (!*row) return unknown_run(run_id);
  return query->integer(0);
}

Result<RunRow> read_run(SqliteDb& db, std::string_view run_id) {
  auto query = db.statement(kSelectRun);
  if (!query) return query.error();
  const auto row = query->bind(1, run_id).step();
  if (!row) return row.error();
  if (!*row) return unknown_run(run_id);
  const Value params{std::string{query->text(9)}};
  const Value conf{std::string{query->text(10)}};
  if (!is_json(params.json()) || !is_json(conf.json())) return damaged(db, run_id);
  RunInfo info{std::string{query->text(1)},
               std::string{query->text(2)},
               Timestamp{query->integer(3)},
               span_at(*query, 4),
               std::string{query->text(6)},
               span_at(*query, 7),
               params,
               conf,
               std::string{query->text(14)}};
  return RunRow{query->integer(0), std::make_shared<const RunInfo>(std::move(info)), query->integer(11),
                std::string{query->text(12)}, query->integer(13)};
}

Result<RunSummary> read_summary(SqliteDb& db, std::string_view run_id) {
  auto query = db.statement(kSummary);
  if (!query) return query.error();
  const auto row = query->bind(1, run_id).step();
  if (!row) return row.error();
  if (!*row) return unknown_run(run_id);
  return summary_of(db, *query);
}

Result<std::vector<RunSummary>> list_runs(SqliteDb& db, const RunQuery& query) {
  auto rows = db.statement(query.unfinished ? kListUnfinished : kList);
  if (!rows) return rows.error();
  rows->bind(1, query.dag_id).bind(2, query.state ? to_string(*query.state) : std::string_view{});
  rows->bind(3, query.limit == 0 ? -1 : static_cast<std::int64_t>(query.limit));
  std::vector<RunSummary> listed;
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return listed;
    auto summary = summary_of(db, *rows);
    if (!summary) return summary.error();
    listed.push_back(std::move(summary).value());
  }
}

Result<std::optional<std::string>> run_before(SqliteDb& db, std::string_view dag_id, Timestamp date) {
  return first_id(db,
                  "SELECT run_id FROM runs WHERE dag_id = ?1 AND logical_date < ?2 "
                  "ORDER BY logical_date DESC, id DESC LIMIT 1",
                  dag_id, date);
}

Result<std::optional<std::string>> run_at(SqliteDb& db, std::string_view dag_id, Timestamp date) {
  return first_id(db, "SELECT run_id FROM runs WHERE dag_id = ?1 AND logical_date = ?2 ORDER BY id DESC LIMIT 1",
                  dag_id, date);
}

Result<std::string> read_text(SqliteDb& db, std::int64_t text) {
  auto query = db.statement("SELECT text FROM texts WHERE id = ?1");
  if (!query) return query.error();
  const auto row = query->bind(1, text).step();
  if (!row) return row.error();
  if (!*row) return Error{"store.corrupt", "store " + db.path() + ": the text of a run's DAG is missing"};
  return std::string{query->text(0)};
}

}  // namespace leeward
