#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;
using Ids = std::vector<std::string>;

namespace {

// Two cases that ask for "a" and "b".
std::string by_cases(const std::string& value, const std::string& rest = "") {
  return R"({"cases": [{"if": {"value": ")" + value + R"(", "equals": "a"}, "then": "task_a"},
                       {"if": {"value": ")" +
         value + R"(", "equals": "b"}, "then": ["task_b", "task_c"]}])" + rest + "}";
}

Result by_callable(CallAnswer answer, Script* seen = nullptr) {
  Harness harness(shipped("branch"));
  harness.script.callee("check", std::move(answer));
  const Result done = harness.run("branch", R"({"callable": "check", "args": {"text": "x"}})");
  INFO(done.explain());
  CHECK(done.problems.empty());
  if (seen) seen->calls = harness.script.calls;
  return done;
}

}  // namespace

TEST_CASE("branch takes the first case that holds", "[branch]") {
  const auto a = run_shipped("branch", "branch", by_cases("a", R"(, "else": "task_d")"));
  CHECK(a.code == LW_OK);
  CHECK(a.branch == Ids{"task_a"});
  CHECK(a.result == R"("task_a")");
  const auto b = run_shipped("branch", "branch", by_cases("b"));
  CHECK(b.branch == Ids{"task_b", "task_c"});
  CHECK(b.result == R"(["task_b", "task_c"])");
}

TEST_CASE("branch takes else where no case holds", "[branch]") {
  CHECK(run_shipped("branch", "branch", by_cases("x", R"(, "else": "task_d")")).branch == Ids{"task_d"});
  CHECK(run_shipped("branch", "branch", by_cases("x", R"(, "else": ["d", "e"])")).branch == Ids{"d", "e"});
}

TEST_CASE("branch chooses nothing where no case holds and there is no else", "[branch]") {
  const std::string rest = GENERATE("", R"(, "else": null)", R"(, "else": [])");
  const auto done = run_shipped("branch", "branch", by_cases("x", rest));
  CHECK(done.code == LW_OK);
  CHECK(done.branched);
  CHECK(done.branch.empty());
}

TEST_CASE("branch asks no condition behind the one that holds", "[branch]") {
  Harness harness(shipped("branch"));
  int asked = 0;
  harness.script.on_condition = [&](std::string_view) { return ++asked == 1; };
  CHECK(harness.run("branch", by_cases("a")).code == LW_OK);
  CHECK(asked == 1);
}

TEST_CASE("branch ends with the host's word on a condition that cannot be decided", "[branch]") {
  Harness harness(shipped("branch"));
  harness.script.on_condition = [](std::string_view) -> bool { throw std::runtime_error("a number and a list"); };
  const auto done = harness.run("branch", by_cases("a"));
  CHECK(done.code == LW_FAIL);
  CHECK_FALSE(done.branched);
  CHECK_FALSE(done.error.message.empty());
}

TEST_CASE("branch says which service a host lacks", "[branch]") {
  Harness harness(shipped("branch"));
  harness.script.missing_extensions = {LW_EXT_TEXT};
  const auto done = harness.run("branch", by_cases("a"));
  CHECK(done.code == LW_FAIL);
  CHECK_THAT(done.error.message, Catch::Contains(LW_EXT_TEXT));
}

TEST_CASE("branch refuses choices and cases that are none", "[branch]") {
  const std::string params =
      GENERATE(as<std::string>{}, R"({"cases": [], "else": 7})", R"({"cases": [], "else": ["a", 1]})",
               R"({"cases": [{"then": "a"}]})", R"({"cases": [{"if": {"value": 1, "equals": 1}}]})", R"({"cases": {}})",
               R"({"cases": [3]})", R"({})");
  const auto done = run_shipped("branch", "branch", params);
  CHECK(done.code == LW_FAIL);
  CHECK_FALSE(done.branched);
  CHECK_FALSE(done.error.message.empty());
}

TEST_CASE("branch follows a callable's answer", "[branch]") {
  Script seen;
  CHECK(by_callable(CallAnswer::ok(R"("task_a")"), &seen).branch == Ids{"task_a"});
  REQUIRE(seen.calls.size() == 1);
  CHECK(seen.calls[0].kind == LW_CALL_CALLABLE);
  CHECK(seen.calls[0].params_json == R"({"text": "x"})");
  CHECK(by_callable(CallAnswer::ok(R"(["a", "b"])")).branch == Ids{"a", "b"});
  const auto none = by_callable(CallAnswer::ok("null"));
  CHECK(none.branched);
  CHECK(none.branch.empty());
}

TEST_CASE("branch follows a callable that branches by itself", "[branch]") {
  CallAnswer answer = CallAnswer::ok("3");
  answer.branch = {"task_a"};
  const auto done = by_callable(answer);
  CHECK(done.branch == Ids{"task_a"});
  CHECK(done.result == "3");
}

TEST_CASE("branch refuses a callable's answer that is no choice", "[branch]") {
  const auto done = by_callable(CallAnswer::ok(R"({"id": "task_a"})"));
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "branch.bad_choice");
  CHECK_THAT(done.error.message, Catch::Contains("check gave") && Catch::Contains("expected a task's id"));
}

TEST_CASE("branch ends as its callable does", "[branch]") {
  const auto done = by_callable(CallAnswer::failed(LW_RETRY, "check.down", "not now"));
  CHECK(done.code == LW_RETRY);
  CHECK(done.error.type == "check.down");
  CHECK_FALSE(done.branched);
}
