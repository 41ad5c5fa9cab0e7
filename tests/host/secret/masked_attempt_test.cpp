#include "host/secret/masked_attempt.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "host/secret/masked_operators.hpp"
#include "tests/support/scripted_operator.hpp"

using namespace leeward;
using leeward::test::ScriptedOperator;
using leeward::test::SingleOperatorSource;

namespace {

const std::string kSecret = "s3cret/Word+9";
const std::string kBase64 = "czNjcmV0L1dvcmQrOQ==";

/// What gets through to the other side.
struct Heard final : AttemptListener {
  std::vector<std::string> said;
  std::vector<std::string> params;
  std::string output;
  bool takes = true;
  void on_log(const TaskCall& call, LogLevel, std::string_view message, std::string_view fields) override {
    params.emplace_back(call.params.json());
    said.push_back(std::string{message} + " " + std::string{fields});
  }
  void on_progress(const TaskCall&, double, std::string_view note) override { said.emplace_back(note); }
  bool on_output(const TaskCall&, std::string_view channel, std::string_view chunk) override {
    if (!takes) return false;
    output += "[" + std::string{channel} + "]" + std::string{chunk};
    return true;
  }
};

class Ended final : public Attempt {
 public:
  Ended(TaskCall call, AttemptListener& listener) : Attempt(std::move(call), token, listener) {}
  void complete(TaskOutcome ended) override { outcome = std::move(ended); }
  void defer(bool idle) override { deferred = idle; }
  CancelToken token;
  std::optional<TaskOutcome> outcome;
  std::optional<bool> deferred;
};

TaskCall call_with(const char* params) {
  TaskCall call;
  call.run = std::make_shared<RunInfo>();
  call.params = Value{std::string{params}};
  return call;
}

struct World {
  World() { REQUIRE(vault.add(kSecret).ok()); }
  std::shared_ptr<Ended> run(
      ScriptedOperator::Body body,
      MaskedOperators::Params params = [](const TaskCall& call) { return Result<Value>{call.params}; }) {
    ScriptedOperator op{{}, std::move(body)};
    SingleOperatorSource source{op};
    MaskedOperators operators{source, vault, std::move(params)};
    auto attempt = std::make_shared<Ended>(call_with(R"({"a":"secret://NAME"})"), heard);
    operators.operator_of(op.info()).execute(attempt);
    return attempt;
  }
  SecretVault vault;
  Heard heard;
};

}  // namespace

TEST_CASE("Whatever an attempt ends with passes the door without secrets", "[host][secret]") {
  World world;
  const auto ended = world.run([](const std::shared_ptr<Attempt>& attempt) {
    TaskOutcome outcome = TaskOutcome::retryable("code", "it said " + kBase64);
    outcome.value = Value{"{\"said\":\"" + kSecret + "\"}"};
    outcome.error->details = "{\"key\":\"" + kSecret + "\"}";
    outcome.model_calls.push_back({kSecret, "m", kSecret, "no: " + kSecret});
    outcome.branch = {{kSecret, "plain"}};
    InputRequest asked;
    asked.subject = "Is it " + kSecret + "?";
    asked.options = {"yes, " + kSecret, "no"};
    asked.defaults = {"yes, " + kSecret};
    asked.form = Value{"{\"" + kSecret + "\":1}"};
    outcome.input = std::make_shared<const InputRequest>(asked);
    attempt->complete(std::move(outcome));
  });
  REQUIRE(ended->outcome);
  const TaskOutcome& told = *ended->outcome;
  CHECK(told.value.json() == R"({"said":"***"})");
  CHECK(told.error->message == "it said ***");
  CHECK(told.error->details == R"({"key":"***"})");
  CHECK(told.error->retryable);
  CHECK(told.model_calls[0].provider == "***");
  CHECK(told.model_calls[0].response_model == "***");
  CHECK(told.model_calls[0].error == "no: ***");
  CHECK(*told.branch == std::vector<std::string>{"***", "plain"});
  CHECK(told.input->subject == "Is it ***?");
  CHECK(told.input->options == std::vector<std::string>{"yes, ***", "no"});
  CHECK(told.input->defaults == std::vector<std::string>{"yes, ***"});
  CHECK(told.input->form.json() == R"({"***":1})");
}

TEST_CASE("Whatever an attempt says while it runs passes the door without secrets", "[host][secret]") {
  World world;
  const auto ended = world.run([](const std::shared_ptr<Attempt>& attempt) {
    AttemptListener& listener = attempt->listener();
    listener.on_log(attempt->call(), LogLevel::info, "key " + kSecret, R"({"k":")" + kBase64 + "\"}");
    listener.on_progress(attempt->call(), 0.5, "at " + kSecret);
    CHECK(listener.on_output(attempt->call(), "out", "one s3cret"));
    CHECK(listener.on_output(attempt->call(), "err", "s3c"));
    CHECK(listener.on_output(attempt->call(), "out", "/Word+9 two s3"));
    attempt->complete({});
  });
  CHECK(world.heard.said == std::vector<std::string>{R"(key *** {"k":"***"})", "at ***"});
  CHECK(world.heard.output == "[out]one [out]*** two [err]s3c[out]s3");
}

TEST_CASE("Output that is not taken now is masked the same when it is brought again", "[host][secret]") {
  World world;
  const auto ended = world.run([&](const std::shared_ptr<Attempt>& attempt) {
    AttemptListener& listener = attempt->listener();
    CHECK(listener.on_output(attempt->call(), "out", "s3cret/"));
    world.heard.takes = false;
    CHECK_FALSE(listener.on_output(attempt->call(), "out", "Word+9."));
    CHECK_FALSE(listener.on_output(attempt->call(), "out", "Word+9."));
    world.heard.takes = true;
    CHECK(listener.on_output(attempt->call(), "out", "Word+9."));
    attempt->complete({});
  });
  CHECK(world.heard.output == "[out]***.");
}

TEST_CASE("An operator that opens channels without end gets each piece masked on its own", "[host][secret]") {
  World world;
  const auto ended = world.run([](const std::shared_ptr<Attempt>& attempt) {
    for (int i = 0; i < 100; ++i)
      CHECK(attempt->listener().on_output(attempt->call(), std::to_string(i), "x " + kSecret + " y"));
    attempt->complete({});
  });
  CHECK(world.heard.output.find(kSecret) == std::string::npos);
  CHECK(world.heard.output.find("[99]x *** y") != std::string::npos);
}

TEST_CASE("The operator is given secrets in its params, and those who listen are not", "[host][secret]") {
  World world;
  std::string given;
  const auto ended = world.run(
      [&](const std::shared_ptr<Attempt>& attempt) {
        given = attempt->call().params.json();
        attempt->listener().on_log(attempt->call(), LogLevel::info, "hello", "{}");
        attempt->defer(true);
        attempt->complete({});
      },
      [](const TaskCall&) { return Result<Value>{Value{"{\"a\":\"" + kSecret + "\"}"}}; });
  CHECK(given == "{\"a\":\"" + kSecret + "\"}");
  CHECK(world.heard.params == std::vector<std::string>{R"({"a":"secret://NAME"})"});
  CHECK(ended->call().params.json() == R"({"a":"secret://NAME"})");
  CHECK(ended->deferred == true);
}

TEST_CASE("An attempt whose secrets cannot be had fails before its operator is called", "[host][secret]") {
  World world;
  bool called = false;
  const auto ended = world.run([&](const std::shared_ptr<Attempt>&) { called = true; },
                               [](const TaskCall&) {
                                 return Result<Value>{Error{"secret.unset", "not set"}};
                               });
  CHECK_FALSE(called);
  REQUIRE(ended->outcome);
  CHECK(ended->outcome->error->code == "secret.unset");
}

TEST_CASE("The operator is canceled through the door", "[host][secret]") {
  World world;
  bool canceled = false;
  std::shared_ptr<Attempt> inner;
  const auto ended = world.run([&](const std::shared_ptr<Attempt>& given) {
    inner = given;
    given->cancel_token().on_cancel([&] { canceled = true; });
  });
  ended->token.cancel();
  CHECK(canceled);
  ended->token.on_cancel(nullptr);
}
