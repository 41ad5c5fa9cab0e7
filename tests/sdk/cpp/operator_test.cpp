#include <catch2/catch.hpp>
#include <leeward/testing/harness.hpp>

using namespace leeward::testing;

namespace {

const lw_plugin* plugin() { return lw_plugin_entry_v1(); }

/// Runs "test.ends" with one way to end.
Result ends(const std::string& how) {
  return run(plugin(), "test.ends", R"({"how": )" + leeward::sdk::quote(how) + "}");
}

}  // namespace

TEST_CASE("LW_PLUGIN describes the plugin and its operators", "[sdk]") {
  CHECK(plugin()->size == sizeof(lw_plugin));
  CHECK(plugin()->abi_version == LW_ABI_VERSION);
  CHECK(plugin()->abi_needs == LW_ABI_MAJOR << 16);
  CHECK(std::string(plugin()->name) == "test");
  CHECK(std::string(plugin()->license) == "MIT");
  const lw_operator* echo = find_operator(plugin(), "test.echo");
  REQUIRE(echo);
  CHECK(echo->flags == (LW_OP_PURE | LW_OP_CONCURRENT));
  CHECK(std::string(echo->version) == "2.0.0");
  const lw_operator* callable = find_operator(plugin(), "test.double");
  REQUIRE(callable);
  CHECK(callable->flags == (LW_OP_CALLABLE | LW_OP_CONCURRENT));
  CHECK(std::string(callable->version) == "1.2.3");  // the plugin's
}

TEST_CASE("A parameter passes through as it is", "[sdk]") {
  const Result done = run(plugin(), "test.echo", R"({"value": {"名": [1, null, "😀"]}})");
  CHECK(done.code == LW_OK);
  CHECK(done.result == R"({"名": [1, null, "😀"]})");
  CHECK(done.problems.empty());
}

TEST_CASE("param<string> decodes escapes and surrogates, and the result is UTF-8", "[sdk]") {
  const Result done = run(plugin(), "test.text", R"({"value": "中\u4e2d \ud83d\ude00 \"q\" \\ \n \ud83d"})");
  CHECK(done.result == "\"中中 😀 \\\"q\\\" \\\\ \\n \uFFFD\"");
  CHECK(done.problems.empty());
}

TEST_CASE("A parameter that is missing or of another type is named in the error", "[sdk]") {
  const Result missing = run(plugin(), "test.text");
  CHECK(missing.code == LW_FAIL);
  CHECK(missing.error.type == "missing_parameter");
  CHECK(missing.error.message == "parameter 'value' is missing");
  const Result wrong = run(plugin(), "test.text", R"({"value": [1, 2]})");
  CHECK(wrong.code == LW_FAIL);
  CHECK(wrong.error.message == "parameter 'value': expected a string, got [1, 2]");
  CHECK(run(plugin(), "test.number", R"({"value": "7"})").error.message ==
        "parameter 'value': expected an integer in range, got \"7\"");
  CHECK(run(plugin(), "test.number").result == "7");  // its default
}

TEST_CASE("A task can be asked for facts, context and connections", "[sdk]") {
  Harness harness(plugin());
  harness.script.context["greeting"] = R"("hello")";
  harness.script.connections["web"] = R"({"type":"http"})";
  harness.script.info["task_id"] = "reader";
  const Result done = harness.run("test.reads", R"({"connection": "web"})");
  CHECK(done.result == R"(["reader","","hello","{\"type\":\"http\"}"])");
  CHECK(done.logged("reading"));
  CHECK(done.problems.empty());
  const Result missing = harness.run("test.reads", R"({"connection": "db"})");
  CHECK(missing.error.message == "there is no connection 'db'");
}

TEST_CASE("Whatever an operator throws becomes the outcome of the attempt", "[sdk]") {
  const Result standard = ends("std");
  CHECK(standard.code == LW_RETRY);
  CHECK(standard.error.type == "unhandled_exception");
  CHECK(standard.error.message == "broken \uFFFD pipe");
  CHECK(ends("int").code == LW_RETRY);
  const Result failed = ends("fail");
  CHECK(failed.code == LW_FAIL);
  CHECK(failed.error.details_json == R"({"why": "because"})");
  const Result busy = ends("retry");
  CHECK(busy.code == LW_RETRY);
  CHECK(busy.error.type == "test.busy");
  CHECK(busy.error.http_status == 429);
  CHECK(busy.error.retry_after_ms == 20000);
  CHECK(ends("skip").code == LW_SKIP);
  CHECK(ends("reschedule").code == LW_RESCHEDULE);
  CHECK(ends("reschedule").error.retry_after_ms == 60000);
  CHECK(ends("nan").error.type == "bad_value");
  for (const char* how : {"std", "int", "fail", "retry", "skip", "reschedule", "nan"})
    CHECK(ends(how).problems.empty());
}

TEST_CASE("An operator may refuse its settings, and says why", "[sdk]") {
  Harness harness(plugin());
  const Result refused = harness.run("test.picky");
  CHECK(refused.code == LW_FAIL);
  CHECK(refused.error.message == "settings: 'ok' is missing");
  harness.script.settings["test.picky"] = R"({"ok": true})";
  CHECK(harness.run("test.picky").code == LW_OK);
}

TEST_CASE("branch() hands the chosen ids to the host", "[sdk]") {
  const Result done = run(plugin(), "test.chooses", R"({"ids": ["a", "b"]})");
  CHECK(done.code == LW_OK);
  CHECK(done.branch == std::vector<std::string>{"a", "b"});
  CHECK(done.problems.empty());
}

TEST_CASE("emit() is repeated for as long as the host has no room", "[sdk]") {
  Harness harness(plugin());
  harness.script.refuse_emits = 2;
  const Result done = harness.run("test.streams", R"({"pieces": ["one ", "two"]})");
  CHECK(done.text() == "one two");
  CHECK(done.logs.size() == 2);
}

TEST_CASE("progress() ends an operator that the host has cancelled", "[sdk]") {
  Harness harness(plugin());
  harness.script.on_progress = [&](double, std::string_view) { harness.cancel(); };
  const Result done = harness.run("test.ends", R"({"how": "cancelled"})");
  CHECK(done.code == LW_CANCELLED);
  CHECK(done.progress.at(0).note == "half way");
  CHECK(done.problems.empty());
}

TEST_CASE("A cancel callback wakes an operator that blocks its thread", "[sdk]") {
  Harness harness(plugin());
  std::thread host;
  harness.script.on_emit = [&](std::string_view, std::string_view) { host = std::thread([&] { harness.cancel(); }); };
  const Result done = harness.run("test.blocks");
  host.join();
  CHECK(done.code == LW_CANCELLED);
  CHECK(done.problems.empty());
}
