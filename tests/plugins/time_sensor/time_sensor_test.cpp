#include "plugins/time_text/timestamp.hpp"
#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;

namespace {
Result wait_for(const std::string& members, std::map<std::string, std::string> info = {}) {
  Harness harness(shipped("time_sensor"));
  harness.script.info = std::move(info);
  const Result done = harness.run("time_sensor", "{" + members + "}");
  INFO(done.explain());
  CHECK(done.problems.empty());
  return done;
}
}  // namespace

TEST_CASE("time_sensor is ready once its time has come, which is its result", "[time_sensor]") {
  CHECK(wait_for(R"("target": "2024-01-31T08:00:00+01:00")").result == R"("2024-01-31T07:00:00.000Z")");
  CHECK(wait_for(R"("target": "07:30")").result == R"("2024-01-01T07:30:00.000Z")");
}

TEST_CASE("time_sensor looks again after poke_interval while its time is far ahead", "[time_sensor]") {
  const Result done = wait_for(R"("target": "2250-01-01")");
  CHECK(done.code == LW_RESCHEDULE);
  CHECK(done.error.retry_after_ms == 60'000);
}

TEST_CASE("time_sensor looks again when its time comes, if that is sooner", "[time_sensor]") {
  const std::string soon = time_text::format_time(time_text::now() + 3'000'000);
  const Result done = wait_for(R"("target": ")" + soon + R"(", "poke_interval": "2h")");
  CHECK(done.code == LW_RESCHEDULE);
  CHECK(done.error.retry_after_ms <= 3'000'000);
  CHECK(done.error.retry_after_ms > 0);
}

TEST_CASE("time_sensor counts a delta from the data interval's end, or from the logical date", "[time_sensor]") {
  CHECK(wait_for(R"("delta": "90m")").result == R"("2024-01-01T01:30:00.000Z")");
  CHECK(wait_for(R"("delta": "90m")", {{"data_interval_end", "2024-01-02T00:00:00.000Z"}}).result ==
        R"("2024-01-02T01:30:00.000Z")");
}

TEST_CASE("time_sensor refuses a target that is no time", "[time_sensor]") {
  const Result done = wait_for(R"("target": "tomorrow")");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "bad_value");
  CHECK_THAT(done.error.message, Catch::Contains("tomorrow") && Catch::Contains("07:30"));
}
