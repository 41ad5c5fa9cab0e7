#include "host/cli/common.hpp"

#include <catch2/catch.hpp>

using namespace leeward;

TEST_CASE("What the host could not do ends with another status than what it was given", "[host][cli]") {
  for (const char* code : {"home.unusable", "home.unreadable", "store.locked", "store.corrupt", "net.listen",
                           "http.connect", "run.no_thread", "run.store"}) {
    INFO(code);
    CHECK(status_of(Error{code, ""}) == kHostFailed);
  }
  for (const char* code : {"store.unknown_run", "run.owned", "run.ended", "file.unreadable", "lock.damaged",
                           "usage.option", "dag.cycle"}) {
    INFO(code);
    CHECK(status_of(Error{code, ""}) == kBadInput);
  }
}
