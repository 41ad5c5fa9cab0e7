#include "plugins/llm/chat_response.hpp"

#include <string>

#include <catch2/catch.hpp>

using llm::ChatAnswer;
using llm::ErrorClass;

namespace {

ChatAnswer judged(const std::string& body, bool structured = false) {
  ChatAnswer answer = llm::read_chat_response(body);
  llm::judge(answer, structured);
  return answer;
}

std::string with_message(const std::string& message, const std::string& finish_reason = "stop") {
  return R"({"id":"c","model":"gpt-4-0613","choices":[{"index":0,"message":)" + message + R"(,"finish_reason":")" +
         finish_reason + R"("}],"usage":{"prompt_tokens":3,"completion_tokens":5}})";
}

}  // namespace

TEST_CASE("A whole answer gives its text, model and usage", "[llm]") {
  const auto answer = judged(with_message(R"({"role":"assistant","content":"你好"})"));
  REQUIRE_FALSE(answer.error);
  CHECK(answer.text == "你好");
  CHECK(answer.model == "gpt-4-0613");
  CHECK(answer.input_tokens() == 3);
  CHECK(answer.output_tokens() == 5);
}

TEST_CASE("Empty text is an answer, missing text is none", "[llm]") {
  CHECK_FALSE(judged(with_message(R"({"content":""})")).error);
  const auto null_content = judged(with_message(R"({"content":null})"));
  REQUIRE(null_content.error);
  CHECK(null_content.error->error_class == ErrorClass::schema);
  CHECK(null_content.error->message.find("/choices/0/message/content") == 0);
}

TEST_CASE("Parts of text are joined, whatever else stands between them", "[llm]") {
  CHECK(judged(with_message(R"({"content":[{"type":"text","text":"a"},{"type":"image"},{"type":"text","text":"b"}]})"))
            .text == "ab");
}

TEST_CASE("An answer of the wrong shape names the place", "[llm]") {
  const auto [body, pointer] = GENERATE(table<std::string, std::string>({
      {R"({"choices":"x"})", "/choices: expected an array, found string"},
      {R"({"choices":[]})", "/choices: the array is empty"},
      {R"({"id":1})", "/choices: expected an array, found nothing"},
      {R"({"choices":[7]})", "/choices/0/message: expected an object, found nothing"},
      {R"({"choices":[{"message":{"content":7}}]})", "/choices/0/message/content: expected a string, found number"},
      {R"([1])", "expected an object, found array"},
      {"<html>", "the answer is not JSON: <html>"},
      {"", "the answer is not JSON: "},
  }));
  const auto answer = judged(body);
  REQUIRE(answer.error);
  CHECK(answer.error->error_class == ErrorClass::schema);
  CHECK(answer.error->message == pointer);
}

TEST_CASE("An answer nested deeper than any parser likes is refused", "[llm]") {
  CHECK(judged(std::string(200'000, '[')).error->error_class == ErrorClass::schema);
}

TEST_CASE("Refused, filtered and cut answers are told apart", "[llm]") {
  CHECK(judged(with_message(R"({"content":null,"refusal":"I can't."})")).error->error_class == ErrorClass::refused);
  CHECK(judged(with_message(R"({"content":"hal"})", "content_filter")).error->error_class ==
        ErrorClass::content_filtered);
  CHECK(judged(with_message(R"({"content":""})", "length")).error->error_class == ErrorClass::output_truncated);
  CHECK(judged(with_message(R"({"content":"{\"a\":"})", "length"), true).error->error_class ==
        ErrorClass::output_truncated);
  CHECK_FALSE(judged(with_message(R"({"content":"a long tex"})", "length")).error);
}

TEST_CASE("A tool call is no text, whatever the finish_reason says", "[llm]") {
  const auto answer =
      judged(with_message(R"({"content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]})"));
  REQUIRE(answer.error);
  CHECK(answer.error->message.find("tool") != std::string::npos);
}

TEST_CASE("An error object inside a 200 is that error", "[llm]") {
  CHECK(judged(R"({"error":{"message":"busy","code":429}})").error->error_class == ErrorClass::rate_limited);
}
