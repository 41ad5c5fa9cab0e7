#include "host/plugin/host_task.hpp"

#include <thread>

#include <catch2/catch.hpp>

#include "tests/host/plugin/played_task.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

std::string text(const lw_buf* buffer) { return {buffer->data, buffer->size}; }

}  // namespace

TEST_CASE("HostTask ends the attempt with what execute() returned and the last result set", "[host][plugin]") {
  Played p;
  CHECK(p.set_result("1") == LW_OK);
  CHECK(p.set_result(R"({"a": [1, 2]})") == LW_OK);
  CHECK_FALSE(p.attempt->ended());
  p.task->returned(LW_OK);
  CHECK(p.attempt->wait().kind == OutcomeKind::success);
  CHECK(p.attempt->wait().value.json() == R"({"a": [1, 2]})");
  CHECK(p.released == 1);
}

TEST_CASE("HostTask gives null as the result of an operator that sets none", "[host][plugin]") {
  Played p;
  p.task->returned(LW_OK);
  CHECK(p.attempt->wait().value.is_null());
}

TEST_CASE("HostTask waits for execute() to return and for every hold", "[host][plugin]") {
  Played p;
  p.api->hold(p.c);
  p.api->hold(p.c);
  p.api->complete(p.c, LW_OK);  // even before execute() has returned
  CHECK_FALSE(p.attempt->ended());
  p.task->returned(LW_DEFERRED);
  CHECK_FALSE(p.attempt->ended());
  p.forget();
  std::thread{[&] { p.api->complete(p.c, LW_OK); }}.join();
  CHECK(p.attempt->wait().kind == OutcomeKind::success);
}

TEST_CASE("HostTask lets the first outcome count and logs a second one", "[host][plugin]") {
  Played p;
  p.api->hold(p.c);
  p.api->hold(p.c);
  p.api->complete(p.c, LW_RETRY);
  p.api->complete(p.c, LW_OK);
  p.task->returned(LW_DEFERRED);
  CHECK(p.attempt->wait().kind == OutcomeKind::retry);
  CHECK(p.host.listener.lines().size() == 1);
}

TEST_CASE("HostTask logs an outcome that execute() returns for a task that was completed already", "[host][plugin]") {
  Played p;
  p.api->hold(p.c);
  p.api->complete(p.c, LW_SKIP);
  p.task->returned(LW_OK);
  CHECK(p.attempt->wait().kind == OutcomeKind::skipped);
  CHECK(p.host.listener.lines().size() == 1);
}

TEST_CASE("HostTask survives a complete() that belongs to no hold()", "[host][plugin]") {
  Played p;
  p.api->complete(p.c, LW_OK);
  CHECK_FALSE(p.attempt->ended());
  CHECK(p.host.listener.lines().size() == 1);
  p.task->returned(LW_FAIL);
  CHECK(p.attempt->wait().kind == OutcomeKind::failed);
}

TEST_CASE("HostTask fails an attempt that is deferred without being held", "[host][plugin]") {
  Played p;
  p.task->returned(LW_DEFERRED);
  CHECK(p.attempt->wait().kind == OutcomeKind::failed);
  CHECK(p.attempt->wait().error->code == "plugin.not_held");
}

TEST_CASE("HostTask fails an attempt whose outcome is none", "[host][plugin]") {
  for (const lw_code code : {lw_code{-1}, lw_code{7}, lw_code{LW_NOT_FOUND}, lw_code{4711}}) {
    Played p;
    p.task->returned(code);
    CHECK(p.attempt->wait().kind == OutcomeKind::failed);
    CHECK(p.attempt->wait().error->code == "plugin.bad_outcome");
  }
  Played held;
  held.api->hold(held.c);
  held.task->returned(LW_DEFERRED);
  held.api->complete(held.c, LW_DEFERRED);
  CHECK(held.attempt->wait().error->code == "plugin.bad_outcome");
}

TEST_CASE("HostTask refuses a result that is not JSON, and fails the attempt that ends with it", "[host][plugin]") {
  for (const std::string bad : {"", "{", "hello", "1 2", "\"\xff\"", "{\"a\":1,\"a\":2}"}) {
    Played p;
    CHECK(p.set_result(bad) == LW_INVALID);
    p.task->returned(LW_OK);
    CHECK(p.attempt->wait().kind == OutcomeKind::failed);
    CHECK(p.attempt->wait().error->code == "plugin.bad_result");
  }
  Played overwritten;
  CHECK(overwritten.set_result("nonsense") == LW_INVALID);
  const lw_error other{sizeof(lw_error), 0, -1, {"x", 1}, {"something else", 14}, {nullptr, 0}};
  overwritten.api->set_error(overwritten.c, &other);
  overwritten.task->returned(LW_OK);
  CHECK(overwritten.attempt->wait().error->message ==
        "the operator's result was refused: it is not one valid JSON text");
  Played mended;
  CHECK(mended.set_result("nonsense") == LW_INVALID);
  CHECK(mended.set_result("[]") == LW_OK);
  mended.task->returned(LW_OK);
  CHECK(mended.attempt->wait().kind == OutcomeKind::success);
}

TEST_CASE("HostTask refuses a result past the limit", "[host][plugin]") {
  Played p;
  CHECK(p.set_result('"' + std::string((16u << 20), 'x') + '"') == LW_INVALID);
  CHECK(p.api->set_result(p.c, nullptr) == LW_INVALID);
  p.task->returned(LW_OK);
  CHECK(p.attempt->wait().kind == OutcomeKind::failed);
}

TEST_CASE("HostTask takes streamed output only as whole characters", "[host][plugin]") {
  Played p;
  CHECK(p.api->emit(p.c, {"text", 4}, {"caf\xc3\xa9", 5}) == LW_OK);
  CHECK(p.api->emit(p.c, {"text", 4}, {"caf\xc3", 4}) == LW_INVALID);
  CHECK(p.api->emit(p.c, {"text", 4}, {nullptr, 0}) == LW_OK);
  p.task->returned(LW_OK);
  CHECK(p.attempt->ended());
}

TEST_CASE("HostTask takes no piece, and no channel's name, that is too long", "[host][plugin]") {
  Played p;
  const std::string long_text(1u << 20, '\n');
  const std::string name(128, 'c');
  CHECK(p.api->emit(p.c, {name.data(), 128}, {long_text.data(), long_text.size()}) == LW_OK);
  CHECK(p.api->emit(p.c, {long_text.data(), long_text.size()}, {long_text.data(), long_text.size()}) == LW_INVALID);
  CHECK(p.api->emit(p.c, {(name + "c").c_str(), 129}, {"x", 1}) == LW_INVALID);
  CHECK(p.api->emit(p.c, {name.data(), 128}, {(long_text + "x").c_str(), long_text.size() + 1}) == LW_INVALID);
  p.task->returned(LW_OK);
  CHECK(p.attempt->ended());
}

TEST_CASE("HostTask carries an error's words, class and delay to the outcome", "[host][plugin]") {
  Played p;
  const std::string details = R"({"limit": 60})";
  const lw_error error{
      sizeof(lw_error), 429, 1500, {"llm.rate_limited", 16}, {"slow down", 9}, {details.data(), details.size()}};
  p.api->set_error(p.c, &error);
  p.task->returned(LW_RETRY);
  const TaskOutcome outcome = p.attempt->wait();
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == "llm.rate_limited");
  CHECK(outcome.error->message == "slow down");
  CHECK(outcome.error->http_status == 429);
  CHECK(outcome.error->details == details);
  CHECK(outcome.error->retryable);
  CHECK(outcome.retry_after == std::chrono::milliseconds{1500});
}

TEST_CASE("HostTask drops error details that are no JSON object", "[host][plugin]") {
  for (const std::string details : {"[1]", "{", "\"x\""}) {
    Played p;
    const lw_error error{sizeof(lw_error), 0, -1, {"x", 1}, {"y", 1}, {details.data(), details.size()}};
    p.api->set_error(p.c, &error);
    p.task->returned(LW_FAIL);
    CHECK(p.attempt->wait().error->details.empty());
  }
}

TEST_CASE("HostTask fails a branching operator that chooses nothing at all, but lets it choose no task",
          "[host][plugin]") {
  OperatorTraits branches;
  branches.branches = true;
  Played silent{"{}", branches};
  silent.task->returned(LW_OK);
  CHECK(silent.attempt->wait().error->code == "branch.nothing_chosen");

  Played none{"{}", branches};
  CHECK(none.api->branch(none.c, nullptr, 0) == LW_OK);
  none.task->returned(LW_OK);
  CHECK(none.attempt->wait().branch->empty());

  Played two{"{}", branches};
  const lw_str ids[] = {{"a", 1}, {"b", 1}};
  CHECK(two.api->branch(two.c, ids, 2) == LW_OK);
  CHECK(two.api->branch(two.c, nullptr, 2) == LW_INVALID);
  two.task->returned(LW_OK);
  CHECK(*two.attempt->wait().branch == std::vector<std::string>{"a", "b"});
}

TEST_CASE("HostTask lends parameters whole and by name", "[host][plugin]") {
  Played p{R"({"prompt": "hi", "n": 3})"};
  CHECK(text(p.api->params(p.c)) == R"({"prompt": "hi", "n": 3})");
  const lw_buf* out = nullptr;
  CHECK(p.api->param(p.c, {"n", 1}, &out) == LW_OK);
  CHECK(text(out) == "3");
  CHECK(p.api->param(p.c, {"x", 1}, &out) == LW_NOT_FOUND);
  CHECK(p.api->param(p.c, {"n", 1}, nullptr) == LW_INVALID);
  CHECK(p.api->context(p.c, {"n", 1}, &out) == LW_DENIED);
  CHECK(text_of(p.api->info(p.c, {"operator", 8})) == "played");
  CHECK(text_of(p.api->info(p.c, {"try_number", 10})) == "1");
  CHECK(p.api->info(p.c, {"weather", 7}).len == 0);
  p.task->returned(LW_OK);
}

TEST_CASE("HostTask calls the plugin's cancel callback once, and never after complete()", "[host][plugin]") {
  struct Seen {
    int calls = 0;
  } first, second;
  const auto count = [](void* arg) { ++static_cast<Seen*>(arg)->calls; };
  Played p;
  p.api->hold(p.c);
  p.api->on_cancel(p.c, count, &first);
  p.api->on_cancel(p.c, count, &second);  // replaces the first
  p.task->returned(LW_DEFERRED);
  CHECK(p.api->cancelled(p.c) == 0);
  p.attempt->cancel_token().cancel();
  CHECK(p.api->cancelled(p.c) == 1);
  CHECK(p.api->progress(p.c, 0.5, {"x", 1}) == LW_CANCELLED);
  p.attempt->cancel_token().cancel();
  CHECK(first.calls == 0);
  CHECK(second.calls == 1);
  p.api->complete(p.c, LW_CANCELLED);
  CHECK(p.attempt->wait().kind == OutcomeKind::canceled);

  Played late;
  late.api->hold(late.c);
  late.api->on_cancel(late.c, count, &first);
  late.api->complete(late.c, LW_OK);
  late.task->returned(LW_DEFERRED);
  late.attempt->cancel_token().cancel();
  CHECK(first.calls == 0);
}

TEST_CASE("HostTask runs a cancel callback at once if the task should stop already", "[host][plugin]") {
  bool called = false;
  Played p;
  p.attempt->cancel_token().cancel();
  p.api->on_cancel(
      p.c, [](void* arg) { *static_cast<bool*>(arg) = true; }, &called);
  CHECK(called);
  p.task->returned(LW_CANCELLED);
}

TEST_CASE("HostTask fails an attempt whose result is not what the operator's output_schema promises",
          "[host][plugin]") {
  const auto schema = JsonSchema::compile(JsonDocument::parse(R"({"type": "object", "required": ["text"],
    "properties": {"text": {"type": "string"}}})")
                                              .value());
  Played fits;
  fits.info.output_schema = *schema;
  fits.set_result(R"({"text": "yes"})");
  fits.task->returned(LW_OK);
  CHECK(fits.attempt->wait().kind == OutcomeKind::success);

  for (const std::string result : {R"({"text": 5})", "{}", "null", ""}) {
    Played p;
    p.info.output_schema = *schema;
    if (!result.empty()) p.set_result(result);
    p.task->returned(LW_OK);
    const TaskOutcome outcome = p.attempt->wait();
    INFO(result << ": " << outcome.error->message);
    CHECK(outcome.kind == OutcomeKind::failed);
    CHECK(outcome.error->code == "plugin.bad_result");
    CHECK(outcome.error->message.find("\"played\" does not fit its own output_schema") != std::string::npos);
  }
}
