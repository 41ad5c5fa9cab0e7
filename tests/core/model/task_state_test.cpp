#include "core/model/task_state.hpp"

#include <catch2/catch.hpp>

using namespace leeward;

namespace {
constexpr int kStates = static_cast<int>(TaskState::lost) + 1;
TaskState state(int i) { return static_cast<TaskState>(i); }
}  // namespace

TEST_CASE("Every task state has a word of its own that reads back", "[model]") {
  for (int i = 0; i < kStates; ++i) {
    const auto back = task_state_of(to_string(state(i)));
    REQUIRE(back.has_value());
    CHECK(*back == state(i));
  }
  CHECK_FALSE(task_state_of("cancelled").has_value());
  CHECK_FALSE(task_state_of("").has_value());
}

TEST_CASE("Run states have the report's words", "[model]") {
  CHECK(to_string(RunState::queued) == "queued");
  CHECK(to_string(RunState::canceled) == "canceled");
}

TEST_CASE("No transition leaves a finished state, and every other state has a way to be finished", "[model]") {
  for (int from = 0; from < kStates; ++from) {
    bool leaves = false;
    bool can_finish = false;
    for (int to = 0; to < kStates; ++to) {
      leaves = leaves || may_become(state(from), state(to));
      can_finish = can_finish || (may_become(state(from), state(to)) && is_finished(state(to)));
    }
    INFO(to_string(state(from)));
    CHECK(leaves == !is_finished(state(from)));
    CHECK(can_finish == !is_finished(state(from)));
  }
}

TEST_CASE("No state may become itself, and none may become 'none' again", "[model]") {
  for (int i = 0; i < kStates; ++i) {
    INFO(to_string(state(i)));
    CHECK_FALSE(may_become(state(i), state(i)));
    CHECK_FALSE(may_become(state(i), TaskState::none));
  }
}

TEST_CASE("An attempt runs only after it was scheduled and queued", "[model]") {
  for (int i = 0; i < kStates; ++i) {
    CHECK(may_become(state(i), TaskState::running) == (state(i) == TaskState::queued));
    CHECK(may_become(state(i), TaskState::queued) == (state(i) == TaskState::scheduled));
    CHECK(may_become(state(i), TaskState::success) == is_in_flight(state(i)));
  }
  CHECK(may_become(TaskState::up_for_retry, TaskState::scheduled));
  CHECK(may_become(TaskState::up_for_reschedule, TaskState::scheduled));
}
