#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;
using Ids = std::vector<std::string>;

namespace {

std::string params(const std::string& rest) { return R"({"subject": "Ship?")" + rest + "}"; }

Result asked(const std::string& rest = "") { return run_shipped("approval", "approval", params(rest)); }

// The second run, after this was chosen.
Result answered(const std::string& chosen, const std::string& rest = "", bool timed_out = false) {
  Harness harness(shipped("approval"));
  harness.script.input_answer = R"({"chosen_options":)" + chosen +
                                R"(,"params_input":{},"responded_by":"ada","timed_out":)" +
                                (timed_out ? "true" : "false") + "}";
  const Result done = harness.run("approval", params(rest));
  INFO(done.explain());
  CHECK(done.problems.empty());
  return done;
}

const std::string kMapping = R"(, "options": ["Blog", "Mail", "Neither", "Reject"], "multiple": true,
  "options_mapping": {"Blog": "publish", "Mail": ["render", "send", "publish"]})";

}  // namespace

TEST_CASE("approval asks to approve or reject", "[approval]") {
  const Result done = asked();
  CHECK(done.code == LW_RESCHEDULE);
  CHECK(done.asked == R"({"subject":"Ship?","body":"","options":["Approve","Reject"],"multiple":false,)"
                      R"("defaults":[],"respondents":[],"form":{}})");
}

TEST_CASE("approval asks all that it is told to", "[approval]") {
  const Result done = asked(R"(, "body": "It is **ready**.", "options": ["a", "b"], "multiple": true, "defaults": "b",
    "respondents": ["ada", "bob"], "form": {"note": ""}, "timeout": "90s")");
  CHECK(done.asked == R"({"subject":"Ship?","body":"It is **ready**.","options":["a","b"],"multiple":true,)"
                      R"("defaults":["b"],"respondents":["ada","bob"],"form":{"note": ""},"timeout_ms":90000})");
}

TEST_CASE("approval goes on when it is approved, with the answer as its result", "[approval]") {
  const Result done = answered(R"(["Approve"])");
  CHECK(done.code == LW_OK);
  CHECK(done.skipped_downstream == LW_DOWNSTREAM_NONE);
  CHECK_FALSE(done.branched);
  CHECK(done.result == R"({"chosen_options":["Approve"],"params_input":{},"responded_by":"ada","timed_out":false})");
}

TEST_CASE("approval skips what is downstream when it is rejected", "[approval]") {
  const Result direct = answered(R"(["Reject"])");
  CHECK(direct.code == LW_OK);
  CHECK(direct.skipped_downstream == LW_DOWNSTREAM_DIRECT);
  CHECK(answered(R"(["Reject"])", R"(, "ignore_downstream_trigger_rules": true)").skipped_downstream ==
        LW_DOWNSTREAM_ALL);
}

TEST_CASE("approval fails for good when it is rejected, if it was told so", "[approval]") {
  const Result done = answered(R"(["Reject"])", R"(, "on_reject": "fail")");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "approval.rejected");
  CHECK_THAT(done.error.details_json, Catch::Contains("\"ada\""));
  CHECK(answered(R"(["Approve"])", R"(, "on_reject": "fail")").code == LW_OK);
}

TEST_CASE("approval knows which of its own options reject", "[approval]") {
  const std::string rest = R"(, "options": ["yes", "no", "never"], "reject_options": ["no", "never"])";
  CHECK(answered(R"(["never"])", rest).skipped_downstream == LW_DOWNSTREAM_DIRECT);
  CHECK(answered(R"(["yes"])", rest).skipped_downstream == LW_DOWNSTREAM_NONE);
}

TEST_CASE("approval with a mapping branches to the tasks of what was chosen, each once", "[approval]") {
  CHECK(answered(R"(["Blog"])", kMapping).branch == Ids{"publish"});
  CHECK(answered(R"(["Mail", "Blog"])", kMapping).branch == Ids{"render", "send", "publish"});
  CHECK(answered(R"(["Neither"])", kMapping).branch == Ids{"Neither"});
  const Result rejected = answered(R"(["Reject"])", kMapping);
  CHECK(rejected.branched);
  CHECK(rejected.branch.empty());
  CHECK(rejected.skipped_downstream == LW_DOWNSTREAM_NONE);
  const Result fails = answered(R"(["Reject"])", kMapping + R"(, "on_reject": "fail")");
  CHECK(fails.error.type == "approval.rejected");
}

TEST_CASE("approval goes on with its defaults when the time is over", "[approval]") {
  CHECK(answered(R"(["Approve"])", R"(, "timeout": 5, "defaults": ["Approve"])", true).code == LW_OK);
  CHECK(answered(R"(["Reject"])", R"(, "timeout": 5, "defaults": "Reject")", true).skipped_downstream ==
        LW_DOWNSTREAM_DIRECT);
  CHECK(answered("[]", R"(, "options": [], "form": {"n": 1}, "defaults": [], "timeout": 5)", true).code == LW_OK);
}

TEST_CASE("approval fails for good when the time is over and there are no defaults", "[approval]") {
  const Result done = answered("[]", R"(, "timeout": "2h")", true);
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "approval.timeout");
  CHECK_THAT(done.error.message, Catch::Contains("2h"));
}

TEST_CASE("approval refuses a question whose parts do not fit, before it asks anybody", "[approval]") {
  const auto rest = GENERATE(as<std::string>{}, R"(, "defaults": "Perhaps")",
                             R"(, "options_mapping": {"Perhaps": "a"})", R"(, "defaults": ["Approve", "Reject"])",
                             R"(, "on_reject": "shout")", R"(, "defaults": [], "timeout": 5)",
                             R"(, "options_mapping": {"Approve": "a"}, "ignore_downstream_trigger_rules": true)");
  const Result done = asked(rest);
  INFO(rest);
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "approval.bad_question");
  CHECK(done.asked.empty());
}

TEST_CASE("approval with a form alone goes on with the form as it is when the time is over", "[approval]") {
  CHECK(asked(R"(, "options": [], "form": {"n": 1}, "defaults": [], "timeout": 5)").code == LW_RESCHEDULE);
}

TEST_CASE("approval says which service a host lacks", "[approval]") {
  Harness harness(shipped("approval"));
  harness.script.missing_extensions = {LW_EXT_INPUT};
  const Result done = harness.run("approval", params(""));
  CHECK(done.code == LW_FAIL);
  CHECK_THAT(done.error.message, Catch::Contains(LW_EXT_INPUT));
}
