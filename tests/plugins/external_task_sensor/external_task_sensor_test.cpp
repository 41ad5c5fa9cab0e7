#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;

namespace {

/// One look, where every query is answered the same.
Result look(const std::string& members, const std::string& answer, std::vector<std::string>* queries = nullptr) {
  Harness harness(shipped("external_task_sensor"));
  harness.script.info["logical_date"] = "2024-05-02T00:00:00.000Z";
  harness.script.on_task_states = [&](std::string_view query) {
    if (queries != nullptr) queries->emplace_back(query);
    return answer;
  };
  Result done = harness.run("external_task_sensor", R"({"external_dag_id": "other", )" + members + "}");
  INFO(done.explain());
  CHECK(done.problems.empty());
  return done;
}

std::string tasks(const std::string& states) {
  return R"({"run_id": "r", "state": "running", "tasks": )" + states + "}";
}

constexpr const char* kNoRun = R"({"run_id": null, "state": null, "tasks": {}})";
constexpr const char* kOne = R"("external_task_id": "a")";
constexpr const char* kTwo = R"("external_task_ids": ["a", "b"])";

}  // namespace

TEST_CASE("external_task_sensor is ready once the whole run ended well", "[external_task_sensor]") {
  std::vector<std::string> queries;
  const Result done = look(R"("poke_interval": 5)", R"({"run_id": "r", "state": "success", "tasks": {}})", &queries);
  CHECK(done.code == LW_OK);
  CHECK(done.result == R"(["r"])");
  CHECK(queries ==
        std::vector<std::string>{R"({"dag_id": "other", "logical_date": "2024-05-02T00:00:00.000Z", "task_ids": []})"});
  const Result running = look(R"("poke_interval": 5)", R"({"run_id": "r", "state": "running", "tasks": {}})");
  CHECK(running.code == LW_RESCHEDULE);
  CHECK(running.error.retry_after_ms == 5000);
}

TEST_CASE("external_task_sensor waits while there is no run", "[external_task_sensor]") {
  CHECK(look(kOne, kNoRun).code == LW_RESCHEDULE);
  CHECK(look(R"("poke_interval": 5)", kNoRun).code == LW_RESCHEDULE);
}

TEST_CASE("external_task_sensor waits for every task, and every instance of it", "[external_task_sensor]") {
  CHECK(look(kOne, tasks(R"({"a": ["success"]})")).code == LW_OK);
  CHECK(look(kTwo, tasks(R"({"a": ["success"], "b": ["running"]})")).code == LW_RESCHEDULE);
  CHECK(look(kTwo, tasks(R"({"a": ["success", "queued"], "b": ["success"]})")).code == LW_RESCHEDULE);
  CHECK(look(kTwo, tasks(R"({"a": ["success", "success"], "b": ["success"]})")).code == LW_OK);
  CHECK(look(R"("external_task_id": "a", "allowed_states": ["success", "skipped"])", tasks(R"({"a": ["skipped"]})"))
            .code == LW_OK);
}

TEST_CASE("external_task_sensor ends badly on a state in failed_states, and skips on one in skipped_states",
          "[external_task_sensor]") {
  const std::string failed = R"("external_task_ids": ["a", "b"], "failed_states": ["failed", "upstream_failed"])";
  const Result done = look(failed, tasks(R"({"a": ["running"], "b": ["upstream_failed"]})"));
  CHECK(done.code == LW_RETRY);
  CHECK(done.error.type == "external_task_sensor.failed");
  CHECK(done.error.message == "task 'b' of DAG 'other' is upstream_failed");
  CHECK(look(failed + R"(, "soft_fail": true)", tasks(R"({"a": ["failed"], "b": ["none"]})")).code == LW_SKIP);
  CHECK(look(R"("external_task_id": "a", "skipped_states": ["skipped"])", tasks(R"({"a": ["skipped"]})")).code ==
        LW_SKIP);
  CHECK(look(R"("failed_states": ["failed"])", R"({"run_id": "r", "state": "failed", "tasks": {}})").code == LW_RETRY);
  CHECK(look(kOne, tasks(R"({"a": ["failed"]})")).code == LW_RESCHEDULE);  // Airflow's default: it may be cleared
}

TEST_CASE("external_task_sensor takes a delta, a date, or several", "[external_task_sensor]") {
  std::vector<std::string> queries;
  const auto date_of = [](const std::string& query) {
    const std::size_t at = query.find("logical_date") + 16;
    return query.substr(at, query.find('"', at) - at);
  };
  look(R"("external_task_id": "a", "execution_delta": "1d")", kNoRun, &queries);
  look(R"("external_task_id": "a", "logical_date": "2024-01-01")", kNoRun, &queries);
  look(R"("external_task_id": "a", "execution_date": ["2024-01-01", "2024-01-02"])", kNoRun, &queries);
  REQUIRE(queries.size() == 4);
  CHECK(date_of(queries[0]) == "2024-05-01T00:00:00.000Z");
  CHECK(date_of(queries[1]) == "2024-01-01");
  CHECK(date_of(queries[2]) == "2024-01-01");
  CHECK(date_of(queries[3]) == "2024-01-02");
}

TEST_CASE("external_task_sensor refuses what could never be", "[external_task_sensor]") {
  const Result both = look(R"("external_task_id": "a", "failed_states": ["success"])", kNoRun);
  CHECK(both.code == LW_FAIL);
  CHECK(both.error.type == "bad_value");
  const Result unknown = look(kTwo, tasks(R"({"a": ["success"], "b": []})"));
  CHECK(unknown.code == LW_FAIL);
  CHECK(unknown.error.type == "external_task_sensor.unknown_task");
  CHECK(unknown.error.message == "there is no task 'b' of DAG 'other' in its run");
}
