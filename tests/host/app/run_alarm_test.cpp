#include "host/app/run_alarm.hpp"

#include <chrono>
#include <future>

#include <catch2/catch.hpp>

#include "tests/support/fake_clock.hpp"

using namespace leeward;
using leeward::test::FakeClock;
using Ids = std::vector<std::string>;

TEST_CASE("A run that rests goes on when somebody rings for it", "[host][app]") {
  RunAlarm alarm;
  const FakeClock clock;
  for (const char* run : {"1", "2"}) {
    alarm.add(run);
    REQUIRE(alarm.rest(run, std::nullopt));
  }
  auto woken = std::async(std::launch::async, [&] { return alarm.wait(clock); });
  alarm.ring("2");
  CHECK(woken.get() == Ids{"2"});
  alarm.ring("2");  // it rests no more: the ring is kept
  CHECK_FALSE(alarm.rest("2", std::nullopt));
  alarm.looks("2");
  CHECK(alarm.rest("2", std::nullopt));
  alarm.close();
  CHECK(alarm.wait(clock).empty());
}

TEST_CASE("A run that rests goes on when its time has come", "[host][app]") {
  RunAlarm alarm;
  FakeClock clock;
  for (const char* run : {"1", "2", "3"}) alarm.add(run);
  REQUIRE(alarm.rest("1", clock.now() + std::chrono::hours{2}));
  REQUIRE(alarm.rest("2", clock.now() + std::chrono::hours{1}));
  REQUIRE(alarm.rest("3", clock.now() + std::chrono::hours{1}));
  alarm.remove("3");
  clock.advance(std::chrono::hours{1});
  CHECK(alarm.wait(clock) == Ids{"2"});
  clock.advance(std::chrono::hours{1});
  CHECK(alarm.wait(clock) == Ids{"1"});
  alarm.ring("3");  // gone: nobody is woken
  alarm.close();
  CHECK(alarm.wait(clock).empty());
}
