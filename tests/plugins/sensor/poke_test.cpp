// What all sensors do alike, shown by file_sensor and http_sensor, from the very files that are shipped.

#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;

namespace {

const char* const kNowhere = "/no/such/file/anywhere";

Result look_for(const std::string& path, const std::string& rest, std::int64_t waited_ms = 0,
                std::int64_t reschedules = 0) {
  Harness harness(shipped("file_sensor"));
  harness.script.waited_ms = waited_ms;
  harness.script.reschedules = reschedules;
  const Result done = harness.run("file_sensor", R"({"path": ")" + path + "\"" + rest + "}");
  INFO(done.explain());
  CHECK(done.problems.empty());
  return done;
}

Result ask(HttpAnswer answer, const std::string& rest) {
  Harness harness(shipped("http_sensor"));
  harness.script.http = {std::move(answer)};
  const Result done = harness.run("http_sensor", R"({"url": "http://x/")" + rest + "}");
  INFO(done.explain());
  CHECK(done.problems.empty());
  return done;
}

}  // namespace

TEST_CASE("A sensor that sees nothing looks again after poke_interval", "[sensor]") {
  const Result plain = look_for(kNowhere, "");
  CHECK(plain.code == LW_RESCHEDULE);
  CHECK(plain.error.retry_after_ms == 60'000);
  CHECK(look_for(kNowhere, R"(, "poke_interval": "5m")").error.retry_after_ms == 300'000);
  CHECK(look_for(kNowhere, R"(, "poke_interval": 0)").error.retry_after_ms == 100);
}

TEST_CASE("A sensor with backoff goes by how often it has looked before", "[sensor]") {
  const std::string rest = R"(, "exponential_backoff": true, "poke_interval": 60)";
  const auto third = look_for(kNowhere, rest, 1000, 2).error.retry_after_ms;
  CHECK(third >= 120'000);
  CHECK(third < 240'000);
  CHECK(look_for(kNowhere, rest + R"(, "max_wait": "100s")", 1000, 9).error.retry_after_ms == 100'000);
}

TEST_CASE("A sensor past its timeout fails for good, and says how long it has looked", "[sensor]") {
  const Result done = look_for(kNowhere, R"(, "timeout": "1h")", 3'600'000, 59);
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "sensor.timeout");
  CHECK_THAT(done.error.message, Catch::Contains("1h") && Catch::Contains("60 looks"));
  const Result week = look_for(kNowhere, "", std::int64_t{7} * 24 * 3600 * 1000, 9);
  CHECK(week.error.type == "sensor.timeout");
}

TEST_CASE("A sensor that is ready in its last look is in time", "[sensor]") {
  CHECK(look_for("/proc/self/status", R"(, "timeout": "1h")", 3'600'000, 59).code == LW_OK);
}

TEST_CASE("A sensor looks a last time when its timeout falls", "[sensor]") {
  const auto wait = look_for(kNowhere, R"(, "timeout": "1h")", 3'590'000, 59).error.retry_after_ms;
  CHECK(wait <= 10'000);
}

TEST_CASE("soft_fail and never_fail skip a sensor past its timeout", "[sensor]") {
  const std::string flag = GENERATE("soft_fail", "never_fail");
  const Result done = look_for(kNowhere, R"(, "timeout": 1, ")" + flag + R"(": true)", 1000, 1);
  CHECK(done.code == LW_SKIP);
  CHECK(done.error.type == "sensor.timeout");
}

TEST_CASE("soft_fail and never_fail exclude each other", "[sensor]") {
  const Result done = look_for(kNowhere, R"(, "soft_fail": true, "never_fail": true)");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "bad_value");
}

TEST_CASE("A look that fails is retried, skipped or passed over, as the sensor was told", "[sensor]") {
  const HttpAnswer broken = HttpAnswer::with(500, "");
  CHECK(ask(broken, "").code == LW_RETRY);
  CHECK(ask(broken, R"(, "soft_fail": true)").code == LW_RETRY);
  CHECK(ask(broken, R"(, "never_fail": true)").code == LW_SKIP);
  const Result silent = ask(broken, R"(, "silent_fail": true)");
  CHECK(silent.code == LW_RESCHEDULE);
  CHECK(silent.logged("500"));
}

TEST_CASE("A duration that is none is refused with its name", "[sensor]") {
  const std::string name = GENERATE("poke_interval", "timeout", "max_wait");
  const Result done = look_for(kNowhere, ", \"" + name + R"(": "soon")");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "bad_value");
  CHECK_THAT(done.error.message, Catch::Contains("'" + name + "'") && Catch::Contains("soon"));
}

TEST_CASE("A sensor says which service its host lacks", "[sensor]") {
  Harness harness(shipped("file_sensor"));
  harness.script.missing_extensions = {LW_EXT_WAIT};
  const Result done = harness.run("file_sensor", R"({"path": "/"})");
  CHECK(done.code == LW_FAIL);
  CHECK_THAT(done.error.message, Catch::Contains(LW_EXT_WAIT));
}
