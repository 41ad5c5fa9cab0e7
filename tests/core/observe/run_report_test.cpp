#include "core/observe/run_report.hpp"

#include <catch2/catch.hpp>

#include "core/base/json.hpp"

using namespace leeward;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

ModelCall call(const char* model, const char* error, int http_status, std::int64_t input, std::int64_t output) {
  ModelCall c;
  c.provider = "openai";
  c.model = model;
  c.error = error;
  c.http_status = http_status;
  c.input_tokens = input;
  c.output_tokens = output;
  c.duration_ms = 5;
  return c;
}

RunRecord record_of(TaskRecord task) {
  RunRecord record;
  record.info.run_id = "r1";
  record.info.dag_id = "d1";
  record.state = RunState::success;
  record.started_at = Timestamp{kSecond};
  record.ended_at = Timestamp{2 * kSecond};
  record.tasks.push_back(std::move(task));
  return record;
}

TaskRecord task_of(TaskState state, std::optional<TaskOutcome> outcome) {
  TaskRecord task;
  task.task_id = "a";
  task.operator_name = "scripted";
  task.state = state;
  task.attempts = 1;
  task.started_at = Timestamp{kSecond};
  if (outcome) task.outcome = std::make_shared<const TaskOutcome>(std::move(*outcome));
  return task;
}

}  // namespace

TEST_CASE("A run's report is the object that people outside rely on", "[observe]") {
  RunRecord record = record_of(task_of(TaskState::success, TaskOutcome::succeeded(Value{R"({"n":1})"})));
  record.context.emplace_back("key", Value{"[1,2]"});
  CHECK(run_report_json(record) ==
        R"({"run_id":"r1","dag_id":"d1","state":"success","logical_date":"1970-01-01T00:00:00.000Z",)"
        R"("started_at":"1970-01-01T00:00:01.000Z","ended_at":"1970-01-01T00:00:02.000Z","end_reason":null,)"
        R"("tasks":[{"task_id":"a","map_index":-1,"operator":"scripted","state":"success","attempts":1,)"
        R"("started_at":"1970-01-01T00:00:01.000Z","ended_at":null,"output":{"n":1},"error":null,"usage":null}],)"
        R"("context":{"key":[1,2]},)"
        R"("usage":{"requests":0,"input_tokens":0,"output_tokens":0,"possible_duplicates":0,"cost_usd":null}})");
}

TEST_CASE("A failed task's report says why and shows no output", "[observe]") {
  TaskOutcome outcome = TaskOutcome::retryable("llm.rate_limited", "say \"please\"");
  outcome.error->http_status = 429;
  const auto report = JsonDocument::parse(run_report_json(record_of(task_of(TaskState::failed, outcome))));
  REQUIRE(report);
  const Json task = (*report)->root()["tasks"].at(0);
  CHECK(task["output"].is_null());
  CHECK(task["error"].text() == R"({"code":"llm.rate_limited","message":"say \"please\"","retryable":true,)"
                                R"("details":{"http_status":429}})");
}

TEST_CASE("A report adds up what the model calls used and names the model that answered", "[observe]") {
  TaskRecord task = task_of(TaskState::success, TaskOutcome::succeeded(Value{"\"ok\""}));
  task.model_calls = {call("big", "overloaded", 503, -1, -1), call("small", "", 200, 100, 20)};
  task.model_calls[1].response_model = "small-2024";
  const auto report = JsonDocument::parse(run_report_json(record_of(std::move(task))));
  REQUIRE(report);
  const Json usage = (*report)->root()["tasks"].at(0)["usage"];
  CHECK(
      usage.text() ==
      R"({"requests":2,"input_tokens":100,"output_tokens":20,"possible_duplicates":0,"cost_usd":null,"model":"small-2024","calls":[)"
      R"({"model":"big","http_status":503,"error":"overloaded","input_tokens":null,"output_tokens":null,"duration_ms":5},)"
      R"({"model":"small","http_status":200,"error":null,"input_tokens":100,"output_tokens":20,"duration_ms":5}]})");
  CHECK((*report)->root()["usage"].text() ==
        R"({"requests":2,"input_tokens":100,"output_tokens":20,"possible_duplicates":0,"cost_usd":null})");
}

TEST_CASE("A report counts the calls that a crash may have had made twice", "[observe]") {
  TaskRecord task = task_of(TaskState::success, TaskOutcome::succeeded(Value{"1"}));
  task.possible_duplicates = 2;
  RunRecord record = record_of(task);
  task.possible_duplicates = 1;
  record.tasks.push_back(task);
  const auto report = JsonDocument::parse(run_report_json(record));
  REQUIRE(report);
  CHECK((*report)->root()["tasks"].at(0)["usage"]["possible_duplicates"].integer() == 2);
  CHECK((*report)->root()["usage"]["possible_duplicates"].integer() == 3);
}

TEST_CASE("A run's report says why it ended before its tasks did", "[observe]") {
  for (const auto& [reason, word] :
       std::vector<std::pair<RunEndReason, std::string>>{{RunEndReason::timed_out, "timed_out"},
                                                         {RunEndReason::fail_fast, "fail_fast"},
                                                         {RunEndReason::canceled, "canceled"},
                                                         {RunEndReason::deadlock, "deadlock"}}) {
    RunRecord record;
    record.end_reason = reason;
    CHECK(run_report_json(record).find("\"end_reason\":\"" + word + "\"") != std::string::npos);
  }
}
