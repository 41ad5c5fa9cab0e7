#include "core/store/call_rows.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/seeded_bug.hpp"
#include "core/store/run_rows.hpp"

namespace leeward {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// What is in a row before its answer.
struct CallRow {
  std::int64_t id = 0;
  std::int64_t intents = 0;
};

// The parameters of a key, in all statements: ?1 to ?7, and ?1 to ?5 for its attempt.
constexpr std::string_view kFind =
    "SELECT id, intents, number, http_status, headers, body, error_code, error_message FROM calls WHERE run = ?1 AND "
    "task_id = ?2 AND map_index = ?3 AND try_number = ?4 AND reschedules = ?5 AND digest = ?6 AND ordinal = ?7";
constexpr std::string_view kNextNumber =
    "SELECT number + 1 FROM calls WHERE run = ?1 AND task_id = ?2 AND map_index = ?3 AND try_number = ?4 AND "
    "reschedules = ?5 ORDER BY number DESC LIMIT 1";
constexpr std::string_view kInsertCall =
    "INSERT INTO calls(run, task_id, map_index, try_number, reschedules, digest, ordinal, number, intents) "
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)";

SqliteStatement& bind_attempt(SqliteStatement& statement, std::int64_t run, const CallKey& key) {
  statement.bind(1, run).bind(2, key.task_id).bind(3, std::int64_t{key.map_index});
  return statement.bind(4, std::int64_t{key.try_number}).bind(5, std::int64_t{key.reschedules});
}

SqliteStatement& bind_key(SqliteStatement& statement, std::int64_t run, const CallKey& key) {
  return bind_attempt(statement, run, key).bind(6, key.digest).bind(7, std::int64_t{key.ordinal});
}

/// As in HTTP: neither a name nor a value has an end of line in it, and no name a colon.
std::string text_of(const Headers& headers) {
  std::string text;
  for (const auto& [name, value] : headers) text.append(name).append(":").append(value).append("\n");
  return text;
}

Headers headers_of(std::string_view text) {
  Headers headers;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t colon = std::min(line.find(':'), line.size());
    headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return headers;
}

/// Of a row that kFind found; nothing if it was not answered.
std::optional<CallAnswer> answer_in(const SqliteStatement& row) {
  if (row.is_null(3)) return std::nullopt;
  CallAnswer answer;
  answer.http_status = static_cast<int>(row.integer(3));
  answer.headers = headers_of(row.text(4));
  answer.body = row.text(5);
  answer.error_code = row.text(6);
  answer.error_message = row.text(7);
  return answer;
}

Result<CallRow> find_call(SqliteDb& db, const CallKey& key) {
  const auto run = find_run(db, key.run_id);
  if (!run) return run.error();
  auto find = db.statement(kFind);
  if (!find) return find.error();
  const auto found = bind_key(*find, *run, key).step();
  if (!found) return found.error();
  if (*found) return CallRow{find->integer(0), find->integer(1)};
  return Error{"store.unknown_call", "no such paid call was recorded of task \"" + key.task_id + "\""};
}

Status set_intents(SqliteDb& db, const CallRow& call, std::int64_t intents) {
  auto update = db.statement("UPDATE calls SET intents = ?2 WHERE id = ?1");
  if (!update) return update.error();
  return update->bind(1, call.id).bind(2, intents).run();
}

Result<CallLedger::Standing> insert_call(SqliteDb& db, std::int64_t run, const CallKey& key) {
  std::int64_t number = 0;
  {
    auto next = db.statement(kNextNumber);
    if (!next) return next.error();
    const auto row = bind_attempt(*next, run, key).step();
    if (!row) return row.error();
    if (*row) number = next->integer(0);
  }
  auto insert = db.statement(kInsertCall);
  if (!insert) return insert.error();
  if (const Status inserted = bind_key(*insert, run, key).bind(8, number).run(); !inserted) return inserted.error();
  return CallLedger::Standing{{}, static_cast<int>(number), false};
}

}  // namespace

Result<CallLedger::Standing> intend_call(SqliteDb& db, const CallKey& key) {
  const auto run = find_run(db, key.run_id);
  if (!run) return run.error();
  CallRow call;
  CallLedger::Standing standing;
  {
    auto find = db.statement(kFind);
    if (!find) return find.error();
    const auto found = bind_key(*find, *run, key).step();
    if (!found) return found.error();
    if (*found) call = {find->integer(0), find->integer(1)};
    standing.number = static_cast<int>(find->integer(2));
    if (*found) standing.answer = answer_in(*find);
  }
  if (standing.answer) return standing;
  if (call.id == 0) return insert_call(db, *run, key);
  const std::int64_t more = seeded_bug(SeededBug::duplicate_not_counted) ? 0 : 1;
  if (const Status counted = set_intents(db, call, call.intents + more); !counted) return counted.error();
  standing.may_have_been_made = true;
  return standing;
}

Status answer_call(SqliteDb& db, const CallKey& key, const CallAnswer& answer) {
  const auto call = find_call(db, key);
  if (!call) return call.error();
  auto update = db.statement(
      "UPDATE calls SET http_status = ?2, headers = ?3, body = ?4, error_code = ?5, error_message = ?6, "
      "sent_twice = ?7 WHERE id = ?1");
  if (!update) return update.error();
  const std::string headers = text_of(answer.headers);
  update->bind(1, call->id).bind(2, std::int64_t{answer.http_status}).bind(3, headers).bind(4, answer.body);
  update->bind(5, answer.error_code).bind(6, answer.error_message).bind(7, std::int64_t{answer.sent_twice ? 1 : 0});
  return update->run();
}

Status take_call_back(SqliteDb& db, const CallKey& key) {
  const auto call = find_call(db, key);
  if (!call) return call.error();
  if (call->intents > 1) return set_intents(db, *call, call->intents - 1);
  auto remove = db.statement("DELETE FROM calls WHERE id = ?1");
  if (!remove) return remove.error();
  return remove->bind(1, call->id).run();
}

Status read_possible_duplicates(SqliteDb& db, std::int64_t run, RunRecord& record) {
  auto query = db.statement(
      "SELECT task_id, map_index, sum(intents - 1 + sent_twice) FROM calls WHERE run = ?1 AND "
      "(intents > 1 OR sent_twice > 0) GROUP BY task_id, map_index");
  if (!query) return query.error();
  query->bind(1, run);
  std::map<std::pair<std::string, std::int64_t>, std::int64_t, std::less<>> counts;
  for (;;) {
    const auto row = query->step();
    if (!row) return row.error();
    if (!*row) break;
    counts[{std::string{query->text(0)}, query->integer(1)}] = query->integer(2);
  }
  for (TaskRecord& task : record.tasks) {
    const auto count = counts.find(std::pair{task.task_id, std::int64_t{task.map_index}});
    if (count != counts.end()) task.possible_duplicates = static_cast<int>(count->second);
  }
  return done();
}

}  // namespace leeward
