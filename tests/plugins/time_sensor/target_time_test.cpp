#include "plugins/time_sensor/target_time.hpp"

#include <catch2/catch.hpp>

using namespace time_text;
using time_sensor::target_time;

TEST_CASE("A target is a time, or a time of today", "[time_sensor]") {
  const UnixMs today = *parse_time("2024-05-01T22:15:00Z");
  const auto [target, expected] = GENERATE(table<const char*, const char*>({
      {"07:30", "2024-05-01T07:30:00.000Z"},
      {"23:59:59", "2024-05-01T23:59:59.000Z"},
      {"2024-06-01T08:00:00+02:00", "2024-06-01T06:00:00.000Z"},
      {"2024-06-01", "2024-06-01T00:00:00.000Z"},
  }));
  INFO(target);
  REQUIRE(target_time(target, today));
  CHECK(format_time(*target_time(target, today)) == expected);
}

TEST_CASE("What is neither is no target", "[time_sensor]") {
  for (const char* target : {"", "soon", "7:30", "25:00", "2024-06-31"}) CHECK_FALSE(target_time(target, 0));
}
