#include <catch2/catch.hpp>
#include <leeward/testing/harness.hpp>

using namespace leeward::testing;

namespace {
const lw_plugin* plugin() { return lw_plugin_entry_v1(); }
}  // namespace

TEST_CASE("skip_downstream() is part of a success, and of nothing else", "[sdk]") {
  Harness harness(plugin());
  CHECK(harness.run("test.shortens", R"({"which": 2})").skipped_downstream == LW_DOWNSTREAM_ALL);
  CHECK(harness.run("test.shortens", R"({"which": 1})").skipped_downstream == LW_DOWNSTREAM_DIRECT);
  const Result failed = harness.run("test.shortens", R"({"which": 2, "fails": true})");
  CHECK(failed.code == LW_FAIL);
  CHECK(failed.skipped_downstream == LW_DOWNSTREAM_NONE);
  const Result unknown = harness.run("test.shortens", R"({"which": 3})");
  CHECK(unknown.code == LW_FAIL);
  CHECK(unknown.error.type == "flow.invalid");
  CHECK(unknown.problems.empty());
}

TEST_CASE("An operator asks, and goes on with the answer", "[sdk]") {
  Harness harness(plugin());
  const std::string params = R"({"request": {"subject": "Ship?", "options": ["yes", "no"]}})";
  const Result asked = harness.run("test.asks", params);
  INFO(asked.explain());
  CHECK(asked.code == LW_RESCHEDULE);
  CHECK(asked.asked == R"({"subject": "Ship?", "options": ["yes", "no"]})");
  CHECK(asked.problems.empty());
  harness.script.input_answer = R"({"chosen_options": ["yes"]})";
  const Result answered = harness.run("test.asks", params);
  CHECK(answered.code == LW_OK);
  CHECK(answered.result == R"({"chosen_options": ["yes"]})");
  CHECK(answered.asked.empty());
  CHECK(answered.problems.empty());
}

TEST_CASE("A request that is none fails the task with the host's words", "[sdk]") {
  for (const std::string request : {"7", R"({"topic": "x"})"}) {
    const Result done = run(plugin(), "test.asks", R"({"request": )" + request + "}");
    CHECK(done.code == LW_FAIL);
    CHECK(done.error.type == "input.request");
    CHECK(done.asked.empty());
  }
}

TEST_CASE("Only a task of its own asks and skips, not an operator that another one calls", "[sdk]") {
  Harness harness(plugin());
  harness.script.callee_plugins = {plugin()};
  const Result asks = harness.run("test.calls", R"({"name": "test.asks", "args": {"request": {}}})");
  CHECK(asks.error.type == "input.denied");
  CHECK(asks.asked.empty());
  const Result skips = harness.run("test.calls", R"({"name": "test.shortens", "args": {"which": 2}})");
  CHECK(skips.error.type == "flow.denied");
  CHECK(skips.skipped_downstream == LW_DOWNSTREAM_NONE);
}

TEST_CASE("A sensor knows how long and how often it has been looking", "[sdk]") {
  Harness harness(plugin());
  CHECK(harness.run("test.looks").result == "[0,0]");
  harness.script.waited_ms = 90000;
  harness.script.reschedules = 2;
  CHECK(harness.run("test.looks").result == "[90000,2]");
}

TEST_CASE("An operator says which of these services its host lacks", "[sdk]") {
  const auto [name, params, id] =
      GENERATE(table<const char*, const char*, const char*>({{"test.shortens", R"({"which": 1})", LW_EXT_FLOW},
                                                             {"test.asks", R"({"request": {}})", LW_EXT_INPUT},
                                                             {"test.looks", "{}", LW_EXT_WAIT}}));
  Harness harness(plugin());
  harness.script.missing_extensions = {id};
  const Result done = harness.run(name, params);
  CHECK(done.code == LW_FAIL);
  CHECK_THAT(done.error.message, Catch::Contains(id));
}
