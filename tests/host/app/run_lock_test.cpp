#include "host/app/run_lock.hpp"

#include <atomic>
#include <fstream>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

TEST_CASE("A run has one owner, who can be asked for", "[host][app]") {
  const TempDir dir;
  CHECK_FALSE(run_owner(dir.path(), "r1"));
  {
    const auto lock = RunLock::take(dir.path(), "r1");
    REQUIRE(lock);
    REQUIRE(run_owner(dir.path(), "r1"));
    CHECK(run_owner(dir.path(), "r1")->pid == ::getpid());
    const auto second = RunLock::take(dir.path(), "r1");
    REQUIRE_FALSE(second);
    CHECK(second.error().code == "run.owned");
    CHECK(second.error().message == "run r1 is being run by process " + std::to_string(::getpid()));
    CHECK(RunLock::take(dir.path(), "r2"));
  }
  CHECK_FALSE(run_owner(dir.path(), "r1"));
  CHECK(std::filesystem::is_empty(dir.path()));
  CHECK(RunLock::take(dir.path(), "r1"));
}

TEST_CASE("Any run id has a lock of its own, inside of the folder", "[host][app]") {
  const TempDir dir;
  const std::vector<std::string> ids = {"../up", "a/b", ".", "..", "", "a b", "ä", std::string(250, 'x'), "x\ny"};
  std::vector<RunLock> locks;
  for (const std::string& id : ids) {
    INFO(id);
    auto lock = RunLock::take(dir.path(), id);
    REQUIRE(lock);
    locks.push_back(std::move(lock).value());
    CHECK(run_owner(dir.path(), id));
  }
  const auto files = std::distance(std::filesystem::directory_iterator{dir.path()}, {});
  CHECK(files == static_cast<std::ptrdiff_t>(ids.size()));
}

TEST_CASE("The lock file of a dead process keeps nobody from the run, and is cleaned away", "[host][app]") {
  const TempDir dir;
  dir.write("dead.lock", "999999999\n");
  dir.write("empty.lock", "");
  CHECK_FALSE(run_owner(dir.path(), "dead"));
  CHECK(RunLock::take(dir.path(), "dead"));
  dir.write("dead.lock", "999999999\n");
  const auto alive = RunLock::take(dir.path(), "alive");
  REQUIRE(alive);
  remove_stale_locks(dir.path());
  CHECK_FALSE(std::filesystem::exists(dir / "dead.lock"));
  CHECK_FALSE(std::filesystem::exists(dir / "empty.lock"));
  CHECK(run_owner(dir.path(), "alive"));
}

TEST_CASE("However many take and clean at the same time, there is never a second owner", "[host][app]") {
  const TempDir dir;
  std::atomic<int> owners = 0;
  std::atomic<int> taken = 0;
  std::atomic<bool> two = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 300; ++round) {
        remove_stale_locks(dir.path());
        const auto lock = RunLock::take(dir.path(), "r");
        if (!lock) continue;
        if (owners.fetch_add(1) != 0) two = true;
        ++taken;
        owners.fetch_sub(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(two);
  CHECK(taken > 0);
}

TEST_CASE("A folder that is not there is told of", "[host][app]") {
  const TempDir dir;
  const auto lock = RunLock::take(dir / "none", "r");
  REQUIRE_FALSE(lock);
  CHECK(lock.error().code == "home.unusable");
}
