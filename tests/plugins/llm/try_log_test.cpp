#include "plugins/llm/try_log.hpp"

#include <catch2/catch.hpp>

#include "plugins/llm/json_text.hpp"

using llm::ErrorClass;
using llm::TryLog;

TEST_CASE("The error of a chain is its first model's, with a note of what else was tried", "[llm]") {
  TryLog log;
  log.add({0, "gpt-4", {ErrorClass::server_error, "boom", 500}, true, {}, 12});
  log.add({0, "gpt-4", {ErrorClass::rate_limited, "Rate limit reached", 429}, true, 90'000, 10});
  log.add({1, "gpt-3.5-turbo", {ErrorClass::unauthorized, "no", 401}, false, {}, 5});
  CHECK(log.original().error.error_class == ErrorClass::rate_limited);
  CHECK(log.message() ==
        "gpt-4: Rate limit reached (HTTP 429); asked 2 times; then gpt-3.5-turbo: llm.unauthorized (HTTP 401), asked "
        "once");
  const auto details = llm::Json::parse(log.details_json());
  REQUIRE(details["tries"].size() == 3);
  CHECK(details["tries"][1]["error"] == "llm.rate_limited");
  CHECK(details["tries"][2]["http_status"] == 401);
}

TEST_CASE("Another attempt helps if one model of the list failed in a way that passes", "[llm]") {
  TryLog log;
  log.add({0, "a", {ErrorClass::quota_exhausted, "", 429}, false, {}, 0});
  CHECK_FALSE(log.worth_another_attempt());
  log.add({1, "b", {ErrorClass::unavailable, "", 503}, true, {}, 0});
  CHECK(log.worth_another_attempt());
}

TEST_CASE("The server's wait becomes the task's delay, up to five minutes", "[llm]") {
  TryLog log;
  log.add({0, "a", {ErrorClass::rate_limited, "", 429}, true, {}, 0});
  CHECK(log.task_delay_ms() == -1);
  log.add({0, "a", {ErrorClass::rate_limited, "", 429}, true, 200'000, 0});
  CHECK(log.task_delay_ms() == 200'000);
  log.add({0, "a", {ErrorClass::rate_limited, "", 429}, true, 86'400'000, 0});
  CHECK(log.task_delay_ms() == 300'000);
}
