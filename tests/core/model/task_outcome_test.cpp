#include "core/model/task_outcome.hpp"

#include <catch2/catch.hpp>

using namespace leeward;

TEST_CASE("A succeeded outcome carries its value and no error", "[model]") {
  const TaskOutcome outcome = TaskOutcome::succeeded(Value{"[1]"});
  CHECK(outcome.kind == OutcomeKind::success);
  CHECK(outcome.value.json() == "[1]");
  CHECK_FALSE(outcome.error.has_value());
}

TEST_CASE("A failed outcome is for good, a retryable one is not", "[model]") {
  const TaskOutcome failed = TaskOutcome::failed("x.y", "no");
  CHECK(failed.kind == OutcomeKind::failed);
  CHECK(failed.error->code == "x.y");
  CHECK_FALSE(failed.error->retryable);
  const TaskOutcome again = TaskOutcome::retryable("x.y", "not now");
  CHECK(again.kind == OutcomeKind::retry);
  CHECK(again.error->message == "not now");
  CHECK(again.error->retryable);
}
