// The process ends, or the power goes, at every operation of a store's way from one version to the next.
#include <array>
#include <string>

#include <catch2/catch.hpp>

#include "core/store/run_rows.hpp"
#include "core/store/store_schema.hpp"
#include "tests/core/store/event_script.hpp"
#include "tests/faults/fault_vfs.hpp"
#include "tests/support/dag_of.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

constexpr const char* kPath = "/home/leeward.db";

/// Those of this release, and two that may come.
std::vector<StoreMigration> later_migrations() {
  const auto known = store_migrations();
  std::vector<StoreMigration> migrations{known.begin(), known.end()};
  migrations.push_back(
      {"ALTER TABLE runs ADD COLUMN note TEXT; UPDATE runs SET note = run_id || '!';"
       "CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;"
       "INSERT INTO notes(text) SELECT note FROM runs"});
  migrations.push_back({"CREATE INDEX runs_noted ON runs(note); DELETE FROM notes WHERE id % 2 = 0"});
  return migrations;
}

constexpr int kRuns = 20;

/// A store of the first version, with runs in it, as a crash left it.
void make_old_store(SimulatedDisk& disk, const SqliteDb::Options& options) {
  auto db = open_store_to_write(options, store_migrations().first(1)).value();
  auto transaction = SqliteTransaction::begin(db, SqliteTransaction::Kind::write).value();
  const auto shape = shape_of(dag_of("a"));
  for (int i = 0; i < kRuns; ++i) {
    auto insert = db.statement(
        "INSERT INTO runs(run_id, dag_id, logical_date, run_type, params, conf, triggered_by, source_file, shape, "
        "state, "
        "end_reason) VALUES(?1, 'test', 0, 'manual', '{}', '{}', '', '', 1, 'queued', 'none')");
    REQUIRE(insert->bind(1, "r" + std::to_string(i)).run());
  }
  REQUIRE(transaction.commit());
  disk.arm({disk.operations(), SimulatedDisk::Trouble::power_cut});  // its end is not an orderly one
}

/// The version, if the tables are those of that version.
std::int64_t version_of(const SqliteDb::Options& options, std::size_t known) {
  auto db = SqliteDb::open(options).value();
  const std::int64_t version = db.ask("PRAGMA user_version").value();
  const bool has_notes = db.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'notes'").value() == 1;
  const bool has_index = db.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'runs_noted'").value() == 1;
  CHECK(has_notes == (version > static_cast<std::int64_t>(known)));
  CHECK(has_index == (version > static_cast<std::int64_t>(known) + 1));
  CHECK(db.ask("SELECT count(*) FROM runs").value() == kRuns);
  return version;
}

void stop_everywhere(bool loses_power) {
  const auto migrations = later_migrations();
  const std::size_t known = store_migrations().size();
  std::uint64_t stopped = 0;
  for (bool done = false; !done; ++stopped) {
    INFO("operation " << stopped);
    SimulatedDisk disk;
    FaultVfs vfs{disk};
    const SqliteDb::Options options{kPath, SqliteDb::Access::create, vfs.name()};
    make_old_store(disk, options);
    disk.restart(std::nullopt);
    disk.arm({stopped, SimulatedDisk::Trouble::power_cut});
    static_cast<void>(open_store_to_write(options, migrations));
    done = !disk.struck();
    disk.restart(loses_power ? std::optional{stopped} : std::nullopt);
    const std::int64_t version = version_of(options, known);
    CHECK(version >= 1);
    REQUIRE(open_store_to_write(options, migrations));
    CHECK(version_of(options, known) == static_cast<std::int64_t>(migrations.size()));
    auto db = SqliteDb::open(options).value();
    CHECK(db.ask("SELECT count(*) FROM notes").value() == kRuns / 2);
    CHECK(db.ask_text("PRAGMA integrity_check").value() == "ok");
  }
  CHECK(stopped > 10);
}

}  // namespace

TEST_CASE("A process that is killed at any point of a migration leaves the version before or the one after",
          "[faults]") {
  stop_everywhere(false);
}

TEST_CASE("A power cut at any point of a migration leaves the version before or the one after", "[faults]") {
  stop_everywhere(true);
}
