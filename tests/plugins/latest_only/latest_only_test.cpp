#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;

namespace {

Result run_at(const std::string& run_type, const std::string& start, const std::string& end) {
  Harness harness(shipped("latest_only"));
  harness.script.info = {{"run_type", run_type}, {"latest_window_start", start}, {"latest_window_end", end}};
  const Result done = harness.run("latest_only");
  INFO(done.explain());
  CHECK(done.code == LW_OK);
  CHECK(done.problems.empty());
  return done;
}

const char* const kLongAgo = "2001-01-01T00:00:00.000Z";
const char* const kNotSoLongAgo = "2001-01-02T00:00:00.000Z";
const char* const kFarAhead = "2250-01-01T00:00:00.000Z";

}  // namespace

TEST_CASE("latest_only skips the tasks directly downstream in a run of the past", "[latest_only]") {
  const std::string type = GENERATE("scheduled", "backfill");
  const Result done = run_at(type, kLongAgo, kNotSoLongAgo);
  CHECK(done.skipped_downstream == LW_DOWNSTREAM_DIRECT);
  CHECK(done.result == "false");
}

TEST_CASE("latest_only lets the latest run go on, and one by hand", "[latest_only]") {
  for (const Result& done : {run_at("scheduled", kLongAgo, kFarAhead), run_at("manual", kLongAgo, kNotSoLongAgo),
                             run_at("scheduled", "", "")}) {
    CHECK(done.skipped_downstream == LW_DOWNSTREAM_NONE);
    CHECK(done.result == "true");
  }
}
