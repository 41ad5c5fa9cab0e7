#include "plugins/latest_only/latest_window.hpp"

#include <catch2/catch.hpp>

using latest_only::is_latest;

TEST_CASE("A scheduled run is the latest after its window's start and until its end", "[latest_only]") {
  CHECK_FALSE(is_latest({"scheduled", 1000, 2000}, 1000));
  CHECK(is_latest({"scheduled", 1000, 2000}, 1001));
  CHECK(is_latest({"scheduled", 1000, 2000}, 2000));
  CHECK_FALSE(is_latest({"scheduled", 1000, 2000}, 2001));
  CHECK_FALSE(is_latest({"backfill", 1000, 2000}, 3000));
}

TEST_CASE("A run by hand, and one without a window, is always the latest", "[latest_only]") {
  CHECK(is_latest({"manual", 1000, 2000}, 3000));
  CHECK(is_latest({"scheduled", std::nullopt, std::nullopt}, 3000));
  CHECK(is_latest({"scheduled", 1000, std::nullopt}, 3000));
}
