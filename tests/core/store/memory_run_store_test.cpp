#include "core/store/memory_run_store.hpp"

#include <catch2/catch.hpp>

#include "tests/core/store/event_script.hpp"
#include "tests/support/dag_of.hpp"

using namespace leeward;

TEST_CASE("A store in memory tells events only if it was asked to keep them", "[store]") {
  MemoryRunStore store;
  CHECK(store.history("r1").error().code == "store.unknown_run");
  REQUIRE(store.begin(test::info_of("r1"), test::dag_of("a")));
  CHECK(store.history("r1").error().code == "store.no_history");
}
