#include "core/base/unique_id.hpp"

#include <catch2/catch.hpp>

#include "core/base/time_format.hpp"
#include "tests/support/fake_clock.hpp"

using namespace leeward;

TEST_CASE("A unique id is the ULID of its time and random bytes", "[base]") {
  // The example of the ULID specification: time 1469918176385.
  const UniqueIdRandom ones{255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  CHECK(unique_id({1469918176385'000'000}, ones) == "01ARYZ6S41ZZZZZZZZZZZZZZZZ");
  CHECK(unique_id({0}, {}) == "00000000000000000000000000");
  CHECK(unique_id({0}, {0, 0, 0, 0, 1, 0x80}) ==
        "00000000000000000"
        "1G0000000");
  CHECK(unique_id({-1'000'000'000}, {}) == unique_id({0}, {}));
}

TEST_CASE("Unique ids sort by time and give it back", "[base]") {
  test::FakeClock clock;
  std::string last;
  for (int i = 0; i < 100; ++i) {
    const std::string id = unique_id(clock.wall(), system_random());
    CHECK(last < id);
    CHECK(unique_id_time(id) == clock.wall());
    last = id;
    clock.advance(std::chrono::milliseconds(1 + i * 1000));
  }
}

TEST_CASE("What is no unique id has no time", "[base]") {
  CHECK(unique_id_time("01aryz6s41zzzzzzzzzzzzzzzz"));
  CHECK_FALSE(unique_id_time(""));
  CHECK_FALSE(unique_id_time("01ARYZ6S41ZZZZZZZZZZZZZZZ"));
  CHECK_FALSE(unique_id_time("01ARYZ6S41ZZZZZZZZZZZZZZZU"));
  CHECK_FALSE(unique_id_time("81ARYZ6S41ZZZZZZZZZZZZZZZZ"));
  CHECK_FALSE(unique_id_time("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
}
