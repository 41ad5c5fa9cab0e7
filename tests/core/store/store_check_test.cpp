#include "core/store/store_check.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "core/store/sqlite_store.hpp"
#include "tests/core/store/event_script.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

/// A store of two runs.
struct Place {
  TempDir folder;
  std::string path = (folder / "leeward.db").string();

  Place() {
    const auto store = SqliteStore::open({path}).value();
    Dag::Header header;
    header.source = std::make_shared<const DagSource>(DagSource{"{}", "x.json"});
    const auto dag = dag_of("a", {}, header);
    for (const char* id : {"r1", "r2"}) {
      EventScript script;
      script.add(EventKind::run_started, 1);
      script.success(TaskIndex{0}, InstanceIndex{0}, 2, "1");
      script.finish(RunState::success, 4);
      REQUIRE(store->begin(info_of(id), dag));
      REQUIRE(store->append(*info_of(id), script.events));
    }
  }
  [[nodiscard]] std::string findings() const {
    const auto found = check_store(path);
    if (!found) return found.error().code;
    std::string text;
    for (const Finding& finding : *found) text += finding.where + ": " + finding.message + "\n";
    return text;
  }
};

}  // namespace

TEST_CASE("A sound store has no findings", "[store]") { CHECK(Place{}.findings().empty()); }

TEST_CASE("What is wrong with a store is said in words, of each run", "[store]") {
  const Place place;
  const auto [damage, where, says] = GENERATE(table<std::string, std::string, std::string>({
      {"DELETE FROM events WHERE run = 2 AND sequence = 3", "run r2", "event 3: its number is 4"},
      {"UPDATE runs SET state = 'running' WHERE id = 1", "run r1", "listed as running, and its events make it success"},
      {"UPDATE runs SET ended_at = 5 WHERE id = 1", "run r1", "other times"},
      {"UPDATE runs SET end_reason = 'deadlock' WHERE id = 1", "run r1", "another end reason"},
      {"UPDATE runs SET state = 'over' WHERE id = 1", "run r1", "damaged"},
      {"DELETE FROM runs WHERE id = 1", "table events", "row id 1"},
      {"UPDATE texts SET text = text || ' '", "text 1", "digest"},
      {"DELETE FROM texts WHERE text = '{}'", "run r1", "text of its DAG is missing"},
      {"DELETE FROM texts WHERE text <> '{}'", "run r1", "list of its tasks is missing"},
      {"UPDATE events SET kind = 99 WHERE run = 1 AND sequence = 0", "run r1", "damaged"},
  }));
  INFO(damage);
  REQUIRE(SqliteDb::open({place.path}).value().run(damage.c_str()));
  const std::string findings = place.findings();
  INFO(findings);
  CHECK(findings.find(where + ": ") != std::string::npos);
  CHECK(findings.find(says) != std::string::npos);
}

TEST_CASE("A page that was overwritten is found", "[store]") {
  const Place place;
  std::filesystem::remove(place.path + "-wal");  // what is in the log is read from there
  {
    std::fstream file(place.path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 5 + 8);
    file << std::string(3'000, '\x55');
  }
  const std::string findings = place.findings();
  INFO(findings);
  CHECK((findings == "store.corrupt" || findings.find("the file: ") != std::string::npos));
}

TEST_CASE("What is no store cannot be checked, and none is made", "[store]") {
  const TempDir folder;
  CHECK(check_store((folder / "none.db").string()).error().code == "store.io");
  CHECK_FALSE(std::filesystem::exists(folder / "none.db"));
}
