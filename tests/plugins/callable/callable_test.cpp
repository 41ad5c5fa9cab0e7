#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;

namespace {

Result call(CallAnswer answer) {
  Harness harness(shipped("callable"));
  harness.script.callee("f", std::move(answer));
  Result done = harness.run("callable", R"({"callable": "f", "args": {"x": [1]}})");
  INFO(done.explain());
  CHECK(done.problems.empty());
  REQUIRE(harness.script.calls.size() == 1);
  CHECK(harness.script.calls[0].kind == LW_CALL_CALLABLE);
  CHECK(harness.script.calls[0].params_json == R"({"x": [1]})");
  return done;
}

}  // namespace

TEST_CASE("callable gives what the function gave", "[callable]") {
  const auto done = call(CallAnswer::ok(R"({"a": "文"})"));
  CHECK(done.code == LW_OK);
  CHECK(done.deferred);
  CHECK(done.result == R"({"a": "文"})");
  CHECK_FALSE(done.branched);
}

TEST_CASE("callable ends as the function ended", "[callable]") {
  const lw_code outcome = GENERATE(as<lw_code>{}, LW_FAIL, LW_RETRY, LW_SKIP, LW_RESCHEDULE, LW_CANCELLED);
  CallAnswer answer = CallAnswer::failed(outcome, "some.type", "some words");
  answer.error.retry_after_ms = 1500;
  answer.error.http_status = 429;
  answer.error.details_json = R"({"a": 1})";
  const auto done = call(answer);
  CHECK(done.code == outcome);
  CHECK(done.error.type == "some.type");
  CHECK(done.error.message == "some words");
  CHECK(done.error.retry_after_ms == 1500);
  CHECK(done.error.http_status == 429);
  CHECK(done.error.details_json == R"({"a": 1})");
}

TEST_CASE("callable passes a choice of branches on", "[callable]") {
  CallAnswer answer = CallAnswer::ok("true");
  answer.branch = {"a", "b"};
  const auto done = call(answer);
  CHECK(done.branch == std::vector<std::string>{"a", "b"});
  CHECK(done.result == "true");
}

TEST_CASE("callable runs a function of another plugin", "[callable]") {
  Harness harness(shipped("callable"));
  harness.script.callee_plugins = {shipped("text")};
  const auto done =
      harness.run("callable", R"({"callable": "text.join", "args": {"items": ["一", "二"], "separator": "、"}})");
  CHECK(done.code == LW_OK);
  CHECK(done.result == R"("一、二")");
  CHECK(done.problems.empty());
}

TEST_CASE("callable names a function that does not exist", "[callable]") {
  const auto done = run_shipped("callable", "callable", R"({"callable": "text.jion"})");
  CHECK(done.code == LW_FAIL);
  CHECK_THAT(done.error.message, Catch::Contains("text.jion"));
}

TEST_CASE("callable finds functions only, not operators", "[callable]") {
  Harness harness(shipped("callable"));
  harness.script.callee_plugins = {shipped("empty")};
  CHECK(harness.run("callable", R"({"callable": "empty"})").code == LW_FAIL);
}
