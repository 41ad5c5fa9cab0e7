#include <chrono>
#include <filesystem>
#include <iostream>
#include <signal.h>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

constexpr const char* kKey = "sk-not-a-real-key-4711";

const std::string kAsk = R"({"dag_id": "ask", "tasks": [{"task_id": "ask", "operator": "llm", "retries": 0,
  "with": {"prompt": "twelve chars", "model": "gpt-4", "max_retries": 0}, "output_key": "answer"}]})";

const std::string kStreamed = R"({"dag_id": "ask", "tasks": [{"task_id": "ask", "operator": "llm", "retries": 0,
  "with": {"prompt": "x", "model": "m", "max_retries": 0, "stream": true}, "output_key": "answer"}]})";

}  // namespace

TEST_CASE("llm talks to an OpenAI-compatible server that is not mock-llm, with a key", "[e2e]") {
  if (!has_program("python3")) {
    WARN("SKIP: needs python3");
    return;
  }
  const TempDir dir;
  const std::string dag = dir.write("ask.json", kAsk).string();
  Program server{{"python3", LEEWARD_SOURCE_DIR "/tests/e2e/openai_server.py"}, {{"KEY", kKey}}};
  const std::string url = server.out_line();

  const Ended right = run_leeward({"run", dag, "--json"}, {{"OPENAI_BASE_URL", url}, {"OPENAI_API_KEY", kKey}});
  INFO(right.err);
  REQUIRE(right.status == 0);
  const auto document = right.json();
  CHECK(document->root()["context"]["answer"].string() == "heard 12 characters ✓");
  CHECK(document->root()["usage"]["input_tokens"].integer() == 11);
  CHECK(document->root()["usage"]["output_tokens"].integer() == 5);
  CHECK((right.out + right.err).find(kKey) == std::string::npos);

  const std::string wrong_key = "sk-the-wrong-key-0815";
  const Ended wrong = run_leeward({"run", dag, "--json"}, {{"OPENAI_BASE_URL", url}, {"OPENAI_API_KEY", wrong_key}});
  CHECK(wrong.status == 1);
  CHECK(task_of(wrong.json()->root(), "ask")["error"]["code"].string() == "llm.unauthorized");
  CHECK((wrong.out + wrong.err).find(wrong_key) == std::string::npos);
}

TEST_CASE("A connection comes from the configuration, its key from a file", "[e2e]") {
  const TempDir dir;
  const std::string script =
      dir.write("script.json", R"({"api_key": "sk-in-a-file-99", "rules": [{"text": "from the script"}]})").string();
  Program server{leeward_words({"mock-llm", "--script", script}), {}};
  const std::string url = server.out_line();
  REQUIRE(url.starts_with("http://127.0.0.1:"));
  const std::string dag = dir.write("ask.json", kAsk).string();
  const std::string secret = dir.write("key", "sk-in-a-file-99\n").string();
  std::filesystem::permissions(secret, std::filesystem::perms::owner_read);
  const std::string config = dir.write("config.json", R"({"connections": {"llm_default": {"base_url": ")" + url +
                                                          R"(", "api_key": "secret://file)" + secret + R"("}}})")
                                 .string();
  const Ended ended = run_leeward({"run", dag, "--json", "--config", config});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  CHECK(ended.json()->root()["context"]["answer"].string() == "from the script");
  CHECK(run_leeward({"run", dag}, {{"LEEWARD_CONFIG", config}}).status == 0);

  const std::string slip = dir.write("slip.json", R"({"conections": {}})").string();
  const Ended bad = run_leeward({"run", dag, "--config", slip});
  CHECK(bad.status == 2);
  CHECK(bad.err.find("did you mean \"connections\"?") != std::string::npos);

  server.signal(SIGTERM);
  CHECK(server.wait().status == 0);
}

TEST_CASE("A fallback model answers when the first fails, and the report tells both", "[e2e]") {
  const TempDir dir;
  const std::string script = dir.write("script.json", R"({"rules": [{"model": "gpt-4", "status": 500, "error": "no"},
    {"model": "gpt-3.5-turbo", "text": "second"}]})")
                                 .string();
  const std::string dag =
      dir.write("f.json", R"({"dag_id": "f", "tasks": [{"task_id": "ask", "operator": "llm", "output_key": "answer",
    "with": {"prompt": "x", "models": ["gpt-4", "gpt-3.5-turbo"], "max_retries": 0}}]})")
          .string();
  const Ended ended = run_leeward({"run", dag, "--json", "--mock-script", script});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const auto document = ended.json();
  CHECK(document->root()["context"]["answer"].string() == "second");
  const std::string usage{task_of(document->root(), "ask")["usage"].text()};
  CHECK(usage.find("gpt-4") != std::string::npos);
  CHECK(usage.find("gpt-3.5-turbo") != std::string::npos);
  CHECK(usage.find("llm.server_error") != std::string::npos);
}

TEST_CASE("A streamed answer is right however it is cut into pieces", "[e2e]") {
  const TempDir dir;
  const std::string answer = "总结: naïve \\u2713 🌊 end";
  const std::string dag = dir.write("s.json", kStreamed).string();
  for (const int bytes : {1, 3, 7, 64}) {
    const std::string script =
        dir.write("s.script.json", R"({"rules": [{"stream": true, "text": ")" + answer +
                                       R"(", "chunk_characters": 2, "write_bytes": )" + std::to_string(bytes) + "}]}")
            .string();
    const Ended ended = run_leeward({"run", dag, "--json", "--mock-script", script});
    INFO(bytes << ended.err);
    REQUIRE(ended.status == 0);
    CHECK(ended.json()->root()["context"]["answer"].string() == "总结: naïve ✓ 🌊 end");
  }
}

TEST_CASE("A stream that is cut off in the middle is an error, never a success", "[e2e]") {
  const TempDir dir;
  const std::string dag = dir.write("s.json", kStreamed).string();
  for (const char* fault : {R"("stop_after_chunks": 2)", R"("stop_after_chunks": 2, "end": "reset")",
                            R"("stop_after_chunks": 2, "end": "cut")", R"("stop_after_bytes": 100)",
                            R"("stop_after_chunks": 2, "stream_error": "overloaded")"}) {
    const std::string script =
        dir.write("s.script.json", R"({"rules": [{"stream": true, "text": "a long answer of many pieces", )" +
                                       std::string{fault} + "}]}")
            .string();
    const Ended ended = run_leeward({"run", dag, "--json", "--mock-script", script});
    INFO(fault << ended.out << ended.err);
    CHECK(ended.status == 1);
    const auto document = ended.json();
    const Json task = task_of(document->root(), "ask");
    CHECK(task["state"].string() == "failed");
    CHECK(task["error"]["code"].string().starts_with("llm."));
    CHECK_FALSE(document->root()["context"]["answer"].exists());
  }
}

TEST_CASE("A second Ctrl-C leaves at once: no report, status 130", "[e2e]") {
  const TempDir dir;
  // It heeds no request to stop, so the first Ctrl-C waits for it; it ends by itself soon after being left behind.
  const std::string dag = dir.write("deaf.json", R"({"dag_id": "deaf", "tasks": [{"task_id": "deaf", "operator": "bash",
    "with": {"command": "trap '' INT TERM HUP; echo ready; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1; done"}}]})")
                              .string();
  Program program{leeward_words({"run", dag, "--json"}), {{"LEEWARD_HOME", (dir / "home").string()}}};
  while (program.err_line().find("ready") == std::string::npos) continue;
  program.signal(SIGINT);
  while (program.err_line().find("interrupted") == std::string::npos) continue;
  program.signal(SIGINT);
  const Ended ended = program.wait();
  CHECK(ended.status == 130);
  CHECK(ended.out.empty());
}

TEST_CASE("Ctrl-C in the middle of ten thousand tasks starts none of those that wait", "[e2e]") {
  const TempDir dir;
  std::string items;
  for (int i = 0; i < 10'000; ++i) items += (i == 0 ? "" : ",") + std::to_string(i);
  const std::string dag = dir.write("many.json", R"({"dag_id": "many", "params": {"items": [)" + items +
                                                     R"(]}, "tasks": [{"task_id": "each", "operator": "bash",
    "expand": {"n": "{params.items}"}, "with": {"command": "echo begun >>\"$F\"; sleep 600",
    "env": {"N": "{n}", "F": ")" + (dir.path() / "begun").string() +
                                                     R"("}}}]})")
                              .string();
  Program program{leeward_words({"run", dag}), {{"LEEWARD_HOME", (dir / "home").string()}}};
  const std::filesystem::path begun = dir.path() / "begun";
  while (!std::filesystem::exists(begun)) std::this_thread::yield();
  program.signal(SIGINT);
  while (program.err_line().find("interrupted") == std::string::npos) continue;
  const auto begun_before = std::filesystem::file_size(begun);
  program.signal(SIGINT);
  CHECK(program.wait().status == 130);
  CHECK(std::filesystem::file_size(begun) <= begun_before + 6 * 64);  // what was being started just then
}

TEST_CASE("Ten thousand llm tasks in one DAG run without a thread each", "[e2e][slow]") {
  constexpr int kTasks = 10'000;
  const TempDir dir;
  Program server{leeward_words({"mock-llm", "--latency", "500ms"}), {}};
  const std::string url = server.out_line();
  std::string items;
  for (int i = 0; i < kTasks; ++i) items += (i == 0 ? "" : ",") + std::to_string(i);
  const std::string dag =
      dir.write("many.json", R"({"dag_id": "many", "params": {"items": [)" + items + R"(]}, "tasks": [
    {"task_id": "ask", "operator": "llm", "expand": {"n": "{params.items}"}, "output_key": "answers", "retries": 0,
     "with": {"prompt": "number {n}", "model": "m", "timeout": 120}}]})")
          .string();
  const auto before = std::chrono::steady_clock::now();
  const Ended ended = run_leeward({"run", dag, "--json"}, {{"OPENAI_BASE_URL", url}});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const auto document = ended.json();
  CHECK(document->root()["context"]["answers"].size() == kTasks);
  CHECK(document->root()["usage"]["requests"].integer() == kTasks);
  CHECK(document->root()["context"]["answers"].at(4711).string().find("4711") != std::string::npos);
  std::cout << kTasks << " llm tasks at 500 ms: " << took.count() << " s, " << ended.max_rss_kb / 1024
            << " MiB at most, " << ended.max_rss_kb / (kTasks / 1000) << " bytes a task\n";
}
