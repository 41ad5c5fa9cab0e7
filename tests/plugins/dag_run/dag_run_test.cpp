#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;

namespace {

/// One attempt, with what becomes of the run that it triggers.
Result run_with(RunAnswer answer, const std::string& params_json, std::string* request = nullptr) {
  Harness harness(shipped("dag_run"));
  harness.script.on_trigger = [&](std::string_view) { return answer; };
  Result done = harness.run("dag_run", params_json);
  INFO(done.explain());
  CHECK(done.problems.empty());
  REQUIRE(harness.script.triggers.size() == 1);
  if (request != nullptr) *request = harness.script.triggers[0];
  return done;
}

}  // namespace

TEST_CASE("dag_run asks for what its parameters say, and no more", "[dag_run]") {
  std::string request;
  const Result done = run_with(RunAnswer::ended("queued"), R"({"dag": "report", "conf": {"a": [1]}})", &request);
  CHECK(request == R"({"wait": false, "dag": "report", "conf": {"a": [1]}})");
  CHECK(done.code == LW_OK);
  CHECK(done.result == R"({"run_id": "a-run", "dag_id": "a_dag", "state": "queued"})");

  run_with(RunAnswer::ended("success"),
           R"({"dag": "d", "params": {"p": 1}, "logical_date": "2024-01-01", "run_id": "r", "wait_for_completion": true,
               "allowed_states": ["success"], "skip_when_already_exists": true})",
           &request);
  CHECK(request == R"({"wait": true, "dag": "d", "params": {"p": 1}, "logical_date": "2024-01-01", "run_id": "r"})");
}

TEST_CASE("dag_run waits without a thread and ends as the run did", "[dag_run]") {
  const std::string wait = R"({"dag": "d", "wait_for_completion": true})";
  const Result good = run_with(RunAnswer::ended("success", 60000), wait);
  CHECK(good.code == LW_OK);
  CHECK(good.deferred);
  CHECK(good.virtual_ms == 60000);

  const Result bad = run_with(RunAnswer::ended("failed"), wait);
  CHECK(bad.code == LW_RETRY);
  CHECK(bad.error.type == "dag_run.failed");
  CHECK(bad.error.message == "run a-run of DAG 'a_dag' ended as failed");
  CHECK(run_with(RunAnswer::ended("canceled"), wait).code == LW_RETRY);  // in neither list
}

TEST_CASE("dag_run takes the states that count as success and as failure", "[dag_run]") {
  const std::string any = R"({"dag": "d", "wait_for_completion": true, "allowed_states": ["success", "failed"],
                              "failed_states": []})";
  CHECK(run_with(RunAnswer::ended("failed"), any).code == LW_OK);
  CHECK(run_with(RunAnswer::ended("canceled"), any).code == LW_RETRY);
  const std::string inverse = R"({"dag": "d", "wait_for_completion": true, "failed_states": ["success"]})";
  CHECK(run_with(RunAnswer::ended("success"), inverse).code == LW_RETRY);
}

TEST_CASE("dag_run fails, or skips if it was told to, where the run exists already", "[dag_run]") {
  const RunAnswer there = RunAnswer::failed("run.exists", "there is one");
  const Result failed = run_with(there, R"({"dag": "d", "run_id": "r"})");
  CHECK(failed.code == LW_FAIL);
  CHECK(failed.error.type == "run.exists");
  CHECK(run_with(there, R"({"dag": "d", "run_id": "r", "skip_when_already_exists": true})").code == LW_SKIP);
  const RunAnswer other = RunAnswer::failed("run.unknown_dag", "there is none");
  CHECK(run_with(other, R"({"dag": "d", "skip_when_already_exists": true})").code == LW_FAIL);
}

TEST_CASE("dag_run that is told to stop is canceled, with the run it waits for", "[dag_run]") {
  Harness harness(shipped("dag_run"));
  harness.script.on_trigger = [](std::string_view) { return RunAnswer::silence(); };
  harness.start("dag_run", R"({"dag": "d", "wait_for_completion": true})");
  harness.advance(1000);
  CHECK_FALSE(harness.is_over());
  harness.cancel();
  const Result done = harness.finish();
  CHECK(done.code == LW_CANCELLED);
  CHECK(done.problems.empty());
}
