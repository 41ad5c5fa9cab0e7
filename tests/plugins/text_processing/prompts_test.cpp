#include "plugins/text_processing/prompts.hpp"

#include <catch2/catch.hpp>

using text_processing::Json;
using text_processing::prompt_for;

TEST_CASE("The three operations have the prompts of the seed", "[text_processing]") {
  CHECK(prompt_for("summarize", {}) == "请用100字以内总结以下内容:\n{text}");
  CHECK(prompt_for("translate", {}) == "将以下内容翻译成英文:\n{text}");
  CHECK(prompt_for("analyze", {}) == "分析以下内容的关键要点:\n{text}");
}

TEST_CASE("The author's table goes first, null stands for the plain prompt", "[text_processing]") {
  const Json table = {{"summarize", "Short: {text}"}, {"polish", nullptr}};
  CHECK(prompt_for("summarize", table) == "Short: {text}");
  CHECK(prompt_for("polish", table) == "处理文本:{text}");
  CHECK(prompt_for("translate", table) == "将以下内容翻译成英文:\n{text}");
}

TEST_CASE("An operation that nobody described has a prompt only if the author gave a default", "[text_processing]") {
  CHECK_FALSE(prompt_for("polish", {}).has_value());
  CHECK_FALSE(prompt_for("polish", Json{{"other", "x"}}).has_value());
  CHECK(prompt_for("polish", Json{{"default", nullptr}}) == "处理文本:{text}");
  CHECK(prompt_for("polish", Json{{"default", "{operation}: {text}"}}) == "{operation}: {text}");
  CHECK(text_processing::known_operations(Json{{"polish", "x"}}) == "summarize, translate, analyze, polish");
}

TEST_CASE("llm is given what is meant for it, and no temperature of its own", "[text_processing]") {
  const Json given = Json::parse(text_processing::llm_params(
      "p",
      Json{{"operation", "summarize"}, {"text", "t"}, {"models", {"a", "b"}}, {"connection", "c"}, {"max_tokens", 7}}));
  CHECK(
      given ==
      Json{{"prompt", "p"}, {"temperature", nullptr}, {"max_tokens", 7}, {"models", {"a", "b"}}, {"connection", "c"}});
}
