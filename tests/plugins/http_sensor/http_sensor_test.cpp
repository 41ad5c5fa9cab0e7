#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;

namespace {

Result ask(HttpAnswer answer, const std::string& rest = "", Script* seen = nullptr) {
  Harness harness(shipped("http_sensor"));
  harness.script.http = {std::move(answer)};
  const Result done = harness.run("http_sensor", R"({"url": "http://x/state")" + rest + "}");
  INFO(done.explain());
  CHECK(done.problems.empty());
  if (seen) seen->requests = harness.script.requests;
  return done;
}

const std::string kDone = R"(, "response_check": {"value": "{json.state}", "equals": "done"})";

}  // namespace

TEST_CASE("http_sensor is ready with any 2xx, and its result is the body", "[http_sensor]") {
  CHECK(ask(HttpAnswer::ok(R"({"a": [1]})")).result == R"({"a": [1]})");
  CHECK(ask(HttpAnswer::with(201, "created")).result == R"("created")");
  CHECK(ask(HttpAnswer::with(204, "")).result == R"("")");
}

TEST_CASE("http_sensor takes 404 and a redirect for: not yet", "[http_sensor]") {
  for (const HttpAnswer& answer : {HttpAnswer::with(404, ""), HttpAnswer::with(302, "")}) {
    const Result done = ask(answer);
    CHECK(done.code == LW_RESCHEDULE);
    CHECK(done.error.retry_after_ms == 60'000);
    CHECK(done.deferred);
  }
}

TEST_CASE("http_sensor fails its attempt on another status, and where no whole answer comes", "[http_sensor]") {
  const Result status = ask(HttpAnswer::with(503, "busy"));
  CHECK(status.code == LW_RETRY);
  CHECK(status.error.type == "http_sensor.status");
  CHECK(status.error.http_status == 503);
  CHECK(ask(HttpAnswer::broken("http.truncated", {"half"})).error.type == "http.truncated");
  const Result nobody = ask(HttpAnswer::broken("http.connect"));
  CHECK(nobody.code == LW_RETRY);
  CHECK(nobody.error.type == "http.connect");
  CHECK(ask(HttpAnswer::broken("http.connect"), R"(, "silent_fail": true)").code == LW_RESCHEDULE);
}

TEST_CASE("http_sensor takes the statuses it is given for: not yet", "[http_sensor]") {
  const std::string rest = R"(, "response_error_codes_allowlist": [404, 503])";
  CHECK(ask(HttpAnswer::with(503, ""), rest).code == LW_RESCHEDULE);
  CHECK(ask(HttpAnswer::with(404, ""), rest).code == LW_RESCHEDULE);
  CHECK(ask(HttpAnswer::with(404, ""), R"(, "response_error_codes_allowlist": [])").code == LW_RETRY);
}

TEST_CASE("http_sensor judges the status before response_check", "[http_sensor]") {
  CHECK(ask(HttpAnswer::ok(R"({"state": "running"})"), kDone).code == LW_RESCHEDULE);
  CHECK(ask(HttpAnswer::ok(R"({"state": "done"})"), kDone).code == LW_OK);
  CHECK(ask(HttpAnswer::with(404, "no such export"), kDone).code == LW_RESCHEDULE);
  CHECK(ask(HttpAnswer::with(500, R"({"state": "done"})"), kDone).error.type == "http_sensor.status");
  const std::string moved = R"(, "response_check": {"value": "{status}", "equals": 302})";
  CHECK(ask(HttpAnswer::with(302, ""), moved).code == LW_OK);
}

TEST_CASE("http_sensor takes every status for an answer if it is told not to check it", "[http_sensor]") {
  const std::string any = R"(, "check_status": false)";
  const std::string gone = any + R"(, "response_check": {"value": "{status}", "equals": 410})";
  CHECK(ask(HttpAnswer::with(410, "gone"), gone).result == R"("gone")");
  CHECK(ask(HttpAnswer::with(500, "busy"), gone).code == LW_RESCHEDULE);
  CHECK(ask(HttpAnswer::with(404, "none"), any).result == R"("none")");
  CHECK(ask(HttpAnswer::with(302, ""), any).code == LW_RESCHEDULE);
}

TEST_CASE("http_sensor renders every text of response_check, and nothing else", "[http_sensor]") {
  Harness harness(shipped("http_sensor"));
  std::string asked;
  harness.script.on_condition = [&](std::string_view condition) {
    asked = condition;
    return true;
  };
  harness.script.http = {HttpAnswer::ok("{\"n\": 3}")};
  const Result done = harness.run("http_sensor", R"({"url": "http://x/", "response_check":
      {"all": [{"value": "{json.n}", "greater_than": 2}, {"value": "{status}", "in": [200, true, null]},
               {"value": "{body}", "contains": "plain \"text\""}]}})");
  INFO(done.explain());
  CHECK(done.code == LW_OK);
  CHECK(asked == R"({"all":[{"value":3,"greater_than":2},{"value":200,"in":[200,true,null]},)"
                 R"({"value":"{\"n\": 3}","contains":"plain \"text\""}]})");
}

TEST_CASE("http_sensor counts a check that cannot be decided as worth a retry", "[http_sensor]") {
  const Result done = ask(HttpAnswer::ok("{}"), kDone);
  CHECK(done.code == LW_RETRY);
  CHECK_THAT(done.error.message, Catch::Contains("json.state"));
  CHECK(ask(HttpAnswer::ok("no json"), kDone + R"(, "silent_fail": true)").code == LW_RESCHEDULE);
}

TEST_CASE("http_sensor sends what it is told", "[http_sensor]") {
  Script seen;
  CHECK(ask(HttpAnswer::ok("{}"), R"(, "method": "post", "headers": {"x-a": "b"}, "body": {"n": 1},
            "connection": "web", "request_timeout": "5s")",
            &seen)
            .code == LW_OK);
  REQUIRE(seen.requests.size() == 1);
  CHECK(seen.requests[0].method == "POST");
  CHECK(seen.requests[0].url == "http://x/state");
  CHECK(seen.requests[0].connection == "web");
  CHECK(seen.requests[0].headers_json == R"({"x-a": "b"})");
  CHECK(seen.requests[0].body == R"({"n": 1})");
  CHECK(seen.requests[0].total_timeout_ms == 5000);
  CHECK(ask(HttpAnswer::ok("{}"), R"(, "body": "as it is")", &seen).code == LW_OK);
  CHECK(seen.requests[0].body == "as it is");
  CHECK(seen.requests[0].method == "GET");
}

TEST_CASE("http_sensor fails for good without its connection", "[http_sensor]") {
  const Result done = ask(HttpAnswer::no_such_connection(), R"(, "connection": "nobody")");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "connection.unknown");
}

TEST_CASE("http_sensor ends with the cancelled task while a server is silent", "[http_sensor]") {
  Harness harness(shipped("http_sensor"));
  harness.script.http = {HttpAnswer::silence()};
  harness.start("http_sensor", R"({"url": "http://x/"})");
  harness.cancel();
  const Result done = harness.finish();
  CHECK(done.code == LW_CANCELLED);
  CHECK(done.problems.empty());
}
