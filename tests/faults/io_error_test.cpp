// A disk that fails, or is full, at every single operation of a story: what was acknowledged stays, nothing is
// acknowledged after a failed sync, and once the disk is well again the story goes on.
#include <iostream>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "tests/core/store/event_script.hpp"
#include "tests/faults/fault_vfs.hpp"
#include "tests/faults/rounds.hpp"
#include "tests/faults/workload.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/sanitized.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

constexpr const char* kPath = "/home/leeward.db";
using Trouble = SimulatedDisk::Trouble;
using Lasts = SimulatedDisk::Duration;
using Counts = SimulatedDisk::Counts;

/// A story, and the disk that it is written to.
struct Scene {
  Scene(Counts counts, std::uint64_t seed)
      : disk(SimulatedDisk::Lies::none, counts), workload(seed, Workload::Values::small) {}

  SimulatedDisk disk;
  FaultVfs vfs{disk};
  SqliteDb::Options store{kPath, SqliteDb::Access::create, vfs.name()};
  Workload workload;
};

/// A story from its beginning.
void begin(Scene&) {}

/// A story in the middle of which the process was killed: its log is there, and nobody has looked at it yet.
void begin_after_a_kill(Scene& scene) {
  constexpr std::uint64_t kKilledAt = 300;
  scene.disk.arm({kKilledAt, Trouble::power_cut});
  static_cast<void>(scene.workload.run(scene.store));
  scene.disk.restart(std::nullopt);
  REQUIRE(scene.disk.content(std::string{kPath} + "-wal").size() > 10'000);
  SimulatedDisk copy;
  copy.copy(scene.disk);
  FaultVfs vfs{copy};
  REQUIRE(scene.workload.compare({kPath, SqliteDb::Access::create, vfs.name()}).empty());
  REQUIRE(scene.workload.acknowledged() > 10);
}

/// The rest of the story with one fault in it; afterwards the process is gone, and every other time the power, too.
std::vector<std::string> fail(Scene& scene, const SimulatedDisk::Fault& fault, std::uint64_t seed) {
  auto& [disk, vfs, store, workload] = scene;
  disk.arm(fault);
  const Status ran = workload.run(store);
  std::vector<std::string> wrong;
  if (!ran) {
    const std::string& code = ran.error().code;
    const bool may_be_full = fault.trouble == Trouble::no_space;
    const bool right = code == "store.io" || (may_be_full && code == "store.full");
    if (!right) wrong.push_back("it was told as " + code + ": " + ran.error().message);
  } else if (!disk.struck()) {
    wrong.emplace_back("nothing failed");
  }
  disk.restart(fault.at % 2 == 0 ? std::optional{seed + fault.at} : std::nullopt);
  for (std::string& finding : workload.compare(store)) wrong.push_back(std::move(finding));
  if (const Status went_on = workload.run(store); !went_on) wrong.push_back("then: " + went_on.error().message);
  for (std::string& finding : workload.compare(store)) wrong.push_back("then: " + std::move(finding));
  return wrong;
}

constexpr std::uint64_t kStep = kSanitized ? 8 : 1;  // not each operation where each takes ten times longer

void fail_everywhere(Trouble trouble, Lasts lasts, const char* name, Counts counts = Counts::changes,
                     void (*begin_story)(Scene&) = begin) {
  const std::uint64_t seed = first_seed();
  Scene quiet{counts, seed};
  begin_story(quiet);
  REQUIRE(quiet.workload.run(quiet.store));
  const std::uint64_t operations = quiet.disk.operations();
  std::uint64_t tried = 0;
  std::uint64_t bad = 0;
  for (std::uint64_t at = seed % kStep; at < operations; at += kStep) {
    ++tried;
    Scene scene{counts, seed};
    begin_story(scene);
    const auto wrong = fail(scene, {at, trouble, lasts}, seed);
    if (wrong.empty()) continue;
    ++bad;
    UNSCOPED_INFO("operation " << at << ": " << wrong.front());
  }
  const char* const of = counts == Counts::changes ? " operations, " : " operations with reads and locks, ";
  std::cout << tried << of << name << " at each: " << bad << " with anything lost or damaged\n";
  CHECK(operations > 200);
  CHECK(bad == 0);
}

}  // namespace

TEST_CASE("An I/O error at any operation loses nothing that was acknowledged", "[faults]") {
  fail_everywhere(Trouble::io_error, Lasts::once, "an I/O error");
}

TEST_CASE("A disk that stays broken from any operation on loses nothing that was acknowledged", "[faults]") {
  fail_everywhere(Trouble::io_error, Lasts::for_ever, "an I/O error for ever");
}

TEST_CASE("An I/O error at any read, look or lock loses nothing that was acknowledged", "[faults]") {
  fail_everywhere(Trouble::io_error, Lasts::once, "an I/O error", Counts::everything);
}

TEST_CASE("A disk that cannot be read from any operation on loses nothing that was acknowledged", "[faults]") {
  fail_everywhere(Trouble::io_error, Lasts::for_ever, "an I/O error for ever", Counts::everything);
}

TEST_CASE("An I/O error at any operation of a recovery loses nothing that was acknowledged", "[faults]") {
  fail_everywhere(Trouble::io_error, Lasts::once, "after a kill, an I/O error", Counts::everything, begin_after_a_kill);
}

TEST_CASE("A disk that is full for a moment at any operation loses nothing, and the runs go on", "[faults]") {
  fail_everywhere(Trouble::no_space, Lasts::once, "a full disk");
}

TEST_CASE("A disk that is full from any operation on loses nothing, and with space back the runs go on", "[faults]") {
  fail_everywhere(Trouble::no_space, Lasts::for_ever, "a disk that stays full");
}

TEST_CASE("After a sync has failed a store takes no more, and asks the disk for nothing", "[faults]") {
  SimulatedDisk disk;
  FaultVfs vfs{disk};
  const auto dag = dag_of("a");
  const auto info = info_of("r1");
  EventScript script;
  script.add(EventKind::run_started, 1);
  const auto store = SqliteStore::open({kPath, SqliteDb::Access::create, vfs.name()}).value();
  REQUIRE(store->begin(info, dag));
  disk.arm({disk.operations(), Trouble::io_error, Lasts::for_ever});
  const Error first = store->append(*info, script.events).error();
  CHECK(first.code == "store.io");
  CHECK(first.message.find("Input/output error") != std::string::npos);
  disk.arm({});  // well again
  const std::uint64_t operations = disk.operations();
  CHECK(store->append(*info, script.events).error().message == first.message);
  CHECK(store->begin(info_of("r2"), dag).error().message == first.message);
  CHECK(disk.operations() == operations);
  CHECK(store->load("r1")->state == RunState::queued);  // who only looks is not kept from it
}
