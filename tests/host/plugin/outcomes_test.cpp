// The codes that an attempt can end with, one to one with what the engine is told.

#include <catch2/catch.hpp>
#include <leeward/ext/input.h>

#include "host/plugin/extensions.hpp"
#include "host/plugin/host_buffers.hpp"
#include "tests/host/plugin/played_task.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

struct Row {
  lw_code code;
  OutcomeKind kind;
  const char* silent;  ///< the error's code when the operator says nothing
  bool retryable;
};

const Row kRows[] = {
    {LW_SKIP, OutcomeKind::skipped, "task.skipped", false},
    {LW_RETRY, OutcomeKind::retry, "task.failed", true},
    {LW_FAIL, OutcomeKind::failed, "task.failed", false},
    {LW_RESCHEDULE, OutcomeKind::reschedule, "task.rescheduled", false},
    {LW_CANCELLED, OutcomeKind::canceled, "task.canceled", false},
    {LW_DEFERRED, OutcomeKind::failed, "plugin.not_held", false},
    {LW_NOT_FOUND, OutcomeKind::failed, "plugin.bad_outcome", false},
    {LW_AGAIN, OutcomeKind::failed, "plugin.bad_outcome", false},
    {LW_DENIED, OutcomeKind::failed, "plugin.bad_outcome", false},
    {LW_INVALID, OutcomeKind::failed, "plugin.bad_outcome", false},
    {7, OutcomeKind::failed, "plugin.bad_outcome", false},
    {-1, OutcomeKind::failed, "plugin.bad_outcome", false},
};

const std::string kDetails = R"({"limit":60})";
const lw_error kError{
    sizeof(lw_error), 429, 1500, {"shop.closed", 11}, {"come back later", 15}, {kDetails.data(), kDetails.size()}};

}  // namespace

TEST_CASE("Each code that execute() returns is one outcome, with an error that says why", "[host][plugin]") {
  for (const Row& row : kRows) {
    INFO("code " << row.code);
    Played p;
    p.task->returned(row.code);
    const TaskOutcome outcome = p.attempt->wait();
    CHECK(outcome.kind == row.kind);
    REQUIRE(outcome.error);
    CHECK(outcome.error->code == row.silent);
    CHECK_FALSE(outcome.error->message.empty());
    CHECK(outcome.error->retryable == row.retryable);
    CHECK_FALSE(outcome.retry_after);
  }
}

TEST_CASE("Each code that complete() is given is the same outcome", "[host][plugin]") {
  for (const Row& row : kRows) {
    if (row.code == LW_DEFERRED) continue;
    INFO("code " << row.code);
    Played p;
    p.api->hold(p.c);
    p.task->returned(LW_DEFERRED);
    p.api->complete(p.c, row.code);
    const TaskOutcome outcome = p.attempt->wait();
    CHECK(outcome.kind == row.kind);
    CHECK(outcome.error->code == row.silent);
  }
}

TEST_CASE("What the operator says of its end reaches the outcome whole", "[host][plugin]") {
  for (const Row& row : {kRows[0], kRows[1], kRows[2], kRows[3], kRows[4]}) {
    INFO("code " << row.code);
    Played p;
    p.api->set_error(p.c, &kError);
    p.task->returned(row.code);
    const TaskOutcome outcome = p.attempt->wait();
    CHECK(outcome.kind == row.kind);
    REQUIRE(outcome.error);
    CHECK(outcome.error->code == "shop.closed");
    CHECK(outcome.error->message == "come back later");
    CHECK(outcome.error->http_status == 429);
    CHECK(outcome.error->details == kDetails);
    CHECK(outcome.error->retryable == row.retryable);
    CHECK(outcome.retry_after == std::chrono::milliseconds{1500});
  }
}

TEST_CASE("Success carries its value and no error, whatever was noted before", "[host][plugin]") {
  Played p;
  p.api->set_error(p.c, &kError);
  p.set_result("[1]");
  p.task->returned(LW_OK);
  const TaskOutcome outcome = p.attempt->wait();
  CHECK(outcome.kind == OutcomeKind::success);
  CHECK(outcome.value.json() == "[1]");
  CHECK_FALSE(outcome.error);
  CHECK_FALSE(outcome.retry_after);
}

TEST_CASE("LW_RESCHEDULE after ask() awaits input", "[host][plugin]") {
  Played p;
  REQUIRE(kInputService.ask(p.c, lend(R"({"subject": "Go on?"})")) == LW_OK);
  p.task->returned(LW_RESCHEDULE);
  CHECK(p.attempt->wait().kind == OutcomeKind::awaiting_input);
}

TEST_CASE("LW_DEFERRED tells the attempt that it holds no thread, before anything else is known", "[host][plugin]") {
  Played p;
  p.api->hold(p.c);
  CHECK(p.attempt->deferrals() == 0);
  p.task->returned(LW_DEFERRED);
  CHECK(p.attempt->deferrals() == 1);
  CHECK_FALSE(p.attempt->ended());
  p.api->complete(p.c, LW_OK);
  CHECK(p.attempt->deferrals() == 1);
  CHECK(p.attempt->wait().kind == OutcomeKind::success);
}

TEST_CASE("A task that was completed before execute() returned was never deferred", "[host][plugin]") {
  Played p;
  p.api->hold(p.c);
  p.api->complete(p.c, LW_OK);
  p.task->returned(LW_DEFERRED);
  CHECK(p.attempt->deferrals() == 0);
  CHECK(p.attempt->wait().kind == OutcomeKind::success);

  Played not_held;
  not_held.task->returned(LW_DEFERRED);
  CHECK(not_held.attempt->deferrals() == 0);
}
