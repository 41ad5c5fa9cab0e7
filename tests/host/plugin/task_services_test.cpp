// What leeward.flow/1, leeward.input/1 and leeward.wait/1 do with a task.

#include <catch2/catch.hpp>

#include "core/base/time_format.hpp"
#include "host/plugin/extensions.hpp"
#include "host/plugin/host_buffers.hpp"
#include "tests/host/plugin/played_task.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

std::string fact(Played& p, std::string_view key) { return std::string{text_of(p.api->info(p.c, lend(key)))}; }

Timestamp at(const char* text) { return parse_timestamp(text).value(); }

}  // namespace

TEST_CASE("skip_downstream() counts for a task that succeeds, the last call of several", "[host][plugin]") {
  const auto [which, expected] = GENERATE(table<int, SkipDownstream>({{LW_DOWNSTREAM_NONE, SkipDownstream::none},
                                                                      {LW_DOWNSTREAM_DIRECT, SkipDownstream::direct},
                                                                      {LW_DOWNSTREAM_ALL, SkipDownstream::all}}));
  Played p;
  CHECK(kFlowService.skip_downstream(p.c, LW_DOWNSTREAM_DIRECT) == LW_OK);
  CHECK(kFlowService.skip_downstream(p.c, which) == LW_OK);
  p.task->returned(LW_OK);
  CHECK(p.attempt->wait().kind == OutcomeKind::success);
  CHECK(p.attempt->wait().skip_downstream == expected);

  Played failing;
  CHECK(kFlowService.skip_downstream(failing.c, which) == LW_OK);
  failing.task->returned(LW_FAIL);
  CHECK(failing.attempt->wait().skip_downstream == SkipDownstream::none);
}

TEST_CASE("skip_downstream() refuses what it does not know, and operators that another one called", "[host][plugin]") {
  Played p;
  CHECK(kFlowService.skip_downstream(p.c, 3) == LW_INVALID);
  CHECK(kFlowService.skip_downstream(p.c, -1) == LW_INVALID);
  p.task->returned(LW_FAIL);
  CHECK(p.attempt->wait().error->code == "flow.invalid");
  Played called{RecordingAttempt::call_of("{}"), {}, 1};
  CHECK(kFlowService.skip_downstream(called.c, LW_DOWNSTREAM_ALL) == LW_DENIED);
  called.task->returned(LW_OK);
  CHECK(called.attempt->wait().skip_downstream == SkipDownstream::none);
}

TEST_CASE("ask() and LW_RESCHEDULE make a task that awaits input", "[host][plugin]") {
  Played p;
  CHECK(kInputService.ask(p.c, lend(R"({"subject": "Ship?", "options": ["yes", "no"], "timeout_ms": 5000})")) == LW_OK);
  p.task->returned(LW_RESCHEDULE);
  const TaskOutcome outcome = p.attempt->wait();
  CHECK(outcome.kind == OutcomeKind::awaiting_input);
  REQUIRE(outcome.input);
  CHECK(outcome.input->subject == "Ship?");
  CHECK(outcome.input->options == std::vector<std::string>{"yes", "no"});
  CHECK(outcome.input->timeout == std::chrono::seconds{5});
  CHECK(outcome.error->code == "task.awaiting_input");
}

TEST_CASE("What was asked is dropped with any other end", "[host][plugin]") {
  for (const lw_code code : {LW_OK, LW_FAIL, LW_RETRY, LW_SKIP, LW_CANCELLED}) {
    Played p;
    CHECK(kInputService.ask(p.c, lend("{}")) == LW_OK);
    p.task->returned(code);
    CHECK(p.attempt->wait().input == nullptr);
    CHECK(p.attempt->wait().kind != OutcomeKind::awaiting_input);
  }
}

TEST_CASE("ask() refuses what is no request, with the reason on the task", "[host][plugin]") {
  for (const std::string request : {"", "{", "[]", R"({"subject": 7})", R"({"topic": "x"})",
                                    R"({"options": ["a"], "defaults": ["b"]})", "{\"subject\": \"\xff\"}"}) {
    Played p;
    CHECK(kInputService.ask(p.c, lend(request)) == LW_INVALID);
    p.task->returned(LW_FAIL);
    INFO(request);
    CHECK(p.attempt->wait().kind == OutcomeKind::failed);
    CHECK(p.attempt->wait().error->code == "input.request");
    CHECK_FALSE(p.attempt->wait().error->message.empty());
  }
  Played called{RecordingAttempt::call_of("{}"), {}, 1};
  CHECK(kInputService.ask(called.c, lend("{}")) == LW_DENIED);
  called.task->returned(LW_RESCHEDULE);
  CHECK(called.attempt->wait().kind == OutcomeKind::reschedule);
}

TEST_CASE("answer() lends what was said, and tells when nobody was asked", "[host][plugin]") {
  TaskCall call = RecordingAttempt::call_of("{}");
  call.answer = Value{R"({"chosen_options": ["yes"]})"};
  Played p{std::move(call)};
  const lw_buf* out = nullptr;
  CHECK(kInputService.answer(p.c, nullptr) == LW_INVALID);
  REQUIRE(kInputService.answer(p.c, &out) == LW_OK);
  CHECK(std::string_view(out->data, out->size) == R"({"chosen_options": ["yes"]})");
  const lw_buf* again = nullptr;
  CHECK(kInputService.answer(p.c, &again) == LW_OK);
  CHECK(again == out);
  p.task->returned(LW_OK);
  Played first;
  CHECK(kInputService.answer(first.c, &out) == LW_NOT_FOUND);
  first.task->returned(LW_OK);
}

TEST_CASE("answer() keeps from an operator that was called what its caller was told", "[host][plugin]") {
  TaskCall call = RecordingAttempt::call_of("{}");
  call.answer = Value{R"({"chosen_options": ["yes"]})"};
  Played called{std::move(call), {}, 1};
  const lw_buf* out = nullptr;
  CHECK(kInputService.answer(called.c, &out) == LW_NOT_FOUND);
  called.task->returned(LW_OK);
}

TEST_CASE("ask() that is refused leaves the question before it in place", "[host][plugin]") {
  Played p;
  CHECK(kInputService.ask(p.c, lend(R"({"subject": "First?"})")) == LW_OK);
  CHECK(kInputService.ask(p.c, lend(R"({"subject": "Second?"})")) == LW_OK);
  CHECK(kInputService.ask(p.c, lend(R"({"subject": "Third?", "sound": "loud"})")) == LW_INVALID);
  p.task->returned(LW_RESCHEDULE);
  REQUIRE(p.attempt->wait().input);
  CHECK(p.attempt->wait().input->subject == "Second?");
}

TEST_CASE("branch() and skip_downstream() both count in one attempt", "[host][plugin]") {
  Played p;
  const lw_str chosen = lend("a");
  CHECK(kFlowService.skip_downstream(p.c, LW_DOWNSTREAM_DIRECT) == LW_OK);
  CHECK(p.api->branch(p.c, &chosen, 1) == LW_OK);
  p.task->returned(LW_OK);
  CHECK(p.attempt->wait().branch == std::vector<std::string>{"a"});
  CHECK(p.attempt->wait().skip_downstream == SkipDownstream::direct);
}

TEST_CASE("A task knows how long it has waited and how often it was not ready", "[host][plugin]") {
  TaskCall call = RecordingAttempt::call_of("{}");
  call.waited = std::chrono::milliseconds{90500};
  call.reschedules = 3;
  Played p{std::move(call)};
  CHECK(kWaitService.waited_ms(p.c) == 90500);
  CHECK(kWaitService.reschedules(p.c) == 3);
  p.task->returned(LW_OK);
}

TEST_CASE("A task can be asked what kind of run it is in, and when that is", "[host][plugin]") {
  auto run = std::make_shared<RunInfo>();
  run->run_type = "scheduled";
  run->data_interval = {at("2024-05-01T00:00:00Z"), at("2024-05-02T00:00:00Z")};
  run->latest_window = {at("2024-05-02T00:00:00Z"), at("2024-05-03T00:00:00Z")};
  TaskCall call = RecordingAttempt::call_of("{}");
  call.run = run;
  Played p{std::move(call)};
  CHECK(fact(p, "run_type") == "scheduled");
  CHECK(fact(p, "data_interval_start") == "2024-05-01T00:00:00.000Z");
  CHECK(fact(p, "data_interval_end") == "2024-05-02T00:00:00.000Z");
  CHECK(fact(p, "latest_window_start") == "2024-05-02T00:00:00.000Z");
  CHECK(fact(p, "latest_window_end") == "2024-05-03T00:00:00.000Z");
  p.task->returned(LW_OK);
  Played manual;
  CHECK(fact(manual, "run_type") == "manual");
  for (const char* key : {"data_interval_start", "data_interval_end", "latest_window_start", "latest_window_end"}) {
    CHECK(fact(manual, key).empty());
  }
  manual.task->returned(LW_OK);
}
