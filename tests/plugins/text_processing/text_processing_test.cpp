#include <string>

#include <catch2/catch.hpp>
#include <leeward/testing/harness.hpp>
#include <nlohmann/json.hpp>

using leeward::testing::CallAnswer;
using leeward::testing::Harness;
using leeward::testing::HttpAnswer;
using leeward::testing::Result;
using Json = nlohmann::json;

namespace {

const lw_plugin* plugin(const char* name) {
  return leeward::testing::load(LEEWARD_BINARY_DIR "/lib/leeward/plugins/" + std::string{name} + ".so");
}

struct Fixture {
  Harness harness{plugin("text_processing")};
  Fixture() { harness.script.callee("llm", CallAnswer::ok(R"("done")")); }
  Json asked() const { return Json::parse(harness.script.calls.at(0).params_json); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "text_processing asks llm with the operation's prompt", "[text_processing]") {
  const Result done = harness.run("text_processing", R"({"operation": "translate", "text": "你好 {x}"})");
  INFO(done.explain());
  CHECK(done.code == LW_OK);
  CHECK(done.result == R"("done")");
  CHECK(asked()["prompt"] == "将以下内容翻译成英文:\n你好 {x}");
  CHECK(harness.script.calls[0].name == "llm");
  CHECK(done.problems.empty());
}

TEST_CASE_METHOD(Fixture, "The text can come from the context", "[text_processing]") {
  harness.script.context["article"] = R"("人工智能")";
  harness.run("text_processing", R"({"operation": "analyze", "input_key": "article"})");
  CHECK(asked()["prompt"] == "分析以下内容的关键要点:\n人工智能");
}

TEST_CASE_METHOD(Fixture, "What is not text goes into the prompt as JSON", "[text_processing]") {
  harness.run("text_processing", R"({"operation": "x", "prompts": {"x": "{text}"}, "text": {"a": [1, 2]}})");
  CHECK(Json::parse(asked()["prompt"].get<std::string>()) == Json{{"a", {1, 2}}});
}

TEST_CASE_METHOD(Fixture, "An operation without a prompt fails and names those that have one", "[text_processing]") {
  const Result done = harness.run("text_processing", R"({"operation": "polish", "text": "t"})");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "text_processing.unknown_operation");
  CHECK(done.error.message.find("summarize, translate, analyze") != std::string::npos);
  CHECK(harness.script.calls.empty());
}

TEST_CASE_METHOD(Fixture, "Nothing is no text", "[text_processing]") {
  CHECK(harness.run("text_processing", R"({"operation": "analyze", "text": null})").error.type ==
        "text_processing.no_text");
}

TEST_CASE_METHOD(Fixture, "The task fails as llm failed", "[text_processing]") {
  harness.script.callee("llm", CallAnswer::failed(LW_RETRY, "llm.rate_limited", "slow down"));
  const Result done = harness.run("text_processing", R"({"operation": "analyze", "text": "t"})");
  CHECK(done.code == LW_RETRY);
  CHECK(done.error.type == "llm.rate_limited");
  CHECK(done.error.message == "slow down");
}

TEST_CASE("text_processing works with the real llm, whose usage counts as the task's", "[text_processing]") {
  Harness harness{plugin("text_processing")};
  harness.script.callee_plugins = {plugin("llm")};
  harness.script.connections["llm_default"] = R"({"type": "openai"})";
  harness.script.http = {HttpAnswer::ok(R"({"choices":[{"message":{"content":"short"},"finish_reason":"stop"}]})")};
  const Result done = harness.run("text_processing", R"({"operation": "summarize", "text": "long"})");
  INFO(done.explain());
  CHECK(done.code == LW_OK);
  CHECK(done.result == R"("short")");
  CHECK(done.usage.size() == 1);
  const Json body = Json::parse(harness.script.requests.at(0).body);
  CHECK_FALSE(body.contains("temperature"));
  CHECK_FALSE(body.contains("max_tokens"));
  CHECK(done.problems.empty());
}
