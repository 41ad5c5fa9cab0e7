#include "core/store/store_schema.hpp"

#include <array>
#include <string>

#include "core/base/seeded_bug.hpp"

namespace leeward {
namespace {

// Events are rows that are only ever added, numbered within their run. `runs` says of each run where it stands, for
// lists; it changes in the transaction of the event that says so. Texts that many runs share are kept once, by SHA-256.
// A paid call is a row from its intent on; its answer is NULL until it is known (call_rows.cpp).
// States of runs are words, because people ask for them; what is in an event is numbers (event_rows.cpp says which).
constexpr const char* kVersion1 = R"sql(
CREATE TABLE texts(
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  text TEXT NOT NULL
) STRICT;
CREATE TABLE runs(
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  dag_id TEXT NOT NULL,
  logical_date INTEGER NOT NULL,
  interval_start INTEGER,
  interval_end INTEGER,
  run_type TEXT NOT NULL,
  latest_from INTEGER,
  latest_to INTEGER,
  params TEXT NOT NULL,
  conf TEXT NOT NULL,
  triggered_by TEXT NOT NULL,
  source INTEGER REFERENCES texts(id),
  source_file TEXT NOT NULL,
  shape INTEGER NOT NULL REFERENCES texts(id),
  state TEXT NOT NULL,
  end_reason TEXT NOT NULL,
  started_at INTEGER,
  ended_at INTEGER
) STRICT;
CREATE INDEX runs_of_dag ON runs(dag_id, logical_date);
CREATE INDEX runs_unfinished ON runs(state) WHERE state IN ('queued', 'running');
CREATE TABLE events(
  run INTEGER NOT NULL REFERENCES runs(id),
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  task INTEGER,
  instance INTEGER,
  map_index INTEGER,
  from_state INTEGER,
  to_state INTEGER,
  try_number INTEGER,
  count INTEGER,
  delay INTEGER,
  reason INTEGER,
  outcome TEXT,
  PRIMARY KEY(run, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE calls(
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs(id),
  task_id TEXT NOT NULL,
  map_index INTEGER NOT NULL,
  try_number INTEGER NOT NULL,
  reschedules INTEGER NOT NULL,
  digest TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  number INTEGER NOT NULL,
  intents INTEGER NOT NULL,
  http_status INTEGER,
  headers TEXT,
  body TEXT,
  error_code TEXT,
  error_message TEXT,
  sent_twice INTEGER NOT NULL DEFAULT 0,
  UNIQUE(run, task_id, map_index, try_number, reschedules, digest, ordinal)
) STRICT;
)sql";

// The next number of a call is looked up for each.
constexpr const char* kVersion2 =
    "CREATE INDEX calls_in_order ON calls(run, task_id, map_index, try_number, reschedules, number)";

constexpr std::array kMigrations = {StoreMigration{kVersion1}, StoreMigration{kVersion2}};

/// SQLite would throw the log away, and go on with nothing.
Status not_emptied(SqliteDb& db) {
  if (seeded_bug(SeededBug::emptied_store_accepted)) return done();
  const auto lost = db.lost_its_content();
  if (!lost) return lost.error();
  if (!*lost) return done();
  return Error{"store.corrupt", "store " + db.path() + ": the file is empty, but the log beside it (" + db.path() +
                                    "-wal) is not: what was in it is lost"};
}

/// FULL, and while the file has no write-ahead log yet, a sync of the folder too: a power cut could bring back the
/// journal that made it have one, and with it the empty file that was there before.
Status sync_every_commit(SqliteDb& db) {
  if (seeded_bug(SeededBug::sync_skipped)) return db.run("PRAGMA synchronous = OFF");
  if (seeded_bug(SeededBug::folder_not_synced)) return db.run("PRAGMA synchronous = FULL");
  return db.run("PRAGMA synchronous = EXTRA");
}

Status use_write_ahead_log(SqliteDb& db) {
  const auto mode = db.ask_text("PRAGMA journal_mode = WAL");
  if (!mode) return mode.error();
  if (*mode == "wal") return done();
  return Error{"store.io", "store " + db.path() + ": no write-ahead log can be used here, as on many network file " +
                               "systems; choose a folder on a local disk"};
}

Status migrate_one(SqliteDb& db, std::span<const StoreMigration> migrations, bool& up_to_date) {
  auto transaction = SqliteTransaction::begin(db, SqliteTransaction::Kind::write);
  if (!transaction) return transaction.error();
  const auto version = db.ask("PRAGMA user_version");  // somebody else may have been faster
  if (!version) return version.error();
  const auto from = static_cast<std::size_t>(*version);
  up_to_date = from >= migrations.size();
  if (up_to_date) return done();
  if (seeded_bug(SeededBug::migration_torn)) {
    const std::string early = "PRAGMA user_version = " + std::to_string(from + 1) + "; COMMIT; BEGIN";
    if (Status numbered = db.run(early.c_str()); !numbered) return numbered;
  }
  if (Status made = db.run(migrations[from].sql); !made) return made;
  const std::string numbers = "PRAGMA application_id = " + std::to_string(kStoreApplicationId) +
                              "; PRAGMA user_version = " + std::to_string(from + 1);
  if (Status numbered = db.run(numbers.c_str()); !numbered) return numbered;
  return transaction->commit();
}

}  // namespace

std::span<const StoreMigration> store_migrations() { return kMigrations; }

Result<StoreContent> look_into_store(SqliteDb& db, std::span<const StoreMigration> migrations) {
  if (const Status kept = not_emptied(db); !kept) return kept.error();
  auto transaction = SqliteTransaction::begin(db, SqliteTransaction::Kind::read);
  if (!transaction) return transaction.error();
  const auto application = db.ask("PRAGMA application_id");
  if (!application) return application.error();
  const auto version = db.ask("PRAGMA user_version");
  if (!version) return version.error();
  if (*application != kStoreApplicationId) {
    const auto tables = db.ask("SELECT count(*) FROM sqlite_schema");
    if (!tables) return tables.error();
    if (*tables == 0 && *application == 0 && *version == 0) return StoreContent::nothing;
    return Error{"store.foreign", "store " + db.path() + ": this is a SQLite file, but not one of Leeward's"};
  }
  const auto known = static_cast<std::int64_t>(migrations.size());
  if (*version > known && !seeded_bug(SeededBug::newer_store_opened)) {
    return Error{"store.newer", "store " + db.path() + ": it has version " + std::to_string(*version) +
                                    ", and this release knows versions up to " + std::to_string(known) +
                                    "; use the release that wrote it, or a newer one"};
  }
  if (*version < 1) return Error{"store.corrupt", "store " + db.path() + ": its header says that it has no version"};
  return *version == known ? StoreContent::current : StoreContent::older;
}

Status migrate_store(SqliteDb& db, std::span<const StoreMigration> migrations) {
  for (bool up_to_date = false; !up_to_date;) {
    if (Status migrated = migrate_one(db, migrations, up_to_date); !migrated) return migrated;
  }
  return done();
}

Result<SqliteDb> open_store_to_write(const SqliteDb::Options& options, std::span<const StoreMigration> migrations) {
  auto db = SqliteDb::open(options);
  if (!db) return db;
  const auto content = look_into_store(*db, migrations);
  if (!content) return content.error();
  if (const Status synced = sync_every_commit(*db); !synced) return synced.error();
  if (const Status logged = use_write_ahead_log(*db); !logged) return logged.error();
  if (*content != StoreContent::current) {
    if (const Status migrated = migrate_store(*db, migrations); !migrated) return migrated.error();
  }
  db->checkpoint_on_close();
  return db;
}

Result<SqliteDb> open_store_to_read(SqliteDb::Options options) {
  options.access = SqliteDb::Access::read;
  auto db = SqliteDb::open(options);
  if (!db) return db;
  const auto content = look_into_store(*db, store_migrations());
  if (!content) return content.error();
  if (*content == StoreContent::current) return db;
  return Error{"store.io", "store " + db->path() + ": it was not made or not brought up to date yet"};
}

}  // namespace leeward
