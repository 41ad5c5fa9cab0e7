#include <future>

#include <catch2/catch.hpp>

#include "host/net/http_server.hpp"
#include "tests/host/runner/runner_fixture.hpp"

using namespace leeward;
using namespace leeward::test;
using Catch::Matchers::Contains;

TEST_CASE("A plugin in a runner asks by the host's connections and never sees a key", "[host][runner]") {
  std::string authorization;
  auto server = HttpServer::start({}, [&](HttpServerRequest request, std::shared_ptr<HttpResponder> responder) {
    authorization = request.header("authorization");
    responder->answer(200, {}, "{\"you\": \"" + authorization + "\"}");
  });
  RunnerFixture host;
  host.connections["c"] = {"c", (*server)->origin(), "sk-0123456789", "{}", 0};
  const TaskOutcome outcome = host.run(RunnerFixture::fetch, R"({"url": "/x", "connection": "c"})");
  CHECK(authorization == "Bearer sk-0123456789");
  CHECK(outcome.value.json() == R"({"you": "Bearer ***"})");
}

TEST_CASE("A request that the host refuses is refused at once in the runner", "[host][runner]") {
  RunnerFixture host;
  const TaskOutcome unknown = host.run(RunnerFixture::fetch, R"({"url": "/x", "connection": "none"})");
  CHECK(unknown.error->code == "connection.unknown");
  const TaskOutcome relative = host.run(RunnerFixture::fetch, R"({"url": "/x", "connection": ""})");
  CHECK(relative.error->code == "http.invalid");
}

TEST_CASE("A request under way ends with the runner that asked for it", "[host][runner]") {
  std::promise<void> arrived;
  auto server = HttpServer::start({}, [&](HttpServerRequest, std::shared_ptr<HttpResponder> responder) {
    responder->hang();
    arrived.set_value();
  });
  RunnerFixture host;
  host.connections["c"] = {"c", (*server)->origin(), "", "{}", 1};
  const auto fetching = host.start(RunnerFixture::fetch, R"({"url": "/x", "connection": "c"})");
  arrived.get_future().wait();
  host.doing("abort");
  CHECK(fetching->wait().error->code == "plugin.crashed");
  // The connection's only place is free again.
  auto other = HttpServer::start(
      {}, [](HttpServerRequest, std::shared_ptr<HttpResponder> responder) { responder->answer(200, {}, "1"); });
  host.connections["c"].base_url = (*other)->origin();
  CHECK(host.run(RunnerFixture::fetch, R"({"url": "/x", "connection": "c"})").value.json() == "1");
}

TEST_CASE("A plugin in a runner calls operators of the host, and those call back into runners", "[host][runner]") {
  RunnerFixture host;
  OperatorInfo twice;
  twice.name = "twice";
  twice.traits.inline_execution = true;
  twice.params_schema = JsonSchema::compile(JsonDocument::parse(R"({"required": ["n"]})").value()).value();
  ScriptedOperator op{twice, [](const std::shared_ptr<Attempt>& attempt) {
                        const auto n = JsonDocument::of(attempt->call().params)->root()["n"].integer().value_or(0);
                        attempt->complete(TaskOutcome::succeeded(Value{std::to_string(2 * n)}));
                      }};
  host.operators["twice"] = &op;
  CHECK(host.run(RunnerFixture::caller, R"({"name": "twice", "params": {"n": 21}})").value.json() == "42");
  CHECK(host.run(RunnerFixture::caller, R"({"name": "none", "params": {}})").error->code == "call.not_found");
  CHECK(host.run(RunnerFixture::caller, R"({"name": "twice", "params": {}})").error->code == "call.invalid");
}

TEST_CASE("A plugin in a runner calls no operator of the host that it was not granted", "[host][runner]") {
  RunnerFixture host;
  OperatorInfo shell;
  shell.name = "bash";
  shell.plugin = "bash";
  shell.traits.inline_execution = true;
  bool ran = false;
  ScriptedOperator op{shell, [&ran](const std::shared_ptr<Attempt>& attempt) {
                        ran = true;
                        attempt->complete(TaskOutcome::succeeded(Value{"1"}));
                      }};
  host.operators["bash"] = &op;
  const TaskOutcome denied = host.run(RunnerFixture::caller, R"({"name": "bash", "params": {}})");
  CHECK_FALSE(ran);
  CHECK(denied.kind == OutcomeKind::failed);
  REQUIRE(denied.error);
  CHECK(denied.error->code == "call.denied");
  CHECK_THAT(denied.error->message, Contains(R"(plugin "mischief" may not call operator "bash")"));
  CHECK_THAT(denied.error->message, Contains(R"("isolation": {"calls": {"mischief": ["bash"]}})"));
}

namespace {

/// Runs that are only asked for.
class RecordingRuns final : public RunGateway {
 public:
  void trigger(const TaskCall&, RunTrigger run, std::shared_ptr<CancelToken>, Told told) override {
    asked.push_back(run.dag);
    told(TriggeredRun{"run-2", run.dag, RunState::queued});
  }
  [[nodiscard]] Result<std::optional<RunStates>> states(const TaskCall&, const RunStatesQuery&) const override {
    return std::optional<RunStates>{};
  }
  std::vector<std::string> asked;
};

}  // namespace

TEST_CASE("A plugin in a runner starts no runs but of the DAGs that it was granted", "[host][runner]") {
  RunnerProcess::Options options = RunnerFixture::usual();
  options.grants.triggers = {"daily"};
  RunnerFixture host{options};
  RecordingRuns runs;
  host.services.runs = &runs;
  const TaskOutcome denied = host.run(RunnerFixture::starter, R"({"dag": "payroll"})");
  CHECK(runs.asked.empty());
  REQUIRE(denied.error);
  CHECK(denied.error->code == "run.denied");
  CHECK_THAT(denied.error->message, Contains(R"("isolation": {"triggers": {"mischief": ["payroll"]}})"));
  CHECK(host.run(RunnerFixture::starter, R"({"dag": "daily"})").kind == OutcomeKind::success);
  CHECK(runs.asked == std::vector<std::string>{"daily"});
}

TEST_CASE("Operators that call each other through runners come to an end", "[host][runner]") {
  RunnerFixture host;
  OperatorInfo& caller = host.info(RunnerFixture::caller);
  ScriptedOperator op{
      caller, [&host](std::shared_ptr<Attempt> attempt) { host.execute(RunnerFixture::caller, std::move(attempt)); }};
  host.operators["caller"] = &op;
  std::string params = R"({"name": "caller", "params": {}})";
  for (int i = 0; i < 12; ++i) params = R"({"name": "caller", "params": )" + params + "}";
  CHECK(host.run(RunnerFixture::caller, params).error->code == "call.too_deep");
}
