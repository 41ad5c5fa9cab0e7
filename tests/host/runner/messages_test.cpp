#include "host/runner/messages.hpp"

#include <random>

#include <catch2/catch.hpp>

#include "host/runner/frame.hpp"

using namespace leeward;

namespace {

WireReader reader_of(WireWriter& out) { return WireReader{std::make_shared<const std::string>(out.take())}; }

TaskOutcome rich_outcome() {
  TaskOutcome outcome = TaskOutcome::retryable("x.y", "why");
  outcome.error->details = R"({"a":1})";
  outcome.error->http_status = 429;
  outcome.branch = std::vector<std::string>{"b", "c"};
  outcome.skip_downstream = SkipDownstream::direct;
  outcome.retry_after = std::chrono::seconds{7};
  outcome.model_calls = {{"openai", "m", "m-1", "", 200, 1, 2, 3}};
  return outcome;
}

}  // namespace

TEST_CASE("An attempt's call reads back as it was written", "[host][runner]") {
  auto run = std::make_shared<RunInfo>();
  run->run_id = "r";
  run->dag_id = "d";
  run->logical_date = {123};
  run->data_interval = std::pair{Timestamp{1}, Timestamp{2}};
  Task task;
  task.id = "t";
  task.opened = {{"key", {}}};
  TaskCall call;
  call.run = run;
  call.task = &task;
  call.map_index = 3;
  call.try_number = 2;
  call.max_tries = 5;
  call.reschedules = 7;
  call.waited = std::chrono::seconds{9};
  call.params = Value{std::string{R"({"a":1})"}};
  call.context = {{"key", Value{std::string{"[1]"}}}};
  call.answer = Value{std::string{"{}"}};
  WireWriter out;
  write_start(out, 4, 6, call);
  WireReader in = reader_of(out);
  const StartMessage read = read_start(in, 99);
  REQUIRE(in.done());
  CHECK(read.op == 4);
  CHECK(read.depth == 6);
  CHECK(read.task->attempt == 99);
  CHECK(read.call.task->id == "t");
  CHECK(read.call.task->opened.at(0).name == "key");
  CHECK(read.call.run->data_interval == run->data_interval);
  CHECK_FALSE(read.call.run->latest_window);
  CHECK(read.call.idempotency_key() == call.idempotency_key());
  CHECK(read.call.waited == call.waited);
  CHECK(read.call.params.json() == R"({"a":1})");
  CHECK(read.call.context.at(0).second.json() == "[1]");
  CHECK(read.call.answer->json() == "{}");
}

TEST_CASE("An attempt's end reads back as it was written", "[host][runner]") {
  WireWriter out;
  write_outcome(out, rich_outcome());
  WireReader in = reader_of(out);
  const TaskOutcome read = read_outcome(in);
  REQUIRE(in.done());
  CHECK(read.kind == OutcomeKind::retry);
  CHECK(read.error->code == "x.y");
  CHECK(read.error->details == R"({"a":1})");
  CHECK(read.branch == std::vector<std::string>{"b", "c"});
  CHECK(read.skip_downstream == SkipDownstream::direct);
  CHECK(read.retry_after == std::chrono::seconds{7});
  CHECK(read.model_calls.at(0).response_model == "m-1");
}

TEST_CASE("A value that is no JSON is not read", "[host][runner]") {
  const std::string bad = GENERATE(as<std::string>{}, "", "{", "\"\xff\"", "1 2", "{\"a\":1,\"a\":2}");
  WireWriter out;
  write_outcome(out, TaskOutcome::succeeded(Value{std::string{bad}}));
  WireReader in = reader_of(out);
  static_cast<void>(read_outcome(in));
  CHECK_FALSE(in.done());
}

TEST_CASE("Texts that are no UTF-8 are made printable, and long ones are cut", "[host][runner]") {
  CHECK(clean_text("a\xff\xc3(") == "a\xEF\xBF\xBD\xEF\xBF\xBD(");
  CHECK(clean_text(std::string(kMaxTextBytes + 1, 'x')).size() == kMaxTextBytes);
}

TEST_CASE("Whatever bytes come, reading them ends and finds nothing that is not there", "[host][runner]") {
  WireWriter out;
  write_outcome(out, rich_outcome());
  const std::string good = out.take();
  std::mt19937 dice{20240517};
  int unread = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good.substr(0, dice() % (good.size() + 1));
    for (std::size_t n = dice() % 4; n > 0 && !bytes.empty(); --n)
      bytes[dice() % bytes.size()] = static_cast<char>(dice());
    WireReader in{std::make_shared<const std::string>(bytes)};
    const TaskOutcome read = read_outcome(in);
    if (!in.done()) ++unread;
    if (in.done()) REQUIRE(is_json(read.value.json()));
  }
  CHECK(unread > 0);
}
