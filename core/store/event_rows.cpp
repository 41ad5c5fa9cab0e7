#include "core/store/event_rows.hpp"

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/base/seeded_bug.hpp"
#include "core/model/outcome_codec.hpp"

namespace leeward {
namespace {

// What stands in the rows is what these numbers were when the first store was written: new ones go behind the last.
static_assert(static_cast<int>(EventKind::run_started) == 0 && static_cast<int>(EventKind::run_finished) == 1 &&
              static_cast<int>(EventKind::task_expanded) == 2 && static_cast<int>(EventKind::task_transition) == 3 &&
              static_cast<int>(EventKind::run_stopping) == 4 && static_cast<int>(EventKind::run_reopened) == 5 &&
              static_cast<int>(EventKind::task_cleared) == 6);
static_assert(static_cast<int>(TaskState::none) == 0 && static_cast<int>(TaskState::scheduled) == 1 &&
              static_cast<int>(TaskState::queued) == 2 && static_cast<int>(TaskState::running) == 3 &&
              static_cast<int>(TaskState::success) == 4 && static_cast<int>(TaskState::failed) == 5 &&
              static_cast<int>(TaskState::skipped) == 6 && static_cast<int>(TaskState::upstream_failed) == 7 &&
              static_cast<int>(TaskState::up_for_retry) == 8 && static_cast<int>(TaskState::up_for_reschedule) == 9 &&
              static_cast<int>(TaskState::deferred) == 10 && static_cast<int>(TaskState::awaiting_input) == 11 &&
              static_cast<int>(TaskState::removed) == 12 && static_cast<int>(TaskState::canceled) == 13 &&
              static_cast<int>(TaskState::lost) == 14);
static_assert(static_cast<int>(RunState::queued) == 0 && static_cast<int>(RunState::running) == 1 &&
              static_cast<int>(RunState::success) == 2 && static_cast<int>(RunState::failed) == 3 &&
              static_cast<int>(RunState::canceled) == 4);
static_assert(static_cast<int>(RunEndReason::none) == 0 && static_cast<int>(RunEndReason::timed_out) == 1 &&
              static_cast<int>(RunEndReason::fail_fast) == 2 && static_cast<int>(RunEndReason::canceled) == 3 &&
              static_cast<int>(RunEndReason::deadlock) == 4);

/// Of run_finished, `to_state` is a RunState.
enum Column : int {
  kSequence,
  kAt,
  kKind,
  kTask,
  kInstance,
  kMapIndex,
  kFrom,
  kTo,
  kTry,
  kCount,
  kDelay,
  kReason,
  kOutcome
};

constexpr const char* kInsert =
    "INSERT INTO events(run, sequence, at, kind, task, instance, map_index, from_state, to_state, try_number, count, "
    "delay, reason, outcome) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
constexpr const char* kReplace =  // for seeded_bug()
    "INSERT OR REPLACE INTO events(run, sequence, at, kind, task, instance, map_index, from_state, to_state, "
    "try_number, "
    "count, delay, reason, outcome) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
constexpr const char* kSelect =
    "SELECT sequence, at, kind, task, instance, map_index, from_state, to_state, try_number, count, delay, reason, "
    "outcome FROM events WHERE run = ?1 ORDER BY sequence";

template <class Enum>
std::int64_t number(Enum value) {
  return static_cast<std::int64_t>(value);
}

/// Binds what its kind has; the rest is NULL, which takes no room.
class EventWriter {
 public:
  EventWriter(SqliteStatement statement, std::int64_t run) : row_(std::move(statement)) { row_.bind(1, run); }

  [[nodiscard]] Status write(const Event& event) {
    for (int column = kTask; column <= kOutcome; ++column) row_.bind_null(parameter(column));
    put(kSequence, number(event.sequence));
    put(kAt, event.at.unix_ns);
    put(kKind, number(event.kind));
    if (event.task.valid()) put(kTask, event.task.value);
    if (event.instance.valid()) put(kInstance, event.instance.value);
    if (event.map_index >= 0) put(kMapIndex, event.map_index);
    if (event.count != 0) put(kCount, event.count);
    if (event.delay.count() != 0) put(kDelay, event.delay.count());
    if (event.end_reason != RunEndReason::none) put(kReason, number(event.end_reason));
    if (event.kind == EventKind::run_finished) put(kTo, number(event.run_state));
    if (event.kind == EventKind::task_transition) {
      put(kFrom, number(event.from));
      put(kTo, number(event.to));
      put(kTry, event.try_number);
    }
    const std::string outcome = event.outcome ? encode_outcome(*event.outcome) : std::string{};
    const bool drops = seeded_bug(SeededBug::outcome_dropped) && event.to == TaskState::up_for_retry;
    if (event.outcome && !drops) row_.bind(parameter(kOutcome), outcome);
    return row_.run();
  }

 private:
  static constexpr int parameter(int column) { return column + 2; }
  void put(Column column, std::int64_t value) { row_.bind(parameter(column), value); }

  SqliteStatement row_;
};

/// Reads what its kind has, and remembers whether anything is out of bounds.
class EventReader {
 public:
  explicit EventReader(const SqliteStatement& row) : row_(row) {}

  /// Nothing if the row is no event.
  std::optional<Event> read() {
    Event event;
    event.sequence = static_cast<std::uint64_t>(row_.integer(kSequence));
    event.at = Timestamp{row_.integer(kAt)};
    event.kind = value<EventKind>(kKind, number(EventKind::task_cleared));
    event.task.value = value<std::uint32_t>(kTask, UINT32_MAX - 1, UINT32_MAX);
    event.instance.value = value<std::uint32_t>(kInstance, UINT32_MAX - 1, UINT32_MAX);
    event.map_index = value<std::int32_t>(kMapIndex, INT32_MAX, -1);
    event.count = value<std::uint32_t>(kCount, UINT32_MAX, 0);
    event.delay = Duration{row_.integer(kDelay)};
    event.end_reason = value<RunEndReason>(kReason, number(RunEndReason::deadlock), RunEndReason::none);
    if (event.kind == EventKind::run_finished) event.run_state = value<RunState>(kTo, number(RunState::canceled));
    if (event.kind == EventKind::task_transition) {
      event.from = value<TaskState>(kFrom, number(TaskState::lost));
      event.to = value<TaskState>(kTo, number(TaskState::lost));
      event.try_number = value<std::uint16_t>(kTry, UINT16_MAX);
    }
    if (!row_.is_null(kOutcome)) read_outcome(event);
    if (!sound_) return std::nullopt;
    return event;
  }

 private:
  template <class T>
  T value(Column column, std::int64_t greatest, std::optional<T> if_null = {}) {
    if (if_null && row_.is_null(column)) return *if_null;
    const std::int64_t stored = row_.integer(column);
    if (!row_.is_integer(column) || stored < 0 || stored > greatest) return sound_ = false, T{};
    return static_cast<T>(stored);
  }

  void read_outcome(Event& event) {
    auto outcome = decode_outcome(Value{std::string{row_.text(kOutcome)}});
    if (!outcome) {
      sound_ = false;
    } else {
      event.outcome = std::make_shared<const TaskOutcome>(std::move(outcome).value());
    }
  }

  const SqliteStatement& row_;
  bool sound_ = true;
};

}  // namespace

Status insert_events(SqliteDb& db, std::int64_t run, std::span<const Event> events) {
  auto statement = db.statement(seeded_bug(SeededBug::conflict_overwritten) ? kReplace : kInsert);
  if (!statement) return statement.error();
  EventWriter writer{std::move(statement).value(), run};
  for (const Event& event : events) {
    if (Status written = writer.write(event); !written) return written;
  }
  return done();
}

Result<std::vector<Event>> read_events(SqliteDb& db, std::int64_t run) {
  auto rows = db.statement(kSelect);
  if (!rows) return rows.error();
  rows->bind(1, run);
  std::vector<Event> events;
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return events;
    auto event = EventReader{*rows}.read();
    if (!event) {
      return Error{"store.corrupt", "store " + db.path() + ": row " + std::to_string(rows->integer(kSequence)) +
                                        " of a run's events is damaged, or was written by a newer release"};
    }
    events.push_back(std::move(*event));
  }
}

Result<std::uint64_t> count_events(SqliteDb& db, std::int64_t run) {
  auto statement = db.statement("SELECT max(sequence) + 1 FROM events WHERE run = ?1");
  if (!statement) return statement.error();
  const auto row = statement->bind(1, run).step();
  if (!row) return row.error();
  return static_cast<std::uint64_t>(statement->integer(0));
}

}  // namespace leeward
