#include <catch2/catch.hpp>
#include <leeward/ext/call.h>
#include <leeward/ext/text.h>
#include <leeward/ext/usage.h>

#include "core/base/json.hpp"
#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"
#include "host/plugin/nested_attempt.hpp"
#include "tests/host/plugin/host_fixture.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

/// What the caller was told.
struct Told {
  lw_task* task = nullptr;
  int calls = 0;
  lw_code outcome = -1;
  std::string value = "none";
  std::string error;
  std::vector<std::string> branch;
};

void tell(void* arg, const lw_call_result* result) {
  auto& told = *static_cast<Told*>(arg);
  ++told.calls;
  told.outcome = result->outcome;
  if (result->value != nullptr) told.value.assign(result->value->data, result->value->size);
  if (result->error != nullptr) told.error = text_of(result->error->type);
  for (std::size_t i = 0; i < result->branch_count; ++i) told.branch.emplace_back(text_of(result->branch_ids[i]));
  told.task->api->complete(told.task, LW_OK);
}

OperatorInfo info_of(const char* name, const char* schema = nullptr) {
  OperatorInfo info;
  info.name = name;
  info.traits.inline_execution = true;
  if (schema != nullptr) info.params_schema = JsonSchema::compile(JsonDocument::parse(schema).value()).value();
  return info;
}

struct Caller {
  Caller() {
    info.name = "caller";
    attempt = std::make_shared<RecordingAttempt>(host.listener, "{}");
    task = HostTask::create(attempt, info, host.services, 0, nullptr);
    told.task = task.get();
  }
  lw_code call(std::string name, std::string params = "{}", std::uint32_t kind = LW_CALL_OPERATOR) {
    const lw_call_request request{sizeof request, kind, lend(name), lend(params)};
    task->hold();
    const lw_code code = kCallService.invoke(task.get(), &request, tell, &told);
    if (code != LW_OK) task->complete(LW_FAIL);
    task->returned(LW_DEFERRED);
    return code;
  }
  HostFixture host;
  OperatorInfo info;
  std::shared_ptr<RecordingAttempt> attempt;
  std::shared_ptr<HostTask> task;
  Told told;
};

}  // namespace

TEST_CASE("A called operator's result, branch and usage reach the caller", "[host][plugin]") {
  Caller c;
  ScriptedOperator callee{info_of("callee"), [](std::shared_ptr<Attempt> attempt) {
                            TaskOutcome outcome = TaskOutcome::succeeded(attempt->call().params);
                            outcome.branch = std::vector<std::string>{"a", "b"};
                            outcome.model_calls.push_back(ModelCall{"openai", "m", "", "", 200, 3, 4, 5});
                            attempt->complete(std::move(outcome));
                          }};
  c.host.operators["callee"] = &callee;
  REQUIRE(c.call("callee", R"({"x": 1})") == LW_OK);
  const TaskOutcome outcome = c.attempt->wait();
  CHECK(c.told.outcome == LW_OK);
  CHECK(c.told.value == R"({"x": 1})");
  CHECK(c.told.branch == std::vector<std::string>{"a", "b"});
  REQUIRE(outcome.model_calls.size() == 1);
  CHECK(outcome.model_calls[0].output_tokens == 4);
}

TEST_CASE("A called operator's failure reaches the caller with its words", "[host][plugin]") {
  Caller c;
  ScriptedOperator callee{info_of("callee"), [](std::shared_ptr<Attempt> attempt) {
                            attempt->complete(TaskOutcome::retryable("llm.server_error", "no"));
                          }};
  c.host.operators["callee"] = &callee;
  REQUIRE(c.call("callee") == LW_OK);
  c.attempt->wait();
  CHECK(c.told.outcome == LW_RETRY);
  CHECK(c.told.error == "llm.server_error");
  CHECK(c.told.value == "none");
}

TEST_CASE("Operators and callables are called by names of their own", "[host][plugin]") {
  Caller c;
  ScriptedOperator callable{info_of("text.join"), [](std::shared_ptr<Attempt> attempt) {
                              attempt->complete(TaskOutcome::succeeded(Value{"1"}));
                            }};
  c.host.callables["text.join"] = &callable;
  CHECK(c.call("text.join") == LW_NOT_FOUND);
  CHECK(c.attempt->wait().error->code == "call.not_found");
  Caller d;
  d.host.callables["text.join"] = &callable;
  CHECK(d.call("text.join", "{}", LW_CALL_CALLABLE) == LW_OK);
  CHECK(d.attempt->wait().kind == OutcomeKind::success);
}

TEST_CASE("A call whose parameters do not fit is refused before anything runs", "[host][plugin]") {
  for (const std::string params : {R"({"n": "x"})", "[1]", "{"}) {
    Caller c;
    bool ran = false;
    ScriptedOperator callee{info_of("callee", R"({"type": "object", "properties": {"n": {"type": "integer"}}})"),
                            [&](std::shared_ptr<Attempt> attempt) {
                              ran = true;
                              attempt->complete(TaskOutcome::succeeded({}));
                            }};
    c.host.operators["callee"] = &callee;
    CHECK(c.call("callee", params) == LW_INVALID);
    CHECK(c.attempt->wait().error->code == "call.invalid");
    CHECK_FALSE(ran);
  }
}

TEST_CASE("Calls nest eight deep and no deeper", "[host][plugin]") {
  HostFixture host;
  OperatorInfo info = info_of("self");
  int deepest = 0;
  lw_code refused = LW_OK;
  struct Frame {
    std::shared_ptr<HostTask> task;
  };
  ScriptedOperator self{info, [&](std::shared_ptr<Attempt> attempt) {
                          const auto* nested = dynamic_cast<const NestedAttempt*>(attempt.get());
                          const int depth = nested != nullptr ? nested->depth() : 0;
                          deepest = std::max(deepest, depth);
                          const auto task = HostTask::create(std::move(attempt), info, host.services, depth, nullptr);
                          Told told;
                          told.task = task.get();
                          const lw_call_request request{sizeof request, LW_CALL_OPERATOR, {"self", 4}, {nullptr, 0}};
                          task->hold();
                          const lw_code code = kCallService.invoke(task.get(), &request, tell, &told);
                          if (code != LW_OK) {
                            refused = code;
                            task->complete(LW_FAIL);
                          }
                          task->returned(LW_DEFERRED);
                        }};
  host.operators["self"] = &self;
  const auto attempt = std::make_shared<RecordingAttempt>(host.listener, "{}");
  self.execute(attempt);
  attempt->wait();
  CHECK(deepest == 8);
  CHECK(refused == LW_DENIED);
}

TEST_CASE("A called operator is cancelled with its caller", "[host][plugin]") {
  Caller c;
  std::shared_ptr<Attempt> waiting;
  ScriptedOperator callee{info_of("callee"), [&](std::shared_ptr<Attempt> attempt) {
                            waiting = attempt;
                            attempt->cancel_token().on_cancel([raw = attempt.get()] {
                              TaskOutcome outcome;
                              outcome.kind = OutcomeKind::canceled;
                              raw->complete(std::move(outcome));
                            });
                          }};
  c.host.operators["callee"] = &callee;
  REQUIRE(c.call("callee") == LW_OK);
  CHECK_FALSE(c.attempt->ended());
  c.attempt->cancel_token().cancel();
  c.attempt->wait();
  CHECK(c.told.outcome == LW_CANCELLED);
  CHECK(c.told.calls == 1);
}

TEST_CASE("A blocking operator called from a thread that must not wait runs on another", "[host][plugin]") {
  Caller c;
  OperatorInfo blocking = info_of("callee");
  blocking.traits.inline_execution = false;
  std::thread::id ran_on;
  ScriptedOperator callee{blocking, [&](std::shared_ptr<Attempt> attempt) {
                            ran_on = std::this_thread::get_id();
                            attempt->complete(TaskOutcome::succeeded({}));
                          }};
  c.host.operators["callee"] = &callee;
  {
    const MustNotBlock here;
    REQUIRE(c.call("callee") == LW_OK);
  }
  c.attempt->wait();
  CHECK(ran_on != std::this_thread::get_id());
}

TEST_CASE("The text service decides conditions and renders templates as a DAG would", "[host][plugin]") {
  Caller c;
  std::int32_t holds = -1;
  CHECK(kTextService.evaluate(c.task.get(), lend(R"({"value": "short", "length": {"less_than": 50}})"), &holds) ==
        LW_OK);
  CHECK(holds == 1);
  CHECK(kTextService.evaluate(c.task.get(), lend(R"({"value": [1], "less_than": 50})"), &holds) == LW_INVALID);
  const lw_buf* out = nullptr;
  REQUIRE(kTextService.render(c.task.get(), lend("Hello {name}, {n}"), lend(R"({"name": "you {n}", "n": 2})"), &out) ==
          LW_OK);
  CHECK(std::string_view{out->data, out->size} == R"("Hello you {n}, 2")");
  buffer_release(out);
  CHECK(kTextService.render(c.task.get(), lend("Hello {nmae}"), lend(R"({"name": "you"})"), &out) == LW_INVALID);
  c.task->returned(LW_FAIL);
  CHECK(c.attempt->wait().error->message.find("nmae") != std::string::npos);
}
