// What a store in a file promises beyond what all stores do: several processes, damage.
#include "core/store/sqlite_store.hpp"

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/core/store/event_script.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using leeward::test::dag_of;
using leeward::test::EventScript;
using leeward::test::info_of;

namespace {

struct Place {
  test::TempDir folder;
  SqliteDb::Options options{(folder / "leeward.db").string()};

  [[nodiscard]] std::unique_ptr<SqliteStore> open() const { return SqliteStore::open(options).value(); }
  void change(const char* sql) const { REQUIRE(SqliteDb::open(options).value().run(sql)); }
};

EventScript finished_run() {
  EventScript script;
  script.add(EventKind::run_started, 1);
  script.success(TaskIndex{0}, InstanceIndex{0}, 2, "1");
  script.finish(RunState::success, 4);
  return script;
}

}  // namespace

TEST_CASE("Two processes may use one store, each with runs of its own", "[store]") {
  const Place place;
  const auto one = place.open();
  const auto other = place.open();
  const auto work = [](SqliteStore& store, const std::string& prefix) {
    const auto dag = dag_of("a");
    for (int i = 0; i < 30; ++i) {
      const auto info = info_of(prefix + std::to_string(i));
      EventScript script = finished_run();
      if (!store.begin(info, dag)) return;
      for (const Event& event : script.events) {
        if (!store.append(*info, std::span{&event, 1})) return;
      }
    }
  };
  std::thread thread{[&] { work(*other, "other"); }};
  work(*one, "one");
  thread.join();
  CHECK(one->list({"", RunState::success, false, 0}).value().size() == 60);
  CHECK(other->load("one29")->state == RunState::success);
  CHECK(one->begin(info_of("other0"), dag_of("a")).error().code == "store.run_exists");
}

TEST_CASE("A run that another process goes on with takes no events from this one", "[store]") {
  const Place place;
  const auto one = place.open();
  const auto other = place.open();
  const auto dag = dag_of("a");
  const auto info = info_of("r1");
  EventScript script = finished_run();
  REQUIRE(one->begin(info, dag));
  REQUIRE(other->reopen(info, dag));
  REQUIRE(one->append(*info, script.events));
  EventScript theirs;
  theirs.add(EventKind::run_started, 100);
  const Status refused = other->append(*info, theirs.events);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "store.conflict");
  CHECK(refused.error().message == "another process goes on with run \"r1\"");
  CHECK(one->history("r1")->events.front().at.unix_ns == 1);
  CHECK(other->begin(info_of("r2"), dag));  // a refusal is no failure of the disk
}

TEST_CASE("A run that another process has cleared is shown as it is now", "[store]") {
  const Place place;
  const auto one = place.open();
  const auto dag = dag_of("a");
  const auto info = info_of("r1");
  EventScript script = finished_run();
  REQUIRE(one->begin(info, dag));
  REQUIRE(one->append(*info, script.take()));
  CHECK(one->load("r1")->state == RunState::success);
  {
    const auto other = place.open();
    REQUIRE(other->reopen(info, dag));
    script.add(EventKind::run_reopened, 10);
    script.add(EventKind::task_cleared, 10).task = TaskIndex{0};
    REQUIRE(other->append(*info, script.take()));
  }
  CHECK(one->load("r1")->state == RunState::queued);
  CHECK(one->task_states("r1", "a").value() == std::vector{TaskState::none});
}

TEST_CASE("Of a run of the past all tasks are told after one look at its events", "[store]") {
  const Place place;
  const auto dag = dag_of("a; b; c");
  const auto info = info_of("r1");
  EventScript script;
  script.add(EventKind::run_started, 1);
  script.success(TaskIndex{0}, InstanceIndex{0}, 2, "1");
  const auto writes = place.open();
  REQUIRE(writes->begin(info, dag));
  REQUIRE(writes->append(*info, script.take()));
  const auto asks = place.open();
  CHECK(asks->task_states("r1", "a").value() == std::vector{TaskState::success});
  place.change("UPDATE events SET kind = 77 WHERE sequence = 0");  // whoever looks again does not understand it
  CHECK(asks->task_states("r1", "b").value() == std::vector{TaskState::none});
  CHECK(asks->task_states("r1", "c").value() == std::vector{TaskState::none});
  script.success(TaskIndex{1}, InstanceIndex{1}, 20, "2");  // and something new is a reason to look
  REQUIRE(writes->append(*info, script.take()));
  CHECK(asks->task_states("r1", "b").error().code == "store.corrupt");
  place.change("UPDATE events SET kind = 0 WHERE sequence = 0");
  CHECK(asks->task_states("r1", "b").value() == std::vector{TaskState::success});
}

TEST_CASE("A damaged row is an error that says so, and no assertion", "[store]") {
  const Place place;
  {
    const auto store = place.open();
    const auto info = info_of("r1");
    REQUIRE(store->begin(info, dag_of("a")));
    REQUIRE(store->append(*info, finished_run().events));
  }
  const char* const damage = GENERATE(
      "DELETE FROM events WHERE sequence = 2", "UPDATE events SET to_state = 99 WHERE sequence = 2",
      "UPDATE events SET to_state = 14 WHERE sequence = 2",
      "UPDATE events SET instance = 4000000000 WHERE sequence = 1", "UPDATE events SET task = 1 WHERE sequence = 1",
      "UPDATE events SET kind = 2, count = 4000000000 WHERE sequence = 1",
      "UPDATE events SET kind = 77 WHERE sequence = 1", "UPDATE events SET outcome = NULL WHERE sequence = 4",
      "UPDATE events SET outcome = '{\"kind\":' WHERE sequence = 4",
      "UPDATE events SET to_state = NULL WHERE sequence = 5", "UPDATE runs SET params = '{'",
      "UPDATE texts SET text = '[{}]'", "DELETE FROM texts");
  INFO(damage);
  place.change(damage);
  const auto store = place.open();
  const auto record = store->load("r1");
  REQUIRE_FALSE(record);
  CHECK(record.error().code == "store.corrupt");
  CHECK(record.error().message.find(place.options.path) != std::string::npos);
  CHECK(store->task_states("r1", "a").error().code == "store.corrupt");
  CHECK(store->begin(info_of("r2"), dag_of("a")));  // others are not to suffer
}

TEST_CASE("A text that many runs share is kept once", "[store]") {
  const Place place;
  Dag::Header header;
  header.source = std::make_shared<const DagSource>(DagSource{"{\"dag_id\":\"test\"}", "a.json"});
  const auto dag = dag_of("a", {}, header);
  const auto store = place.open();
  for (int i = 0; i < 10; ++i) REQUIRE(store->begin(info_of("r" + std::to_string(i)), dag));
  CHECK(SqliteDb::open(place.options)->ask("SELECT count(*) FROM texts").value() == 2);  // it, and its list of tasks
  const auto first = store->history("r0").value();
  CHECK(first.source == store->history("r9").value().source);
}
