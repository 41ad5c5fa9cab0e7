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

TEST_CASE("What is asked of the host reads back as it was written", "[host][runner]") {
  HttpAsk ask;
  ask.connection_id = "c";
  ask.headers_json = R"({"a":"b"})";
  ask.paid = true;
  ask.request.url = "/x";
  ask.request.body = std::string{"\0\xff", 2};
  ask.request.idle_timeout = std::chrono::milliseconds{7};
  ask.request.max_body_bytes = 9;
  RunTrigger trigger;
  trigger.dag = "daily";
  trigger.params = Value{std::string{R"({"n":1})"}};
  trigger.logical_date = Timestamp{5};
  trigger.wait = true;
  WireWriter out;
  write_http_ask(out, ask, true);
  write_trigger(out, trigger);
  write_query(out, {"r", "d", Timestamp{3}, {"a", "b"}});
  WireReader in = reader_of(out);
  const auto [asked, chunks] = read_http_ask(in);
  CHECK(chunks);
  CHECK(asked.paid);
  CHECK_FALSE(asked.idempotency_key);
  CHECK(asked.connection_id == "c");
  CHECK(asked.headers_json == ask.headers_json);
  CHECK(asked.request.url == "/x");
  CHECK(asked.request.body == ask.request.body);
  CHECK(asked.request.idle_timeout == ask.request.idle_timeout);
  CHECK(asked.request.max_body_bytes == 9);
  const RunTrigger triggered = read_trigger(in);
  CHECK(triggered.dag == "daily");
  CHECK(triggered.conf.json() == "{}");
  CHECK(triggered.params.json() == R"({"n":1})");
  CHECK(triggered.logical_date == Timestamp{5});
  CHECK(triggered.wait);
  const RunStatesQuery query = read_query(in);
  CHECK(query.logical_date == Timestamp{3});
  CHECK(query.task_ids == std::vector<std::string>{"a", "b"});
  CHECK(in.done());
}

TEST_CASE("What the host answers reads back as it was written", "[host][runner]") {
  HttpResponse response;
  response.status = 200;
  response.headers = {{"a", "b"}};
  response.body = std::string(kMaxTextBytes + 1, 'x');
  RunStates states{"r", RunState::failed, {{"t", {TaskState::success, TaskState::lost}}}};
  WireWriter out;
  write_http_response(out, response);
  write_states(out, states);
  write_states(out, std::nullopt);
  write_triggered(out, TriggeredRun{"r", "d", RunState::success});
  write_triggered(out, Error{"run.denied", "no"});
  WireReader in = reader_of(out);
  const HttpResponse answer = read_http_response(in);
  CHECK(answer.status == 200);
  CHECK(answer.headers == response.headers);
  CHECK(answer.body == response.body);
  const auto told = read_states(in);
  REQUIRE(told);
  CHECK(told->state == RunState::failed);
  CHECK(told->tasks == states.tasks);
  CHECK_FALSE(read_states(in));
  CHECK(read_triggered(in)->state == RunState::success);
  CHECK(read_triggered(in).error().code == "run.denied");
  CHECK(in.done());
}

TEST_CASE("How a runner is greeted reads back as it was written", "[host][runner]") {
  HelloMessage hello;
  hello.version = 3;
  hello.plugin_file = "p.so";
  hello.settings = {{"a", "{}"}, {"b", R"({"n":1})"}};
  WireWriter out;
  write_hello(out, hello);
  write_ready(out, {2, {"landlock"}});
  WireReader in = reader_of(out);
  const HelloMessage greeted = read_hello(in);
  CHECK(greeted.version == 3);
  CHECK(greeted.plugin_file == "p.so");
  CHECK(greeted.settings == hello.settings);
  CHECK(read_ready(in).gaps == std::vector<std::string>{"landlock"});
  CHECK(in.done());
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
