#include <catch2/catch.hpp>
#include <leeward/testing/harness.hpp>

using namespace leeward::testing;
using Catch::Contains;

namespace {

const lw_plugin* plugin() { return lw_plugin_entry_v1(); }

/// The only problem that a run has, or what else it has.
std::string only_problem(const Result& done) {
  return done.problems.size() == 1 ? done.problems.front() : "not one problem: " + done.explain();
}

}  // namespace

TEST_CASE("The harness reports a result that is not JSON", "[sdk]") {
  const Result done = run(plugin(), "test.ends", R"({"how": "not json"})");
  CHECK_THAT(only_problem(done), Contains("set_result(): not JSON"));
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "plugin.bad_result");
}

TEST_CASE("The harness reports half a character in the output", "[sdk]") {
  CHECK_THAT(only_problem(run(plugin(), "test.ends", R"({"how": "half a character"})")), Contains("not UTF-8"));
}

TEST_CASE("The harness reports buffers that were leaked", "[sdk]") {
  CHECK(only_problem(run(plugin(), "test.leaks")) == "a buffer was leaked, with 1 reference(s): \"leaked\"");
  CHECK(run(plugin(), "test.number").problems.empty());  // and not once more in the next run
}

TEST_CASE("The harness reports a task that is completed twice and goes on talking", "[sdk]") {
  const Result done = run(plugin(), "test.completes_twice");
  CHECK(done.code == LW_OK);  // the first outcome counts
  REQUIRE(done.problems.size() >= 2);
  CHECK(done.problems[0] == "complete() once too often");
  CHECK(done.problems[1] == "emit() after the task was over");
}

TEST_CASE("The harness reports LW_DEFERRED without a hold, and a hold without an end", "[sdk]") {
  const Result unheld = run(plugin(), "test.forgets_to_hold");
  CHECK(unheld.problems.at(0) == "execute() answered LW_DEFERRED without a hold()");
  Harness harness(plugin());
  harness.set_deadline(std::chrono::milliseconds(1));
  CHECK_THAT(only_problem(harness.run("test.never_ends")), Contains("never completed"));
}

TEST_CASE("The harness reports a code that is no outcome, and a failure without a reason", "[sdk]") {
  CHECK(run(plugin(), "test.strange").problems.at(0) == "code 77 is no outcome of a task");
  CHECK_THAT(only_problem(run(plugin(), "test.silent")), Contains("never said why"));
}

TEST_CASE("The harness reports a branching operator that did not choose", "[sdk]") {
  const Result done = run(plugin(), "test.chooses");
  CHECK(done.code == LW_FAIL);
  CHECK_THAT(done.problems.at(0), Contains("without branch()"));
}

TEST_CASE("The harness says what is wrong with the test itself", "[sdk]") {
  CHECK_THROWS_WITH(run(plugin(), "test.nope"), "the plugin has no operator 'test.nope'");
  CHECK_THROWS_AS(run(plugin(), "test.echo", "[]"), std::invalid_argument);
  CHECK_THROWS_AS(load("/no/such/plugin.so"), std::runtime_error);
  const Harness one(plugin());
  CHECK_THROWS_AS(Harness(plugin()), std::logic_error);
}

TEST_CASE("The harness reports a request that has no scripted answer", "[sdk]") {
  CHECK(only_problem(run(plugin(), "test.fetches")) == "no HTTP answer is scripted for GET /");
}

TEST_CASE("is_json accepts what RFC 8259 does and nothing else", "[sdk]") {
  for (const char* good :
       {"null", " [ ] ", "{}", "-0.5e+3", R"({"a":[1,{"b":"\u00e9\n"}],"":0})", "\"中\"", "[[],[[]]]"}) {
    INFO(good);
    CHECK(is_json(good));
  }
  for (const char* bad :
       {"",        "nul",    "01",    "1.",  ".5",      "+1", "1e", "[1,]",      "{\"a\":1,}", "{a:1}", "'a'",
        "\"\\x\"", "\"\t\"", "[1 2]", "1 2", "{\"a\"}", "[}", "[",  "\"\\u12\"", "\"\xFF\"",   "NaN",   "[1,"}) {
    INFO(bad);
    CHECK_FALSE(is_json(bad));
  }
  CHECK(is_json(std::string(100000, '[') + std::string(100000, ']')));
}

TEST_CASE("The harness's runs refuse what a host would refuse", "[sdk]") {
  const auto ended = [](const std::string& what, const std::string& json) {
    Harness harness(plugin());
    harness.script.on_trigger = [](std::string_view) { return RunAnswer::ended("queued"); };
    const Result done = harness.run("test.triggers", "{\"" + what + "\": " + json + "}");
    INFO(done.explain());
    CHECK(done.problems.empty());
    return done.code == LW_OK ? "" : done.error.type + ": " + done.error.message;
  };
  CHECK(ended("request", R"({"dag": "d", "conf": {}, "params": {}, "run_id": "r", "wait": false})").empty());
  CHECK(ended("request", R"({"dag": "d", "wiat": true})") == "run.invalid: the request: there is no member \"wiat\"");
  CHECK_THAT(ended("request", R"({"dag": "d", "wait": "yes"})"), Contains("\"wait\" is of another type"));
  CHECK_THAT(ended("request", R"({"dag": "d", "conf": []})"), Contains("\"conf\" is of another type"));
  CHECK_THAT(ended("request", R"({"conf": {}})"), Contains("\"dag\" is missing"));
  CHECK_THAT(ended("request", R"({"dag": "d", "run_id": ""})"), Contains("\"run_id\" is empty"));
  CHECK(ended("query", R"({"run_id": "r", "task_ids": ["t"]})").empty());
  CHECK(ended("query", R"({"dag_id": "d", "logical_date": "2024-01-01"})").empty());
  CHECK_THAT(ended("query", R"({"dag_id": "d"})"), Contains("either \"run_id\""));
  CHECK_THAT(ended("query", R"({"run_id": "r", "dag_id": "d", "logical_date": "2024-01-01"})"), Contains("either"));
}
