#include "host/observe/printable.hpp"

#include <catch2/catch.hpp>

#include "host/observe/console.hpp"
#include "host/observe/run_summary.hpp"

using namespace leeward;

TEST_CASE("printable makes what drives a terminal visible", "[host][observe]") {
  CHECK(printable("plain 总结 ✓") == "plain 总结 ✓");
  CHECK(printable("\x1b[31mred\x1b]0;title\x07") == "\\x1b[31mred\\x1b]0;title\\x07");
  CHECK(printable("a\nb\r\tc") == "a\\nb\\r\\tc");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\x9b31m");
  CHECK(printable("gnp.\xe2\x80\xaetxt") == "gnp.\\u202etxt");
  CHECK(printable("caf\xc3") == "caf\uFFFD");
  CHECK(printable(std::string_view{"\0x", 2}) == "\\x00x");
}

TEST_CASE("shortened and padded count columns, not bytes", "[host][observe]") {
  CHECK(columns_of("总结") == 4);
  CHECK(shortened("hello", 5) == "hello");
  CHECK(shortened("hello!", 5) == "hell…");
  CHECK(shortened("总结以下", 5) == "总结…");
  CHECK(end_of("hello", 5) == "hello");
  CHECK(end_of("hello!", 5) == "…llo!");
  CHECK(end_of("总结以下", 6) == "…以下");
  CHECK(end_of("hello", 0).empty());
  CHECK(padded("总", 4) == "总  ");
  CHECK(columns_of(padded("a longer text", 6)) == 6);
}

TEST_CASE("Console keeps its block below the lines, and takes it away at the end", "[host][observe]") {
  std::string written;
  {
    Console console{[&](std::string_view text) { written += text; }, {true, 80, 24}};
    console.block({"one", "two"});
    console.line("hello");
    CHECK(written == "one\ntwo\n\x1b[2A\r\x1b[Jhello\none\ntwo\n");
    written.clear();
  }
  CHECK(written == "\x1b[2A\r\x1b[J");
}

TEST_CASE("Console writes plain lines where nothing can be redrawn", "[host][observe]") {
  std::string written;
  Console console{[&](std::string_view text) { written += text; }, {false, 80, 24}};
  console.block({"one"});
  console.line("hello");
  CHECK(written == "hello\n");
}

TEST_CASE("run_summary tells instances of a task together, and what failed", "[host][observe]") {
  RunRecord record;
  record.info.dag_id = "d";
  record.state = RunState::failed;
  for (int i = 0; i < 12; ++i) {
    TaskRecord task;
    task.task_id = "many";
    task.map_index = i;
    task.state = i == 3 ? TaskState::failed : TaskState::success;
    task.attempts = 1;
    task.model_calls.push_back(ModelCall{"openai", "gpt-4", "", i == 3 ? "llm.timeout" : "", 200, 10, 2, 1});
    if (i == 3) task.outcome = std::make_shared<TaskOutcome>(TaskOutcome::failed("llm.timeout", "too \x1b[2J slow"));
    record.tasks.push_back(std::move(task));
  }
  record.context.emplace_back("answer", Value{R"("a\nb")"});
  const std::string text = run_summary(record, {100, true});
  CHECK(text.find("11 success, 1 failed") != std::string::npos);
  CHECK(text.find("gpt-4, gpt-4 (llm.timeout)") != std::string::npos);
  CHECK(text.find("many[3]: llm.timeout: too \\x1b[2J slow") != std::string::npos);
  CHECK(text.find("answer = a\\nb") != std::string::npos);
  CHECK(text.find("12 model calls, 120 tokens in, 24 tokens out") != std::string::npos);
  CHECK(text.find("simulated by mock-llm") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}
