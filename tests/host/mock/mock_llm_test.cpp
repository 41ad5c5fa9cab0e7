#include "host/mock/mock_llm.hpp"

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/base/json.hpp"
#include "tests/host/net/raw_peer.hpp"
#include "tests/support/has.hpp"

using leeward::JsonDocument;
using leeward::MockLlm;
using leeward::test::has;
using leeward::test::RawPeer;

namespace {

std::unique_ptr<MockLlm> mock_of(std::string script = {}) {
  MockLlm::Options options;
  options.script = std::move(script);
  options.script_name = "script.json";
  auto mock = MockLlm::start(options);
  if (!mock) UNSCOPED_INFO(to_string(mock.error()));
  REQUIRE(mock.ok());
  return std::move(*mock);
}

std::uint16_t port_of(const MockLlm& mock) {
  const std::string url = mock.base_url();
  const std::string port = url.substr(url.rfind(':') + 1);
  return static_cast<std::uint16_t>(std::stoi(port));
}

/// All that comes back, head and body, until the server closes.
std::string exchange(const MockLlm& mock, const std::string& line, const std::string& body = {},
                     const std::string& headers = {}) {
  const RawPeer peer{port_of(mock)};
  peer.say(line + " HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + headers +
           "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  return peer.hear_all();
}

std::string ask(const MockLlm& mock, const std::string& prompt, const std::string& more = {}) {
  return exchange(
      mock, "POST /v1/chat/completions",
      R"({"model":"gpt-4","messages":[{"role":"user","content":)" + leeward::json_quote(prompt) + "}]" + more + "}");
}

std::string body_of(const std::string& answer) {
  const std::size_t at = answer.find("\r\n\r\n");
  return at == std::string::npos ? "" : answer.substr(at + 4);
}
constexpr const char* kStream = R"(,"stream":true)";

}  // namespace

TEST_CASE("A chat completion has every member that OpenAI's clients read", "[mock]") {
  const auto mock = mock_of();
  const std::string answer = ask(*mock, "总结以下文章: 大语言模型。");
  CHECK(has(answer, "HTTP/1.1 200"));
  CHECK(has(answer, "x-request-id: req_mock_1"));
  CHECK(has(answer, "openai-processing-ms: "));
  const auto document = JsonDocument::parse(body_of(answer)).value();
  const auto root = document->root();
  CHECK(root["object"].string() == "chat.completion");
  CHECK(root["id"].string() == "chatcmpl-mock-1");
  CHECK(root["model"].string() == "gpt-4");
  CHECK(root["created"].is_integer());
  CHECK(root["system_fingerprint"].string() == "leeward-mock");
  const auto choice = root["choices"].at(0);
  CHECK(choice["message"]["role"].string() == "assistant");
  CHECK(choice["message"]["content"].string() == "大语言模型。");
  CHECK(choice["finish_reason"].string() == "stop");
  CHECK(root["usage"]["completion_tokens"].integer() == 6);
  CHECK(root["usage"]["total_tokens"].integer() == root["usage"]["prompt_tokens"].integer().value() + 6);
}

TEST_CASE("An unscripted answer stops at max_tokens and says so", "[mock]") {
  const auto mock = mock_of();
  const std::string answer = ask(*mock, "大语言模型", R"(,"max_tokens":2)");
  CHECK(has(answer, R"("content":"大语")"));
  CHECK(has(answer, R"("finish_reason":"length")"));
}

TEST_CASE("A stream has the role first, then text, then the finish_reason, and [DONE]", "[mock]") {
  const auto mock = mock_of();
  const std::string answer = ask(*mock, "你好吗朋友", kStream);
  CHECK(has(answer, "text/event-stream"));
  CHECK(has(answer, R"("delta":{"role":"assistant","content":"","refusal":null})"));
  CHECK(has(answer, R"("delta":{"content":"你好吗朋"},"logprobs":null,"finish_reason":null)"));
  CHECK(has(answer, R"("delta":{},"logprobs":null,"finish_reason":"stop")"));
  CHECK(has(answer, "data: [DONE]\n\n"));
  CHECK_FALSE(has(answer, "usage"));
  const std::string told = ask(*mock, "你好吗朋友", R"(,"stream":true,"stream_options":{"include_usage":true})");
  CHECK(has(told, R"("usage":null)"));
  CHECK(has(told, R"("choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5)"));
}

TEST_CASE("A stream may be written in pieces that cut characters and events", "[mock]") {
  const auto mock = mock_of(R"({"rules": [{"text": "你好", "write_bytes": 1, "chunk_characters": 1}]})");
  const std::string answer = ask(*mock, "p", kStream);
  CHECK(has(answer, "\r\n1\r\n\xE4\r\n"));  // the first byte of 你 in an HTTP chunk of its own
}

TEST_CASE("Scripted faults look as the real ones do", "[mock]") {
  const auto mock = mock_of(R"({"rules": [
    {"contains": "limit", "status": 429, "error": "slow down", "retry_after": 2},
    {"contains": "cut", "text": "abcdefgh", "stop_after_chunks": 1, "end": "cut"},
    {"contains": "close", "text": "abcdefgh", "stop_after_bytes": 20},
    {"contains": "reset", "end": "reset"},
    {"contains": "in-band", "text": "abcdefgh", "stop_after_chunks": 1, "stream_error": "boom", "end": "cut"},
    {"contains": "no finish", "text": "a", "finish_reason": null, "done": false},
    {"contains": "html", "body": "<html>", "content_type": "text/html"},
    {"contains": "shape", "body": {"choices": []}}
  ]})");
  const std::string limited = ask(*mock, "limit");
  CHECK(has(limited, "HTTP/1.1 429"));
  CHECK(has(limited, "retry-after: 2\r\n"));
  CHECK(has(limited, R"({"error":{"message":"slow down","type":"rate_limit_error","param":null,"code":null}})"));
  const std::string cut = ask(*mock, "cut", kStream);
  CHECK(has(cut, R"("content":"abcd")"));
  CHECK_FALSE(has(cut, "efgh"));
  CHECK_FALSE(has(cut, "[DONE]"));
  CHECK(has(cut, "\r\n0\r\n"));
  const std::string closed = ask(*mock, "close", kStream);
  CHECK(has(closed, "14\r\n"));
  CHECK_FALSE(has(closed, "\r\n0\r\n"));
  CHECK(ask(*mock, "reset") == "(reset)");
  const std::string in_band = ask(*mock, "in-band", kStream);
  CHECK(has(in_band, R"(data: {"error":{"message":"boom")"));
  CHECK_FALSE(has(in_band, "finish_reason\":\"stop"));
  const std::string endless = ask(*mock, "no finish", kStream);
  CHECK_FALSE(has(endless, "\"stop\""));
  CHECK_FALSE(has(endless, "[DONE]"));
  CHECK(has(ask(*mock, "html"), "content-type: text/html"));
  CHECK(has(ask(*mock, "shape"), R"({"choices": []})"));
}

TEST_CASE("A request that makes no sense is refused in OpenAI's form", "[mock]") {
  const auto mock = mock_of(R"({"api_key": "sk-test", "models": ["gpt-4"]})");
  const std::string key = "authorization: Bearer sk-test\r\n";
  CHECK(has(exchange(*mock, "POST /v1/chat/completions", "{}"), "HTTP/1.1 401"));
  CHECK(has(exchange(*mock, "POST /v1/chat/completions", "{", key), "HTTP/1.1 400"));
  CHECK(has(exchange(*mock, "GET /v1/chat/completions", "", key), "HTTP/1.1 405"));
  CHECK(has(exchange(*mock, "POST /v1/completions", "{}", key), "HTTP/1.1 404"));
  const std::string unknown = exchange(*mock, "POST /v1/chat/completions",
                                       R"({"model":"gpt-5","messages":[{"role":"user","content":"a"}]})", key);
  CHECK(has(unknown, "HTTP/1.1 404"));
  CHECK(has(unknown, "model_not_found"));
}

TEST_CASE("Requests are counted by the Idempotency-Key that they bring", "[mock]") {
  const auto mock = mock_of();
  const std::string body = R"({"model":"a","messages":[{"role":"user","content":"hello"}]})";
  for (const char* key : {"idempotency-key: one\r\n", "", "Idempotency-Key: two\r\n", "idempotency-key: one\r\n"}) {
    exchange(*mock, "POST /v1/chat/completions", body, key);
  }
  const auto document = JsonDocument::parse(mock->stats_json()).value();
  const auto keys = document->root()["idempotency_keys"];
  CHECK(keys["distinct"].integer() == 2);
  CHECK(keys["repeated"].size() == 1);
  CHECK(keys["repeated"]["one"].integer() == 2);
  const auto last = document->root()["last_requests"];
  CHECK(last.at(0)["idempotency_key"].string() == "one");
  CHECK_FALSE(last.at(1)["idempotency_key"]);
}

TEST_CASE("Models, health and statistics can be asked for", "[mock]") {
  const auto mock = mock_of(R"({"models": ["a", "b"], "rules": [{"model": "a", "status": 503}]})");
  CHECK(has(exchange(*mock, "GET /v1/models"), R"("object":"list","data":[{"id":"a","object":"model")"));
  CHECK(has(exchange(*mock, "GET /v1/models/b"), R"("id":"b")"));
  CHECK(has(exchange(*mock, "GET /v1/models/c"), "HTTP/1.1 404"));
  CHECK(has(exchange(*mock, "GET /health"), R"({"status":"ok"})"));
  exchange(*mock, "POST /v1/chat/completions", R"({"model":"a","messages":[{"role":"user","content":"hello"}]})");
  CHECK(mock->requests() == 1);
  const auto document = JsonDocument::parse(body_of(exchange(*mock, "GET /mock/stats"))).value();
  const auto stats = document->root();
  CHECK(stats["by_model"]["a"]["503"].integer() == 1);
  CHECK(stats["last_requests"].at(0)["prompt"].string() == "hello");
  CHECK(stats["last_requests"].at(0)["rule"].integer() == 0);
  CHECK(stats["in_flight"].integer() == 0);
  CHECK(stats["max_in_flight"].integer() == 1);
}

TEST_CASE("Requests wait for their answers side by side, on one thread", "[mock]") {
  constexpr int kRequests = 200;
  const auto mock = mock_of(R"({"defaults": {"latency_ms": 300}})");
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"hi"}]})";
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < kRequests; ++i) {
    peers.push_back(std::make_unique<RawPeer>(port_of(*mock)));
    peers.back()->say("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: " +
                      std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  for (const auto& peer : peers) CHECK(has(peer->hear_all(), "HTTP/1.1 200"));
  const auto document = JsonDocument::parse(mock->stats_json()).value();
  CHECK(document->root()["requests"].integer() == kRequests);
  CHECK(document->root()["max_in_flight"].integer().value() > 1);
}

TEST_CASE("A script with mistakes, or an address that is taken, is an error", "[mock]") {
  MockLlm::Options options;
  options.script = R"({"rule": []})";
  options.script_name = "s.json";
  const auto wrong = MockLlm::start(options);
  REQUIRE_FALSE(wrong.ok());
  CHECK(has(to_string(wrong.error()), "s.json"));
  CHECK(has(to_string(wrong.error()), "rules"));

  const auto mock = mock_of();
  MockLlm::Options taken;
  taken.listen = "127.0.0.1:" + std::to_string(port_of(*mock));
  CHECK_FALSE(MockLlm::start(taken).ok());
}
