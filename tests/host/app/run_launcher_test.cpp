#include "host/app/run_launcher.hpp"

#include <catch2/catch.hpp>

#include "tests/host/app/launcher_world.hpp"

using namespace leeward;
using namespace leeward::test;

TEST_CASE("A triggered run that is waited for is told of when it has ended, with its conf and params", "[host][app]") {
  World world{succeed};
  world.add("a");
  world.add("b");
  RunTrigger trigger = asked("b", "mine", true);
  trigger.conf = Value{std::string{R"({"p": 2, "other": 3})"}};
  trigger.logical_date = Timestamp{1'000'000'000};
  const auto told = world.trigger(world.first("a"), trigger)->wait();
  REQUIRE(told);
  CHECK(told->run_id == "mine");
  CHECK(told->dag_id == "b");
  CHECK(told->state == RunState::success);
  const auto record = world.store.load("mine");
  REQUIRE(record);
  CHECK(record->info.params.json() == R"({"p":2})");
  CHECK(record->info.conf.json() == R"({"p": 2, "other": 3})");
  CHECK(record->info.logical_date == Timestamp{1'000'000'000});
}

TEST_CASE("A triggered run that is not waited for is told of at once, and goes on", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  const auto told = world.trigger(world.first("a"), asked("a", "mine"))->wait();
  REQUIRE(told);
  CHECK(told->state == RunState::running);
  CHECK(held.wait(1) == std::vector<std::string>{"mine"});
  REQUIRE(world.launcher->get().unfinished().size() == 1);
  CHECK(world.launcher->get().unfinished()[0].run_id == "mine");
  held.let_go(0);
  world.launcher->get().wait();
  CHECK(world.launcher->get().unfinished().empty());
  CHECK(*world.store.run_state("mine") == RunState::success);
}

TEST_CASE("Runs beyond a DAG's max_active_runs start in order as others end, the first run among them", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a", 2);
  const RunInfo first = world.first("a");
  CHECK(world.trigger(first, asked("a", "r1"))->wait()->state == RunState::running);
  CHECK(world.trigger(first, asked("a", "r2"))->wait()->state == RunState::queued);
  CHECK(world.trigger(first, asked("a", "r3"))->wait()->state == RunState::queued);
  held.wait(1);
  held.let_go(0);
  CHECK(held.wait(2) == std::vector<std::string>{"r1", "r2"});
  held.let_go(1);
  CHECK(held.wait(3) == std::vector<std::string>{"r1", "r2", "r3"});
  held.let_go(2);
  world.launcher->get().wait();
}

TEST_CASE("A run that waited for the first run starts when that has ended", "[host][app]") {
  World world{succeed};
  world.add("a", 1);
  const auto told = world.trigger(world.first("a"), asked("a", "r1"));
  CHECK(told->wait()->state == RunState::queued);
  world.end_first();
  world.launcher->get().wait();
  CHECK(*world.store.run_state("r1") == RunState::success);
}

TEST_CASE("At most 32 triggered runs are active at one depth", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  const RunInfo first = world.first("a");
  for (std::size_t i = 0; i < RunLauncher::kMaxActive; ++i)
    CHECK(world.trigger(first, asked("a"))->wait()->state == RunState::running);
  CHECK(world.trigger(first, asked("a"))->wait()->state == RunState::queued);
  held.wait(RunLauncher::kMaxActive);
  held.let_go(0);
  held.wait(RunLauncher::kMaxActive + 1);
  world.launcher->get().suspend_all();
}

TEST_CASE("A DAG that triggers itself without end is refused at a depth of 16", "[host][app]") {
  std::mutex mutex;
  std::vector<std::string> refused;
  RunLauncher* launcher = nullptr;
  World world{[&](const std::shared_ptr<Attempt>& attempt) {
    launcher->trigger(attempt->call(), asked("a", "", true), std::make_shared<CancelToken>(),
                      [&, attempt](const Result<TriggeredRun>& run) {
                        if (!run) {
                          const std::lock_guard lock{mutex};
                          refused.push_back(run.error().code);
                        }
                        succeed(attempt);
                      });
  }};
  world.add("a");
  launcher = &world.launcher->get();
  CHECK(world.trigger(world.first("a"), asked("a", "", true))->wait()->state == RunState::success);
  CHECK(refused == std::vector<std::string>{"run.too_deep"});
}

TEST_CASE("A run that would wait for a run that waits for it is refused", "[host][app]") {
  World world{succeed};
  world.add("a", 1);
  const RunInfo first = world.first("a");
  const auto told = world.trigger(first, asked("a", "", true))->wait();
  REQUIRE_FALSE(told);
  CHECK(told.error().code == "run.deadlock");
  CHECK(world.trigger(first, asked("a", "later"))->wait());  // nobody waits for that one
  world.end_first();
}

TEST_CASE("Cancelling the task that waits cancels the run, queued or active", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  world.add("b", 1);
  const RunInfo first = world.first("a");
  const auto active = world.trigger(first, asked("b", "active", true));
  held.wait(1);
  const auto queued = world.trigger(first, asked("b", "queued", true));
  queued->cancel->cancel();
  CHECK(queued->wait()->state == RunState::canceled);
  CHECK_FALSE(world.store.run_state("queued"));  // it never was one
  CHECK(active->empty());
  active->cancel->cancel();
  CHECK(active->wait()->state == RunState::canceled);
  CHECK(*world.store.run_state("active") == RunState::canceled);
}

TEST_CASE("A run id, or a logical date that was asked for, is there once", "[host][app]") {
  World world{succeed};
  world.add("a");
  world.add("b");
  const RunInfo first = world.first("a");
  RunTrigger dated = asked("b", "r1", true);
  dated.logical_date = Timestamp{5};
  REQUIRE(world.trigger(first, dated)->wait());
  CHECK(world.trigger(first, asked("a", "r1"))->wait().error().code == "run.exists");
  dated.run_id = "r2";
  CHECK(world.trigger(first, dated)->wait().error().code == "run.exists");
  dated.dag = "a";
  CHECK(world.trigger(first, dated)->wait());
}

TEST_CASE("What cannot be run is told with the reason", "[host][app]") {
  World world{succeed};
  world.add("a");
  const RunInfo first = world.first("a");
  CHECK(world.trigger(first, asked("nowhere"))->wait().error().code == "run.unknown_dag");
  RunTrigger wrong = asked("a");
  wrong.params = Value{std::string{R"({"q": 1})"}};
  CHECK(world.trigger(first, wrong)->wait().error().code == "run.param");
  world.launcher->get().suspend_all();
  CHECK(world.trigger(first, asked("a"))->wait().error().code == "run.canceled");
}

TEST_CASE("A run without a thread is told of with an error, and those that wait behind it go on", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  const RunInfo first = world.first("a");
  world.threads_left = 0;
  const auto told = world.trigger(first, asked("a", "none", true))->wait();
  REQUIRE_FALSE(told);
  CHECK(told.error().code == "run.no_thread");
  CHECK(world.launcher->get().unfinished().empty());
  world.threads_left = 1;
  CHECK(world.trigger(first, asked("a", "none"))->wait());  // the id is free
  held.wait(1);
  held.let_go(0);
  world.launcher->get().wait();
}

TEST_CASE("A run that was accepted and finds no thread when its turn comes is told of as lost", "[host][app]") {
  Held held;
  World world{held.body()};
  world.add("a");
  world.add("b", 1);
  const RunInfo first = world.first("a");
  world.threads_left = 1;
  CHECK(world.trigger(first, asked("b", "r1"))->wait()->state == RunState::running);
  CHECK(world.trigger(first, asked("b", "r2"))->wait()->state == RunState::queued);
  held.wait(1);
  held.let_go(0);
  world.launcher->get().wait();
  CHECK(world.lost_runs == std::vector<std::string>{"r2 run.no_thread"});
  CHECK(*world.store.run_state("r2") == RunState::queued);  // somebody may still take it up
}

TEST_CASE("More runs than may stand in line are refused", "[host][app][slow]") {
  Held held;
  World world{held.body()};
  world.add("a");
  world.add("b", 1);
  const RunInfo first = world.first("a");
  for (std::size_t i = 0; i < RunLauncher::kMaxQueued + 1; ++i) REQUIRE(world.trigger(first, asked("b"))->wait());
  CHECK(world.trigger(first, asked("b"))->wait().error().code == "run.too_many");
  world.launcher->get().suspend_all();
}

TEST_CASE("Runs that only wait keep nobody else from starting, and go on when something comes for them",
          "[host][app]") {
  Held held;
  World world{[&](const std::shared_ptr<Attempt>& attempt) {
    attempt->defer(true);
    held.take(attempt);
  }};
  world.add("a");
  const RunInfo first = world.first("a");
  constexpr std::size_t kMany = 3 * RunLauncher::kMaxActive;
  std::vector<std::shared_ptr<World::Telling>> told;
  for (std::size_t i = 0; i < kMany; ++i) {
    world.launcher->get().wait_for_room();
    told.push_back(world.trigger(first, asked("a", "r" + std::to_string(i), true)));
  }
  const std::vector<std::string> in_order = held.wait(kMany);
  for (std::size_t i = 0; i < kMany; i += 2) held.let_go(i);
  for (std::size_t i = 0; i < kMany; i += 2) {
    CHECK(told[static_cast<std::size_t>(std::stoi(in_order[i].substr(1)))]->wait()->state == RunState::success);
  }
  CHECK(world.launcher->get().unfinished().size() <= kMany / 2);
  told[static_cast<std::size_t>(std::stoi(in_order[1].substr(1)))]->cancel->cancel();
  CHECK(told[static_cast<std::size_t>(std::stoi(in_order[1].substr(1)))]->wait()->state == RunState::canceled);
  world.launcher->get().suspend_all();
  world.launcher->get().wait();
  CHECK(*world.store.run_state(in_order[3]) == RunState::running);
}
