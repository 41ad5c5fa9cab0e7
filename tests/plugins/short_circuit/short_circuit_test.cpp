#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;

namespace {
Result decide(const std::string& params) { return run_shipped("short_circuit", "short_circuit", params); }
}  // namespace

TEST_CASE("short_circuit skips what follows a value that is false in Python", "[short_circuit]") {
  const auto value =
      GENERATE(as<std::string>{}, "null", "false", "0", "0.0", "-0", "0e9", R"("")", "[]", "[ ]", "{}", "{ }");
  const Result done = decide(R"({"value": )" + value + "}");
  INFO(value);
  CHECK(done.code == LW_OK);
  CHECK(done.skipped_downstream == LW_DOWNSTREAM_ALL);
  CHECK(done.result == value);
}

TEST_CASE("short_circuit goes on with a value that is true in Python", "[short_circuit]") {
  const auto value = GENERATE(as<std::string>{}, "true", "1", "-1", "0.1", "1e-9", R"("0")", R"("false")", R"(" ")",
                              "[0]", "[[]]", R"({"a": null})");
  const Result done = decide(R"({"value": )" + value + "}");
  INFO(value);
  CHECK(done.code == LW_OK);
  CHECK(done.skipped_downstream == LW_DOWNSTREAM_NONE);
  CHECK(done.result == value);
}

TEST_CASE("short_circuit goes by a condition, which is its result", "[short_circuit]") {
  const Result holds = decide(R"({"condition": {"value": 1, "equals": 1}})");
  CHECK(holds.skipped_downstream == LW_DOWNSTREAM_NONE);
  CHECK(holds.result == "true");
  const Result fails = decide(R"({"condition": {"value": 1, "equals": 2}})");
  CHECK(fails.skipped_downstream == LW_DOWNSTREAM_ALL);
  CHECK(fails.result == "false");
}

TEST_CASE("short_circuit skips only the tasks directly downstream if it is told so", "[short_circuit]") {
  CHECK(decide(R"({"value": 0, "ignore_downstream_trigger_rules": false})").skipped_downstream == LW_DOWNSTREAM_DIRECT);
  CHECK(decide(R"({"value": 1, "ignore_downstream_trigger_rules": false})").skipped_downstream == LW_DOWNSTREAM_NONE);
}

TEST_CASE("short_circuit ends with the host's word on a condition that cannot be decided", "[short_circuit]") {
  Harness harness(shipped("short_circuit"));
  harness.script.on_condition = [](std::string_view) -> bool { throw std::runtime_error("a number and a list"); };
  const Result done = harness.run("short_circuit", R"({"condition": {}})");
  CHECK(done.code == LW_FAIL);
  CHECK(done.skipped_downstream == LW_DOWNSTREAM_NONE);
  CHECK_THAT(done.error.message, Catch::Contains("a number and a list"));
}

TEST_CASE("short_circuit says which service a host lacks", "[short_circuit]") {
  Harness harness(shipped("short_circuit"));
  harness.script.missing_extensions = {LW_EXT_FLOW};
  const Result done = harness.run("short_circuit", R"({"value": 0})");
  CHECK(done.code == LW_FAIL);
  CHECK_THAT(done.error.message, Catch::Contains(LW_EXT_FLOW));
}
