#include "core/base/time_format.hpp"

#include <catch2/catch.hpp>

using namespace leeward;
using namespace std::chrono_literals;

namespace {

std::string again(std::string_view text) { return format_timestamp(parse_timestamp(text).value()); }
Duration duration(std::string_view text) { return parse_duration(text).value(); }

Result<Duration> of_json(const char* text) { return duration_of(JsonDocument::parse(text, "f").value()->root()); }

}  // namespace

TEST_CASE("A time is read in the forms people write and printed in one", "[base]") {
  CHECK(again("2024-01-01") == "2024-01-01T00:00:00.000Z");
  CHECK(again("2024-02-29T12:34:56Z") == "2024-02-29T12:34:56.000Z");
  CHECK(again("2024-02-29 12:34:56.7891234567Z") == "2024-02-29T12:34:56.789Z");
  CHECK(again("2024-01-01T00:30:00+02:00") == "2023-12-31T22:30:00.000Z");
  CHECK(again("2024-01-01T00:30:00.5-05:30") == "2024-01-01T06:00:00.500Z");
  CHECK(again("2024-01-01T08:00:00") == "2024-01-01T08:00:00.000Z");
  CHECK(again("1969-12-31T23:59:59.999Z") == "1969-12-31T23:59:59.999Z");
  CHECK(parse_timestamp("1970-01-01T00:00:00.000000001Z").value().unix_ns == 1);
  CHECK(again("1678-01-01") == "1678-01-01T00:00:00.000Z");
  CHECK(again("2261-12-31T23:59:59-23:59") == "2262-01-01T23:58:59.000Z");
}

TEST_CASE("A time is written as Python writes it, with microseconds only where there are any", "[base]") {
  const auto iso = [](std::string_view text, char separator = 'T') {
    return format_iso_timestamp(parse_timestamp(text).value(), separator);
  };
  CHECK(iso("2024-01-01") == "2024-01-01T00:00:00+00:00");
  CHECK(iso("2024-01-01", ' ') == "2024-01-01 00:00:00+00:00");
  CHECK(iso("2024-02-29T12:34:56.000120Z") == "2024-02-29T12:34:56.000120+00:00");
  CHECK(iso("2024-02-29T12:34:56.000000999Z") == "2024-02-29T12:34:56+00:00");
  CHECK(iso("1969-12-31T23:59:59.9999999Z") == "1969-12-31T23:59:59.999999+00:00");
}

TEST_CASE("What is no time is refused with examples", "[base]") {
  for (const char* text : {"",
                           "2024",
                           "2024-1-1",
                           "2023-02-29",
                           "2024-13-01",
                           "2024-00-10",
                           "2024-01-01T",
                           "2024-01-01T24:00:00Z",
                           "2024-01-01T00:60:00Z",
                           "2024-01-01T00:00Z",
                           "2024-01-01T00:00:00.Z",
                           "2024-01-01T00:00:00+2",
                           "2024-01-01T00:00:00ZZ",
                           "2024-01-01T00:00:00+24:00",
                           "2024-01-01x",
                           "-024-01-01",
                           "2024--1-01",
                           "0001-01-01",
                           "9999-12-31",
                           "yesterday"}) {
    INFO(text);
    const auto time = parse_timestamp(text);
    REQUIRE_FALSE(time.ok());
    CHECK(time.error().code == "time.invalid");
    CHECK_THAT(time.error().message, Catch::Contains("2024-01-31T08:00:00Z"));
  }
}

TEST_CASE("A duration is read in units or as ISO 8601", "[base]") {
  CHECK(duration("90s") == 90s);
  CHECK(duration("5m") == 5min);
  CHECK(duration("1h30m") == 90min);
  CHECK(duration("1.5h") == 90min);
  CHECK(duration("250ms") == 250ms);
  CHECK(duration("1w2d") == 216h);
  CHECK(duration("0s") == 0s);
  CHECK(duration("PT5M") == 5min);
  CHECK(duration("P1DT12H") == 36h);
  CHECK(duration("PT0.5S") == 500ms);
  CHECK(duration("P2W") == 336h);
}

TEST_CASE("What is no duration is refused with examples", "[base]") {
  for (const char* text : {"",     "90",   "s",   "5 m",  "-5m", "5min", "5M",  "1m1h", "1h1h", "P",
                           "PT",   "P1DT", "P1M", "PT1D", "PT5", "1e3s", "inf", "nan",  "0x1s", "99999999999999w",
                           "1..5s"}) {
    INFO(text);
    const auto result = parse_duration(text);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == "duration.invalid");
  }
}

TEST_CASE("A duration in a spec may be a number of seconds", "[base]") {
  CHECK(of_json("90").value() == 90s);
  CHECK(of_json("0.25").value() == 250ms);
  CHECK(of_json("\"5m\"").value() == 5min);
  for (const char* text : {"-1", "1e300", "null", "[]", "\"soon\"", "true"}) {
    INFO(text);
    const auto result = of_json(text);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().where.line == 1);
  }
  CHECK_THAT(of_json("\"soon\"").error().message, Catch::EndsWith("found \"soon\""));
}

TEST_CASE("A duration is printed so that it can be read again", "[base]") {
  CHECK(format_duration(90s) == "1m30s");
  CHECK(format_duration(0s) == "0s");
  CHECK(format_duration(-5s) == "-5s");
  for (const Duration d :
       {Duration{1}, Duration{1500us}, Duration{26h + 3ms}, Duration{std::chrono::hours(24 * 365)}}) {
    CHECK(duration(format_duration(d)) == d);
  }
}
