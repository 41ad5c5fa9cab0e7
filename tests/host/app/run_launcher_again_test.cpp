#include <catch2/catch.hpp>

#include "host/app/run_launcher.hpp"
#include "tests/host/app/launcher_world.hpp"

// Runs that were recorded before: asked for again, taken up, left behind.

using namespace leeward;
using namespace leeward::test;

TEST_CASE("An attempt that is started again finds the run that it had asked for, in whatever state", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  const RunInfo first = world.first("a");
  const std::string by = "first/go/-1/1";

  SECTION("left behind: it is taken up, and waited for") {
    world.leave_behind("a", "mine", by);
    const auto told = world.trigger_again(first, asked("a", "mine", true));
    CHECK(held.wait(1) == std::vector<std::string>{"mine"});
    CHECK(told->empty());
    held.let_go(0);
    CHECK(told->wait()->state == RunState::success);
  }
  SECTION("under way in this process: it is waited for") {
    world.leave_behind("a", "mine", by);
    const auto resumed = world.take_up("mine");
    held.wait(1);
    const auto told = world.trigger_again(first, asked("a", "mine", true));
    CHECK(told->empty());
    held.let_go(0);
    CHECK(resumed->wait()->state == RunState::success);
    CHECK(told->wait()->state == RunState::success);
  }
  SECTION("ended: its state is told") {
    const auto earlier = world.trigger_again(first, asked("a", "mine", true));
    held.wait(1);
    held.let_go(0);
    REQUIRE(earlier->wait());
    CHECK(world.trigger_again(first, asked("a", "mine", true))->wait()->state == RunState::success);
    CHECK(world.trigger_again(first, asked("a", "mine"))->wait()->state == RunState::success);
  }
  SECTION("with an id that was made from the attempt") {
    const auto earlier = world.trigger_again(first, asked("a", "", true));
    held.wait(1);
    held.let_go(0);
    const std::string run_id = earlier->wait()->run_id;
    CHECK(world.trigger_again(first, asked("a", "", true))->wait()->run_id == run_id);
  }
}

TEST_CASE("Another try starts another run, and may not take one whose id it chose again", "[host][app]") {
  World world{succeed};
  world.add("a");
  const RunInfo first = world.first("a");
  const std::string run_id = world.trigger_again(first, asked("a", "", true))->wait()->run_id;
  CHECK(world.trigger_again(first, asked("a", "", true), 2)->wait()->run_id != run_id);
  REQUIRE(world.trigger_again(first, asked("a", "mine", true))->wait());
  CHECK(world.trigger_again(first, asked("a", "mine", true), 2)->wait().error().code == "run.exists");
}

TEST_CASE("A run that another process has is waited for until that ends it or leaves it behind", "[host][app]") {
  World world{succeed};
  world.add("a");
  world.leave_behind("a", "r");
  std::optional<RunLock> other{world.lock("r")};
  const auto told = world.take_up("r");
  CHECK(told->empty());
  SECTION("it leaves it behind") {
    other.reset();
    CHECK(told->wait()->state == RunState::success);
  }
  SECTION("this process is stopped first") {
    world.launcher->get().suspend_all();
    CHECK(told->wait()->state == RunState::running);
  }
}

TEST_CASE("Stopping leaves what was accepted recorded, and it can be taken up", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  world.add("b", 1);
  const RunInfo first = world.first("a");
  CHECK(world.trigger(first, asked("b", "active"))->wait()->state == RunState::running);
  CHECK(world.trigger(first, asked("b", "queued"))->wait()->state == RunState::queued);
  const auto waiting = world.trigger(first, asked("b", "waited for", true));
  held.wait(1);
  world.launcher->get().suspend_all();
  CHECK(waiting->wait().error().code == "run.canceled");
  world.launcher->get().wait();
  CHECK(*world.store.run_state("active") == RunState::running);
  CHECK(*world.store.run_state("queued") == RunState::queued);
  CHECK_FALSE(world.store.run_state("waited for"));  // whoever asked for it will ask again

  world.restart();
  const auto one = world.take_up("active");
  const auto two = world.take_up("queued");
  CHECK(held.wait(2).back() == "active");  // the DAG's limit holds
  held.let_go(1);
  CHECK(one->wait()->state == RunState::success);
  CHECK(held.wait(3).back() == "queued");
  held.let_go(2);
  CHECK(two->wait()->state == RunState::success);
}
