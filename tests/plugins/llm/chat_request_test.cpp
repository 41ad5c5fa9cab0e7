#include "plugins/llm/chat_request.hpp"

#include <string>

#include <catch2/catch.hpp>

using llm::Json;

namespace {

llm::Settings settings_of(const char* params, const char* connection = "{}") {
  auto settings = llm::read_settings(Json::parse(params), Json::parse(connection));
  REQUIRE(std::holds_alternative<llm::Settings>(settings));
  return std::get<llm::Settings>(settings);
}

Json body_of(const char* params, const std::string& model = "gpt-4") {
  return Json::parse(llm::chat_request_body(settings_of(params), model));
}

}  // namespace

TEST_CASE("A prompt becomes one user message with the defaults of the seed's operator", "[llm]") {
  CHECK(body_of(R"({"prompt": "总结以下文章: x"})") ==
        Json::parse(R"({"model": "gpt-4", "temperature": 0.7, "max_tokens": 1000,
        "messages": [{"role": "user", "content": "总结以下文章: x"}]})"));
}

TEST_CASE("System, messages and prompt stand in this order", "[llm]") {
  const Json body = body_of(R"({"prompt": "now", "system": "be short", "messages": [{"role": "user", "content": "a"},
                                {"role": "assistant", "content": "b"}]})");
  CHECK(body["messages"] == Json::parse(R"([{"role": "system", "content": "be short"}, {"role": "user", "content": "a"},
                                            {"role": "assistant", "content": "b"}, {"role": "user", "content": "now"}])"));
}

TEST_CASE("Reasoning models get max_completion_tokens, and no default that they would refuse", "[llm]") {
  for (const char* model : {"o1", "o3-mini", "gpt-5", "gpt-5-nano-2026-01-01", "openai/o4-mini"}) {
    INFO(model);
    const Json plain = body_of(R"({"prompt": "p"})", model);
    CHECK_FALSE(plain.contains("temperature"));
    CHECK_FALSE(plain.contains("max_tokens"));
    CHECK_FALSE(plain.contains("max_completion_tokens"));
    const Json given = body_of(R"({"prompt": "p", "max_tokens": 50, "temperature": 1})", model);
    CHECK(given["max_completion_tokens"] == 50);
    CHECK(given["temperature"] == 1);
  }
  for (const char* model : {"gpt-4", "gpt-4o", "gpt-5-chat-latest", "ollama-x", "openchat"}) {
    INFO(model);
    CHECK(body_of(R"({"prompt": "p", "max_tokens": 50})", model)["max_tokens"] == 50);
  }
  CHECK(body_of(R"({"prompt": "p", "token_limit_field": "max_completion_tokens"})")["max_completion_tokens"] == 1000);
}

TEST_CASE("null leaves a choice to the server", "[llm]") {
  const Json body = body_of(R"({"prompt": "p", "max_tokens": null, "temperature": null})");
  CHECK_FALSE(body.contains("max_tokens"));
  CHECK_FALSE(body.contains("temperature"));
}

TEST_CASE("Streaming asks for the usage too, and only then", "[llm]") {
  CHECK(body_of(R"({"prompt": "p", "stream": true})")["stream_options"] == Json::parse(R"({"include_usage": true})"));
  CHECK_FALSE(body_of(R"({"prompt": "p"})").contains("stream_options"));
}

TEST_CASE("Other options go out as they were written", "[llm]") {
  const Json body =
      body_of(R"({"prompt": "p", "top_p": 0.5, "stop": ["a"], "seed": 7, "response_format": {"type": "json_object"}})");
  CHECK(body["top_p"] == 0.5);
  CHECK(body["stop"] == Json::parse(R"(["a"])"));
  CHECK(body["seed"] == 7);
  CHECK(body["response_format"]["type"] == "json_object");
}

TEST_CASE("The list of models goes before the one, the connection's before gpt-4", "[llm]") {
  using Models = std::vector<std::string>;
  const char* connection = R"({"type": "openai", "model": "local"})";
  CHECK(settings_of(R"({"prompt": "p", "model": "a", "models": ["b", "c"]})", connection).models == Models{"b", "c"});
  CHECK(settings_of(R"({"prompt": "p", "model": "a"})", connection).models == Models{"a"});
  CHECK(settings_of(R"({"prompt": "p"})", connection).models == Models{"local"});
  CHECK(settings_of(R"({"prompt": "p"})").models == Models{"gpt-4"});
}

TEST_CASE("A connection of another protocol is refused with a way out", "[llm]") {
  const auto settings = llm::read_settings(Json::parse(R"({"prompt": "p"})"), Json::parse(R"({"type": "anthropic"})"));
  REQUIRE(std::holds_alternative<std::string>(settings));
  CHECK(std::get<std::string>(settings).find("OpenAI-compatible") != std::string::npos);
}

TEST_CASE("llm takes its timeouts as seconds or as texts with units", "[llm]") {
  const auto timeout_ms = [](const char* json) {
    const auto settings = llm::read_settings(Json{{"prompt", "p"}, {"timeout", Json::parse(json)}}, Json::object());
    return std::get<llm::Settings>(settings).timeout_ms;
  };
  CHECK(timeout_ms("2.5") == 2500);
  CHECK(timeout_ms(R"("120s")") == 120'000);
  CHECK(timeout_ms(R"("1m30s")") == 90'000);
  CHECK(timeout_ms(R"("500ms")") == 500);
  CHECK(timeout_ms(R"("1.5h")") == 5'400'000);
  CHECK(timeout_ms(R"("0s")") == 1);
  CHECK(timeout_ms(R"("99h")") == 86'400'000);
}
