#include "plugins/llm/chat_stream.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using llm::ChatAnswer;
using llm::ErrorClass;

namespace {

std::string delta(const std::string& content) {
  return R"({"model":"m","choices":[{"index":0,"delta":)" + content + R"(,"finish_reason":null}]})";
}
const std::string kStop = R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";

ChatAnswer answer_of(const std::vector<std::string>& events, std::string* emitted = nullptr) {
  llm::ChatStream stream;
  for (const std::string& data : events) {
    const std::string text = stream.take({"", data});
    if (emitted != nullptr) *emitted += text;
  }
  ChatAnswer answer = stream.finish();
  llm::judge(answer, false);
  return answer;
}

}  // namespace

TEST_CASE("Deltas make the text, and each is handed on as it comes", "[llm]") {
  std::string emitted;
  const auto answer = answer_of({delta(R"({"role":"assistant","content":""})"), delta(R"({"content":"你"})"),
                                 delta(R"({"role":"assistant","content":"好"})"), kStop, "[DONE]"},
                                &emitted);
  REQUIRE_FALSE(answer.error);
  CHECK(answer.text == "你好");
  CHECK(emitted == "你好");
  CHECK(answer.finish_reason == "stop");
}

TEST_CASE("Usage counts wherever it stands, the last one wins", "[llm]") {
  const auto answer =
      answer_of({R"({"choices":[],"prompt_filter_results":[]})", delta(R"({"content":"A"})"),
                 R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}})",
                 R"({"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":3}})", "[DONE]"});
  REQUIRE_FALSE(answer.error);
  CHECK(answer.input_tokens() == 4);
  CHECK(answer.output_tokens() == 3);
}

TEST_CASE("A stream that simply stops is no answer", "[llm]") {
  const auto answer = answer_of({delta(R"({"content":"Hello"})")});
  REQUIRE(answer.error);
  CHECK(answer.error->error_class == ErrorClass::truncated);
  CHECK(answer.text == "Hello");
}

TEST_CASE("Either a finish_reason or [DONE] ends an answer", "[llm]") {
  CHECK_FALSE(answer_of({delta(R"({"content":"Hello"})"), kStop}).error);
  CHECK_FALSE(answer_of({delta(R"({"content":"Hello"})"), "[DONE]"}).error);
}

TEST_CASE("An error after the 200 is an error, and nothing after it counts", "[llm]") {
  std::string emitted;
  const auto answer = answer_of({delta(R"({"content":"Hel"})"), R"({"error":{"message":"queue full","code":429}})",
                                 delta(R"({"content":"lo"})"), kStop, "[DONE]"},
                                &emitted);
  REQUIRE(answer.error);
  CHECK(answer.error->error_class == ErrorClass::rate_limited);
  CHECK(emitted == "Hel");
}

TEST_CASE("A malformed event fails the answer rather than losing a piece of it", "[llm]") {
  for (const char* data :
       {"{bad", "[1]", "7", R"({"choices":"x"})", R"({"choices":[{"index":0,"delta":{"content":5}}]})"}) {
    INFO(data);
    const auto answer = answer_of({delta(R"({"content":"A"})"), data, kStop, "[DONE]"});
    REQUIRE(answer.error);
    CHECK(answer.error->error_class == ErrorClass::schema);
  }
}

TEST_CASE("Reasoning, other choices and unknown chunks stay out of the text", "[llm]") {
  const auto answer = answer_of({delta(R"({"reasoning_content":"think"})"), R"({"object":"new.kind","x":1})",
                                 R"({"choices":[{"index":1,"delta":{"content":"b"}}]})", delta(R"({"content":"ans"})"),
                                 kStop, "[DONE]"});
  REQUIRE_FALSE(answer.error);
  CHECK(answer.text == "ans");
  CHECK(answer.reasoning == "think");
}

TEST_CASE("A refusal in pieces is a refusal", "[llm]") {
  const auto answer =
      answer_of({delta(R"({"refusal":"I'm sorry"})"), delta(R"({"refusal":", no."})"), kStop, "[DONE]"});
  REQUIRE(answer.error);
  CHECK(answer.error->error_class == ErrorClass::refused);
  CHECK(answer.refusal == "I'm sorry, no.");
}

TEST_CASE("A body that is no event stream is not an empty answer", "[llm]") {
  CHECK(llm::ChatStream{}.finish().error->error_class == ErrorClass::schema);
}
