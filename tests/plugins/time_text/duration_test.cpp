#include "plugins/time_text/duration.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace time_text;

TEST_CASE("A duration is a number of seconds, or a text with units", "[time_text]") {
  const auto [json, ms] = GENERATE(table<std::string, std::int64_t>({{"90", 90'000},
                                                                     {"0", 0},
                                                                     {"0.25", 250},
                                                                     {"0.29", 290},
                                                                     {"1e3", 1'000'000},
                                                                     {R"("90s")", 90'000},
                                                                     {R"("5m")", 300'000},
                                                                     {R"("1h30m")", 5'400'000},
                                                                     {R"("1.5h")", 5'400'000},
                                                                     {R"("250ms")", 250},
                                                                     {R"("2d")", 172'800'000},
                                                                     {R"("1w")", 604'800'000},
                                                                     {R"("1500us")", 1},
                                                                     {R"("PT5M")", 300'000},
                                                                     {R"("P1DT12H")", 129'600'000},
                                                                     {R"("P2W")", 1'209'600'000},
                                                                     {R"("PT1.5S")", 1500}}));
  INFO(json);
  CHECK(milliseconds_in(json) == ms);
}

TEST_CASE("What is no duration is none", "[time_text]") {
  const auto json = GENERATE(as<std::string>{}, "-1", "null", "true", "[]", R"("")", R"("5")", R"("h")", R"("5 m")",
                             R"("5y")", R"("-5m")", R"("1..5h")", R"(".5h")", R"("5.h")", R"("P")", R"("PT")",
                             R"("PT5")", R"("P5M")", R"("PT5D")", R"("5mx")", R"("1hT5m")");
  INFO(json);
  CHECK_FALSE(milliseconds_in(json));
}

TEST_CASE("A duration of any length fits", "[time_text]") {
  CHECK(milliseconds_in("1e300") == milliseconds_in(R"("999999999999999999w")"));
  CHECK(milliseconds_in("1e300").value() > std::int64_t{1000} * 3600 * 24 * 365 * 99);
}

TEST_CASE("A duration is shown by its units", "[time_text]") {
  CHECK(format_ms(0) == "0s");
  CHECK(format_ms(90'000) == "1m30s");
  CHECK(format_ms(604'800'000) == "7d");
  CHECK(format_ms(1250) == "1s250ms");
}
