#include "plugins/time_text/timestamp.hpp"
#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;

namespace {

Result wait_for(const std::string& members, std::map<std::string, std::string> info = {}, std::int64_t waited_ms = 0) {
  Harness harness(shipped("time_sensor"));
  harness.script.waited_ms = waited_ms;
  harness.script.info = std::move(info);
  const Result done = harness.run("time_sensor", "{" + members + "}");
  INFO(done.explain());
  CHECK(done.problems.empty());
  return done;
}

std::string quoted(std::int64_t time) { return '"' + time_text::format_time(time) + '"'; }

}  // namespace

TEST_CASE("time_sensor is ready once its time has come, which is its result", "[time_sensor]") {
  CHECK(wait_for(R"("target": "2024-01-31T08:00:00+01:00")").result == R"("2024-01-31T07:00:00.000Z")");
}

TEST_CASE("time_sensor takes a time of day for one of the day on which it first looked", "[time_sensor]") {
  constexpr std::int64_t kDay = 24 * 3600 * 1000;
  const std::int64_t before = time_text::midnight_of(time_text::now());
  const Result now = wait_for(R"("target": "00:00")");
  const std::int64_t after = time_text::midnight_of(time_text::now());
  CHECK((now.result == quoted(before) || now.result == quoted(after)));
  const Result days_ago = wait_for(R"("target": "23:59:59", "timeout": "1w")", {}, 3 * kDay);
  constexpr std::int64_t kLastSecond = kDay - 1000;
  CHECK((days_ago.result == quoted(before - 3 * kDay + kLastSecond) ||
         days_ago.result == quoted(after - 3 * kDay + kLastSecond)));
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
