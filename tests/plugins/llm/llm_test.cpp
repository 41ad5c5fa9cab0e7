#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <leeward/testing/harness.hpp>

#include "plugins/llm/json_text.hpp"

using leeward::testing::Harness;
using leeward::testing::HttpAnswer;
using leeward::testing::Result;
using llm::Json;

namespace {

std::unique_ptr<Harness> harness_of(std::deque<HttpAnswer> answers) {
  static const lw_plugin* const plugin = leeward::testing::load(LEEWARD_BINARY_DIR "/lib/leeward/plugins/llm.so");
  auto harness = std::make_unique<Harness>(plugin);
  harness->script.http = std::move(answers);
  harness->script.connections["llm_default"] = R"({"id": "llm_default", "type": "openai", "base_url": "http://x/v1"})";
  harness->script.info["try_number"] = "1";
  return harness;
}

HttpAnswer answered(const std::string& text) {
  return HttpAnswer::ok(Json{{"model", "gpt-4-0613"},
                             {"choices", {{{"message", {{"content", text}}}, {"finish_reason", "stop"}}}},
                             {"usage", {{"prompt_tokens", 3}, {"completion_tokens", 5}}}}
                            .dump());
}

HttpAnswer failed(int status, const std::string& headers = "{}") {
  return HttpAnswer::with(status, R"({"error":{"message":"no luck","type":null,"code":null,"param":null}})", headers);
}

std::string event(const std::string& delta, const char* finish_reason = "null") {
  return R"(data: {"choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" + finish_reason + "}]}\n\n";
}

std::vector<std::string> models_asked(const Harness& harness) {
  std::vector<std::string> models;
  for (const auto& request : harness.script.requests) models.push_back(Json::parse(request.body)["model"]);
  return models;
}

using Models = std::vector<std::string>;
constexpr const char* kPrompt = R"({"prompt": "你好"})";
constexpr const char* kTwoModels = R"({"prompt": "p", "models": ["gpt-4", "gpt-3.5-turbo"]})";
constexpr const char* kStream = R"({"prompt": "p", "stream": true})";

}  // namespace

TEST_CASE("llm returns the answer's text and says what it cost", "[llm]") {
  auto harness = harness_of({answered("你好!")});
  const Result done = harness->run("llm", kPrompt);
  INFO(done.explain());
  CHECK(done.code == LW_OK);
  CHECK(Json::parse(done.result) == "你好!");
  CHECK(done.problems.empty());
  REQUIRE(done.usage.size() == 1);
  CHECK(done.usage[0].model == "gpt-4");
  CHECK(done.usage[0].response_model == "gpt-4-0613");
  CHECK(done.usage[0].provider == "openai");
  CHECK(done.usage[0].input_tokens == 3);
  CHECK(done.usage[0].output_tokens == 5);
  CHECK(done.usage[0].error_type.empty());
  REQUIRE(harness->script.requests.size() == 1);
  const auto& request = harness->script.requests[0];
  CHECK(request.paid);
  CHECK(request.idempotency_key);
  CHECK(request.connection == "llm_default");
  CHECK(request.url == "/chat/completions");
  CHECK_FALSE(request.streams);
  for (const auto& line : done.logs) CHECK((line.message + line.fields_json).find("你好") == std::string::npos);
}

TEST_CASE("llm asks again after a server error, with a growing wait, and then the next model", "[llm]") {
  auto harness = harness_of({failed(500), failed(502), failed(503), answered("from the second")});
  const Result done = harness->run("llm", kTwoModels);
  INFO(done.explain());
  CHECK(done.code == LW_OK);
  CHECK(models_asked(*harness) == Models{"gpt-4", "gpt-4", "gpt-4", "gpt-3.5-turbo"});
  CHECK(done.virtual_ms >= 375 + 750);
  CHECK(done.virtual_ms <= 500 + 1000);
  REQUIRE(done.usage.size() == 4);
  CHECK(done.usage[0].error_type == "llm.server_error");
  CHECK(done.usage[3].error_type.empty());
  CHECK(done.logged("answered in place of gpt-4"));
  CHECK(done.problems.empty());
}

TEST_CASE("llm waits as long as Retry-After says", "[llm]") {
  auto harness = harness_of({failed(429, R"({"retry-after": "20"})"), answered("now")});
  const Result done = harness->run("llm", kPrompt);
  CHECK(done.code == LW_OK);
  CHECK(done.virtual_ms == 20'000);
}

TEST_CASE("A wait above the cap becomes the task's own delay", "[llm]") {
  auto harness = harness_of({failed(429, R"({"retry-after": "200"})")});
  const Result done = harness->run("llm", kPrompt);
  CHECK(done.code == LW_RETRY);
  CHECK(done.virtual_ms == 0);
  CHECK(done.error.retry_after_ms == 200'000);
  CHECK(done.error.type == "llm.rate_limited");
  CHECK(done.error.http_status == 429);
}

TEST_CASE("From the second attempt on each model is asked once", "[llm]") {
  auto harness = harness_of({failed(500), failed(503)});
  harness->script.info["try_number"] = "2";
  const Result done = harness->run("llm", kTwoModels);
  CHECK(models_asked(*harness) == Models{"gpt-4", "gpt-3.5-turbo"});
  CHECK(done.code == LW_RETRY);
  CHECK(done.error.type == "llm.server_error");
  CHECK(done.error.message == "gpt-4: no luck (HTTP 500); then gpt-3.5-turbo: llm.unavailable (HTTP 503), asked once");
  CHECK(Json::parse(done.error.details_json)["tries"].size() == 2);
}

TEST_CASE("A mistake in the request or the key is asked once, of one model, and fails for good", "[llm]") {
  const int status = GENERATE(400, 401, 403, 404, 422);
  auto harness = harness_of({failed(status)});
  const Result done = harness->run("llm", kTwoModels);
  CHECK(done.code == LW_FAIL);
  CHECK(harness->script.requests.size() == 1);
  CHECK(done.error.http_status == status);
}

TEST_CASE("An empty purse goes to the next model at once", "[llm]") {
  auto harness = harness_of(
      {HttpAnswer::with(429, R"({"error":{"message":"quota","code":"insufficient_quota"}})"), answered("ok")});
  const Result done = harness->run("llm", kTwoModels);
  CHECK(done.code == LW_OK);
  CHECK(models_asked(*harness) == Models{"gpt-4", "gpt-3.5-turbo"});
  CHECK(done.virtual_ms == 0);
}

TEST_CASE("A connection that fails is asked again", "[llm]") {
  auto harness =
      harness_of({HttpAnswer::broken("http.connect"), HttpAnswer::broken("http.truncated", {"{"}), answered("ok")});
  const Result done = harness->run("llm", kPrompt);
  CHECK(done.code == LW_OK);
  CHECK(done.usage[0].http_status == 0);
  CHECK(done.usage[1].error_type == "llm.truncated");
}

TEST_CASE("The deadline of the chain ends the tries", "[llm]") {
  auto harness = harness_of({failed(429, R"({"retry-after": "20"})"), failed(429, R"({"retry-after": "20"})")});
  const Result done = harness->run("llm", R"({"prompt": "p", "timeout": 30})");
  CHECK(harness->script.requests.size() == 2);
  CHECK(harness->script.requests[0].total_timeout_ms == 30'000);
  CHECK(harness->script.requests[1].total_timeout_ms <= 10'000);
  CHECK(done.code == LW_RETRY);
  CHECK(done.error.retry_after_ms == 20'000);
}

TEST_CASE("A streamed answer is shown piece by piece, never half a character", "[llm]") {
  const std::string whole =
      event(R"({"role":"assistant","content":""})") + event(R"({"content":"你"})") + event(R"({"content":"好"})") +
      event("{}", "\"stop\"") +
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
  std::vector<std::string> bytes;
  for (const char c : whole) bytes.emplace_back(1, c);
  auto harness = harness_of({HttpAnswer::in_pieces(bytes)});
  const Result done = harness->run("llm", kStream);
  INFO(done.explain());
  CHECK(done.code == LW_OK);
  CHECK(Json::parse(done.result) == "你好");
  REQUIRE(done.emitted.size() == 2);
  CHECK(done.emitted[0].text == "你");
  CHECK(done.emitted[0].channel == "text");
  CHECK(done.usage[0].input_tokens == 7);
  CHECK(done.problems.empty());
}

TEST_CASE("Text that nobody took yet goes out with the next piece", "[llm]") {
  auto harness = harness_of(
      {HttpAnswer::in_pieces({event(R"({"content":"a"})"), event(R"({"content":"b"})"), event("{}", "\"stop\"")})});
  harness->script.refuse_emits = 1;
  const Result done = harness->run("llm", kStream);
  CHECK(done.text() == "ab");
  CHECK(Json::parse(done.result) == "ab");
}

TEST_CASE("Much text that nobody took for a while goes out in pieces that a host takes", "[llm]") {
  std::string third;
  while (third.size() < 600'000) third += "多a";
  const std::string much = third + third + third;
  const std::string one = event(R"({"content":")" + third + "\"}");
  auto harness = harness_of({HttpAnswer::in_pieces({one, one, one, event("{}", "\"stop\"")})});
  harness->script.refuse_emits = 2;
  const Result done = harness->run("llm", kStream);
  INFO(done.explain());
  CHECK(done.code == LW_OK);
  CHECK(done.problems.empty());
  CHECK(done.text() == much);
  for (const auto& piece : done.emitted) CHECK(piece.text.size() <= 65'536);
}

TEST_CASE("A stream that breaks off after text was shown fails, and is not asked again", "[llm]") {
  const auto broken = GENERATE(as<HttpAnswer>{}, HttpAnswer::in_pieces({event(R"({"content":"Hel"})")}),
                               HttpAnswer::broken("http.reset", {event(R"({"content":"Hel"})")}),
                               HttpAnswer::in_pieces({event(R"({"content":"Hel"})"), "data: {\"error\":\"boom\"}\n\n"}),
                               HttpAnswer::in_pieces({event(R"({"content":"Hel"})"), "data: {bad\n\n"}));
  auto harness = harness_of({broken});
  const Result done = harness->run("llm", R"({"prompt": "p", "stream": true, "models": ["a", "b"]})");
  INFO(done.explain());
  CHECK(done.code != LW_OK);
  CHECK(done.result == "null");
  CHECK(harness->script.requests.size() == 1);
  CHECK(done.text() == "Hel");
}

TEST_CASE("A stream that fails before any text is asked again", "[llm]") {
  auto harness = harness_of(
      {HttpAnswer::in_pieces({"data: {\"error\":{\"code\":429,\"message\":\"queue full\"}}\n\n", "data: [DONE]\n\n"}),
       HttpAnswer::in_pieces({event(R"({"content":"ok"})"), "data: [DONE]\n\n"})});
  const Result done = harness->run("llm", kStream);
  CHECK(done.code == LW_OK);
  CHECK(done.usage[0].error_type == "llm.rate_limited");
}

TEST_CASE("A truncated stream is llm.truncated", "[llm]") {
  auto harness = harness_of({HttpAnswer::in_pieces({event(R"({"content":"Hel"})")})});
  CHECK(harness->run("llm", kStream).error.type == "llm.truncated");
}

TEST_CASE("A stream that was whole before its connection broke is an answer", "[llm]") {
  auto harness = harness_of({HttpAnswer::broken("http.reset", {event(R"({"content":"ok"})"), "data: [DONE]\n\n"})});
  CHECK(harness->run("llm", kStream).code == LW_OK);
}

TEST_CASE("A server that does not stream is understood all the same, and HTML is not", "[llm]") {
  auto plain = harness_of({answered("whole")});
  CHECK(Json::parse(plain->run("llm", kStream).result) == "whole");
  plain.reset();
  auto page = harness_of({HttpAnswer::ok("<html>welcome</html>")});
  const Result done = page->run("llm", kStream);
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "llm.schema");
  CHECK(done.error.message.find("<html>welcome</html>") != std::string::npos);
}

TEST_CASE("A task that is stopped stops, whether it waits for an answer or for the next try", "[llm]") {
  auto asking = harness_of({HttpAnswer::silence()});
  asking->start("llm", kPrompt);
  asking->cancel();
  CHECK(asking->finish().code == LW_CANCELLED);
  asking.reset();

  auto waiting = harness_of({failed(429, R"({"retry-after": "100"})")});
  waiting->start("llm", kPrompt);
  waiting->advance(10);
  CHECK_FALSE(waiting->is_over());
  waiting->cancel();
  const Result done = waiting->finish();
  CHECK(done.code == LW_CANCELLED);
  CHECK(waiting->script.requests.size() == 1);
  CHECK(done.problems.empty());
}

TEST_CASE("A connection that does not exist fails with its name", "[llm]") {
  auto harness = harness_of({});
  const Result done = harness->run("llm", R"({"prompt": "p", "connection": "azure"})");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.message.find("'azure'") != std::string::npos);
}

TEST_CASE("The operator's schema is JSON and names every parameter it reads", "[llm]") {
  const lw_plugin* plugin = leeward::testing::load(LEEWARD_BINARY_DIR "/lib/leeward/plugins/llm.so");
  const Json schema = Json::parse(plugin->operators[0].params_schema);
  CHECK(schema["additionalProperties"] == false);
  for (const auto& [name, property] : schema["properties"].items()) {
    INFO(name);
    CHECK(property.contains("description"));
  }
  CHECK(schema["properties"]["connection"]["x-reference"] == "connection");
}
