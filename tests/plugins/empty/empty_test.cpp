#include "tests/plugins/shipped.hpp"

TEST_CASE("empty succeeds with no value", "[empty]") {
  const auto done = run_shipped("empty", "empty", "{}");
  CHECK(done.code == LW_OK);
  CHECK(done.result == "null");
  CHECK(done.logs.empty());
}

TEST_CASE("echo returns its value unchanged", "[echo]") {
  const std::string value =
      GENERATE("null", "\"文字 \\u0000\"", R"({"a": [1, 2.50, {"b": null}]})", "12345678901234567890");
  const auto done = run_shipped("echo", "echo", R"({"value": )" + value + "}");
  CHECK(done.code == LW_OK);
  CHECK(done.result == value);
}

TEST_CASE("echo without a value says what is missing", "[echo]") {
  const auto done = run_shipped("echo", "echo", "{}");
  CHECK(done.code == LW_FAIL);
  CHECK_THAT(done.error.message, Catch::Contains("'value'"));
}
