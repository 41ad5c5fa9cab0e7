#include "plugins/time_text/timestamp.hpp"

#include <catch2/catch.hpp>

using namespace time_text;

TEST_CASE("A time is RFC 3339, and UTC where it has no offset", "[time_text]") {
  const auto [text, shown] = GENERATE(table<const char*, const char*>({
      {"2024-01-31T08:00:00Z", "2024-01-31T08:00:00.000Z"},
      {"2024-01-31t08:00:00.123456z", "2024-01-31T08:00:00.123Z"},
      {"2024-01-31T08:00:00+02:00", "2024-01-31T06:00:00.000Z"},
      {"2024-01-31 23:30:00-01:00", "2024-02-01T00:30:00.000Z"},
      {"2024-02-29", "2024-02-29T00:00:00.000Z"},
      {"2024-01-31T08:00:00", "2024-01-31T08:00:00.000Z"},
      {"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"},
  }));
  INFO(text);
  REQUIRE(parse_time(text));
  CHECK(format_time(*parse_time(text)) == shown);
}

TEST_CASE("What is no time is none", "[time_text]") {
  const char* text = GENERATE("", "2024", "2024-13-01", "2023-02-29", "2024-01-31T", "2024-01-31T8:00:00Z",
                              "2024-01-31T24:00:00Z", "2024-01-31T08:00Z", "2024-01-31T08:00:00+2", "07:30",
                              "2024-01-31T08:00:00Zx", "2024-01-31T08:00:00.Z", "-024-01-31");
  INFO(text);
  CHECK_FALSE(parse_time(text));
}

TEST_CASE("A time of day has hours and minutes, and may have seconds", "[time_text]") {
  CHECK(parse_time_of_day("07:30") == 27'000'000);
  CHECK(parse_time_of_day("07:30:15") == 27'015'000);
  CHECK(parse_time_of_day("00:00") == 0);
  for (const char* text : {"", "7:30", "24:00", "07:60", "07:30:60", "07:30Z", "0730", "07:30:"}) {
    INFO(text);
    CHECK_FALSE(parse_time_of_day(text));
  }
}

TEST_CASE("A day begins at its midnight, before 1970 too", "[time_text]") {
  CHECK(format_time(midnight_of(*parse_time("2024-05-01T23:59:59Z"))) == "2024-05-01T00:00:00.000Z");
  CHECK(format_time(midnight_of(*parse_time("2024-05-01"))) == "2024-05-01T00:00:00.000Z");
  CHECK(format_time(midnight_of(*parse_time("1969-07-20T20:17:00Z"))) == "1969-07-20T00:00:00.000Z");
}
