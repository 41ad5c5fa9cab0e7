#include "plugins/llm/fallback.hpp"

#include <catch2/catch.hpp>

using llm::FallbackPlan;
using Action = FallbackPlan::Action;

namespace {

FallbackPlan::Failure transient(std::int64_t backoff_ms = 500) { return {true, true, false, {}, backoff_ms}; }

}  // namespace

TEST_CASE("Each model gets its retries before the next one is asked", "[llm]") {
  const FallbackPlan plan{{2, 1, 60'000, 120'000}};
  auto step = plan.start();
  CHECK(step.model == 0);
  CHECK(step.wait_ms == 0);
  step = plan.after(step, transient(), 10);
  CHECK(step.model == 0);
  CHECK(step.retry == 1);
  CHECK(step.wait_ms == 500);
  step = plan.after(step, transient(), 600);
  CHECK(step.model == 1);
  CHECK(step.retry == 0);
  CHECK(step.wait_ms == 0);
  step = plan.after(step, transient(), 700);
  CHECK(step.retry == 1);
  CHECK(plan.after(step, transient(), 1300).action == Action::give_up);
}

TEST_CASE("Without quick retries each model is asked once", "[llm]") {
  const FallbackPlan plan{{2, 0, 60'000, 120'000}};
  const auto second = plan.after(plan.start(), transient(), 10);
  CHECK(second.model == 1);
  CHECK(plan.after(second, transient(), 20).action == Action::give_up);
}

TEST_CASE("A mistake in the request ends the chain at once", "[llm]") {
  const FallbackPlan plan{{3, 2, 60'000, 120'000}};
  CHECK(plan.after(plan.start(), {false, false, false, {}, 0}, 10).action == Action::give_up);
}

TEST_CASE("An empty purse asks the next model without a wait", "[llm]") {
  const FallbackPlan plan{{2, 2, 60'000, 120'000}};
  const auto step = plan.after(plan.start(), {false, true, false, {}, 500}, 10);
  CHECK(step.model == 1);
  CHECK(step.wait_ms == 0);
}

TEST_CASE("Once text was shown nothing is asked again", "[llm]") {
  const FallbackPlan plan{{2, 2, 60'000, 120'000}};
  CHECK(plan.after(plan.start(), {true, true, true, {}, 500}, 10).action == Action::give_up);
}

TEST_CASE("The server's wait goes before the backoff, and a wait above the cap ends the tries with this model",
          "[llm]") {
  const FallbackPlan plan{{2, 2, 600'000, 120'000}};
  CHECK(plan.after(plan.start(), {true, true, false, 20'000, 500}, 10).wait_ms == 20'000);
  CHECK(plan.after(plan.start(), {true, true, false, 120'001, 500}, 10).model == 1);
  const FallbackPlan alone{{1, 2, 600'000, 120'000}};
  CHECK(alone.after(alone.start(), {true, true, false, 120'001, 500}, 10).action == Action::give_up);
}

TEST_CASE("One deadline holds for the whole chain", "[llm]") {
  const FallbackPlan plan{{3, 2, 30'000, 120'000}};
  CHECK(plan.start().limit_ms == 10'000);
  const auto second = plan.after({Action::ask, 0, 2, 0, 0}, transient(), 10'000);
  CHECK(second.model == 1);
  CHECK(second.limit_ms == 10'000);
  // No time to wait: the next model is asked instead, and the last one gives up.
  CHECK(plan.after(plan.start(), {true, true, false, 31'000, 500}, 10).model == 1);
  CHECK(plan.after({Action::ask, 2, 0, 0, 0}, transient(500), 29'600).action == Action::give_up);
  CHECK(plan.after(plan.start(), transient(), 30'000).action == Action::give_up);
}
