#include <catch2/catch.hpp>
#include <leeward/testing/harness.hpp>

using namespace leeward::testing;

namespace {
const lw_plugin* plugin() { return lw_plugin_entry_v1(); }
}  // namespace

TEST_CASE("send() goes on with the answer", "[sdk]") {
  Harness harness(plugin());
  harness.script.http = {HttpAnswer::ok("hi")};
  const Result done = harness.run("test.fetches", R"({"url": "/models", "connection": "llm"})");
  INFO(done.explain());
  CHECK(done.result == "\"hi\"");
  CHECK(harness.script.requests.at(0).url == "/models");
  CHECK(harness.script.requests.at(0).connection == "llm");
  CHECK_FALSE(harness.script.requests.at(0).streams);
  CHECK(done.usage.at(0).model == "gpt-4");
  CHECK(done.usage.at(0).output_tokens == 5);
  CHECK(done.problems.empty());
}

TEST_CASE("A streamed answer arrives in pieces that may split a character", "[sdk]") {
  Harness harness(plugin());
  harness.script.http = {HttpAnswer::in_pieces({"总\xE7", "\xBB", "\x93!"})};
  const Result done = harness.run("test.fetches", R"({"streams": true})");
  CHECK(done.text() == "总结!");
  CHECK(done.emitted.size() == 2);
  CHECK(done.result == "\"\"");
  CHECK(done.problems.empty());
}

TEST_CASE("What a callback throws ends the task", "[sdk]") {
  Harness harness(plugin());
  harness.script.http = {HttpAnswer::with(429, "", R"({"retry-after": "20"})"),
                         HttpAnswer::in_pieces({"a", "boom", "b"})};
  const Result limited = harness.run("test.fetches");
  CHECK(limited.code == LW_RETRY);
  CHECK(limited.error.retry_after_ms == 20000);
  const Result chunk = harness.run("test.fetches", R"({"streams": true})");
  CHECK(chunk.code == LW_FAIL);
  CHECK(chunk.error.type == "test.chunk");
  CHECK(chunk.text() == "a");
  const Result timer = harness.run("test.waits", R"({"throws": true})");
  CHECK(timer.code == LW_RETRY);
  CHECK(timer.error.type == "test.thrown");
  CHECK((limited.problems.empty() && chunk.problems.empty() && timer.problems.empty()));
}

TEST_CASE("An answer that breaks off is an error, never a success", "[sdk]") {
  Harness harness(plugin());
  harness.script.http = {HttpAnswer::broken("http.truncated", {"half an ans"})};
  const Result done = harness.run("test.fetches", R"({"streams": true})");
  CHECK(done.code == LW_RETRY);
  CHECK(done.error.type == "http.truncated");
}

TEST_CASE("A request that cannot be sent fails the task with the reason", "[sdk]") {
  Harness harness(plugin());
  harness.script.http = {HttpAnswer::no_such_connection()};
  CHECK(harness.run("test.fetches").error.message == "there is no connection 'web'");
  CHECK(harness.run("test.fetches", R"({"headers": "[]"})").error.type == "http.invalid");
  harness.script.missing_extensions = {LW_EXT_HTTP};
  const Result done = harness.run("test.fetches");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.message == "this host offers no HTTP client (leeward.http/1)");
  CHECK(done.problems.empty());
}

TEST_CASE("A request that hangs ends with the cancelled task", "[sdk]") {
  Harness harness(plugin());
  harness.script.http = {HttpAnswer::silence()};
  harness.start("test.fetches");
  harness.advance(1000000);
  CHECK_FALSE(harness.is_over());
  harness.cancel();
  const Result done = harness.finish();
  CHECK(done.code == LW_CANCELLED);
  CHECK(done.problems.empty());
}

TEST_CASE("after() waits on the virtual clock, as often as it is asked", "[sdk]") {
  Harness harness(plugin());
  harness.start("test.waits", R"({"ms": 1000, "times": 3})");
  harness.advance(2999);
  CHECK_FALSE(harness.is_over());
  harness.advance(1);
  CHECK(harness.is_over());
  const Result done = harness.finish();
  CHECK(done.result == "\"awake\"");
  CHECK(done.virtual_ms == 3000);
  CHECK(harness.run("test.waits", R"({"ms": 86400000})").virtual_ms == 86400000);  // a day, and nobody waited
}

TEST_CASE("A wait ends at once when the task is cancelled", "[sdk]") {
  Harness harness(plugin());
  harness.start("test.waits");
  harness.cancel();
  const Result done = harness.finish();
  CHECK(done.code == LW_CANCELLED);
  CHECK(done.virtual_ms == 0);
  CHECK(done.problems.empty());
}

TEST_CASE("call() goes on with what a scripted callee answers", "[sdk]") {
  Harness harness(plugin());
  harness.script.callee("llm", CallAnswer::ok(R"("a summary")"));
  const Result done = harness.run("test.calls", R"({"name": "llm", "args": {"prompt": "x"}})");
  CHECK(done.result == R"("a summary")");
  CHECK(harness.script.calls.at(0).params_json == R"({"prompt": "x"})");
  CHECK(done.problems.empty());
  harness.script.callee("llm", CallAnswer::failed(LW_RETRY, "llm.rate_limited", "slow down"));
  const Result failed = harness.run("test.calls", R"({"name": "llm", "args": {}})");
  CHECK(failed.code == LW_RETRY);
  CHECK(failed.error.type == "llm.rate_limited");
}

TEST_CASE("call() reaches real operators and callables, each by its own kind of name", "[sdk]") {
  Harness harness(plugin());
  harness.script.callee_plugins = {plugin()};
  CHECK(harness.run("test.calls", R"({"name": "test.double", "args": {"n": 21}, "callable": true})").result == "42");
  const Result wrong_kind = harness.run("test.calls", R"({"name": "test.double", "args": {"n": 21}})");
  CHECK(wrong_kind.error.message == "there is no operator or callable 'test.double'");
  const Result nested = harness.run("test.calls", R"({"name": "test.waits", "args": {"ms": 50}})");
  CHECK(nested.result == "\"awake\"");
  CHECK(nested.virtual_ms == 50);
  const Result failing = harness.run("test.calls", R"({"name": "test.ends", "args": {"how": "retry"}})");
  CHECK(failing.code == LW_RETRY);
  CHECK(failing.error.retry_after_ms == 20000);
  CHECK((wrong_kind.problems.empty() && nested.problems.empty() && failing.problems.empty()));
}

TEST_CASE("Conditions and templates are the host's, and so are their errors", "[sdk]") {
  Harness harness(plugin());
  const Result done = harness.run("test.renders", R"({"if": {"value": 1, "equals": 1}, "template": "Hi {who.name}!",
                                                      "variables": {"who": {"name": "Ada"}}})");
  CHECK(done.result == R"("Hi Ada!")");
  CHECK(done.problems.empty());
  const Result missing =
      harness.run("test.renders", R"({"if": {"value": 1, "equals": 1}, "template": "Hi {you}!", "variables": {}})");
  CHECK(missing.code == LW_FAIL);
  CHECK(missing.error.message == "template: no variable 'you'");
  harness.script.on_condition = [](std::string_view) { return false; };
  CHECK(harness.run("test.renders", R"({"if": {}, "template": "", "variables": {}})").result == "null");
}
