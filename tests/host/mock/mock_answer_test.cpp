#include "host/mock/mock_answer.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using leeward::mock_answer;

TEST_CASE("An unscripted answer is the material behind the instruction", "[mock]") {
  CHECK(mock_answer("总结以下文章: 人工智能正在快速发展...") == "人工智能正在快速发展...");
  CHECK(mock_answer("请用100字以内总结以下内容:\n大语言模型。改变了开发方式。") == "大语言模型。改变了开发方式。");
  CHECK(mock_answer("Translate this text\nGood morning.") == "Good morning.");
  CHECK(mock_answer("Say hello") == "Say hello");
  CHECK(mock_answer("Say hello:") == "Say hello:");
  CHECK_FALSE(mock_answer("").empty());
}

TEST_CASE("A long answer ends with a sentence, a word without end is cut", "[mock]") {
  const std::string sentence = "Eine Zeile mit sechsunddreißig Zeichen. ";
  std::string text;
  for (int i = 0; i < 20; ++i) text += sentence;
  CHECK(mock_answer("Short: " + text) ==
        "Eine Zeile mit sechsunddreißig Zeichen. Eine Zeile mit sechsunddreißig Zeichen.");
  std::string endless;
  for (int i = 0; i < 500; ++i) endless += "字";
  std::string cut;
  for (int i = 0; i < 200; ++i) cut += "字";
  CHECK(mock_answer(endless) == cut + "…");
}

TEST_CASE("Tokens are four ASCII characters or one of another script", "[mock]") {
  CHECK(leeward::mock_tokens("") == 0);
  CHECK(leeward::mock_tokens("abcde") == 2);
  CHECK(leeward::mock_tokens("你好") == 2);
  CHECK(leeward::mock_tokens("你a好") == 3);
  CHECK(leeward::mock_cut("你好吗", 2) == "你好");
  CHECK(leeward::mock_cut("abcdefgh", 1) == "abcd");
  CHECK(leeward::mock_cut("ab", 9) == "ab");
}

TEST_CASE("Chunks are whole characters and make the text again", "[mock]") {
  CHECK(leeward::mock_chunks("你好ab吗", 2) == std::vector<std::string>{"你好", "ab", "吗"});
  CHECK(leeward::mock_chunks("", 2).empty());
}
