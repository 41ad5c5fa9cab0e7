#include "host/mock/mock_script.hpp"

#include <string>

#include <catch2/catch.hpp>

using leeward::Errors;
using leeward::MockReply;
using leeward::MockScript;

namespace {

MockScript script_of(const std::string& text) {
  Errors errors;
  auto script = MockScript::parse(text, "script.json", errors);
  for (const auto& error : errors) UNSCOPED_INFO(to_string(error));
  REQUIRE(script.ok());
  return *script;
}

Errors errors_of(const std::string& text) {
  Errors errors;
  CHECK_FALSE(MockScript::parse(text, "script.json", errors).ok());
  return errors;
}

}  // namespace

TEST_CASE("The first rule that fits answers", "[mock]") {
  auto script =
      script_of(R"({"rules": [{"model": "gpt-4", "contains": "总结", "text": "a"}, {"contains": "总", "text": "b"},
                                        {"stream": true, "text": "c"}]})");
  CHECK(script.next("gpt-4", "总结: x", false).reply.text == "a");
  CHECK(script.next("gpt-3.5", "总结: x", false).reply.text == "b");
  CHECK(script.next("gpt-4", "x", true).reply.text == "c");
  const auto unscripted = script.next("gpt-4", "x", false);
  CHECK_FALSE(unscripted.rule.has_value());
  CHECK_FALSE(unscripted.reply.text.has_value());
}

TEST_CASE("A rule may answer some calls only, or so often", "[mock]") {
  auto script =
      script_of(R"({"rules": [{"call": [2, 4], "status": 500}, {"times": 1, "status": 429}, {"text": "ok"}]})");
  std::string statuses;
  for (int i = 0; i < 5; ++i) statuses += std::to_string(script.next("m", "p", false).reply.status) + " ";
  CHECK(statuses == "429 500 200 500 200 ");
}

TEST_CASE("Defaults hold for rules and for what no rule answers", "[mock]") {
  auto script = script_of(
      R"({"defaults": {"latency_ms": 50, "chunk_characters": 1}, "rules": [{"model": "a", "latency_ms": 7}]})");
  CHECK(script.next("a", "", false).reply.latency_ms == 7);
  CHECK(script.next("a", "", false).reply.chunk_characters == 1);
  CHECK(script.next("b", "", false).reply.latency_ms == 50);
}

TEST_CASE("Errors become OpenAI's error object, objects are sent as written", "[mock]") {
  auto script = script_of(
      R"({"rules": [{"call": 1, "status": 429, "error": "slow down", "retry_after": 2, "headers": {"x-a": "b"}},
                                        {"status": 400, "error": {"message": "m", "code": 7}}]})");
  const auto limited = script.next("m", "", false).reply;
  CHECK(limited.error_json ==
        R"({"error":{"message":"slow down","type":"rate_limit_error","param":null,"code":null}})");
  REQUIRE(limited.headers.size() == 2);
  CHECK(limited.headers[0].second == "2");
  CHECK(script.next("m", "", false).reply.error_json == R"({"error":{"message": "m", "code": 7}})");
}

TEST_CASE("Where an answer stops, it closes the connection unless it is told otherwise", "[mock]") {
  auto script = script_of(
      R"({"rules": [{"call": 1, "stop_after_chunks": 2}, {"call": 1, "stop_after_bytes": 9, "end": "cut"}, {"end": "hang"}]})");
  CHECK(script.next("m", "", true).reply.end == MockReply::End::close);
  CHECK(script.next("m", "", true).reply.end == MockReply::End::cut);
  CHECK(script.next("m", "", true).reply.end == MockReply::End::hang);
}

TEST_CASE("A mistake in a script is told with its place and the nearest guess, and all at once", "[mock]") {
  const Errors errors = errors_of("{\"rules\": [\n  {\"latency_m\": 5},\n  {\"status\": \"500\", \"end\": \"rest\"}]}");
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].where.line == 2);
  CHECK(errors[0].where.pointer.find("/rules/0") == 0);
  CHECK(errors[0].message.find("latency_ms") != std::string::npos);
  CHECK(errors[1].where.line == 3);
  CHECK(to_string(errors[2]).find("reset") != std::string::npos);
  CHECK(errors_of("{\"rules\": [").size() == 1);
  CHECK(errors_of("[]").size() == 1);
}
