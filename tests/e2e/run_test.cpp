#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

const std::string kOneCall = R"({"dag_id": "one", "params": {"topic": "rivers"},
  "tasks": [{"task_id": "ask", "operator": "llm", "output_key": "answer", "retries": 0,
             "with": {"prompt": "Tell me about {params.topic}", "model": "gpt-4", "max_retries": 0}}]})";

}  // namespace

TEST_CASE("run prints exactly the report with --json, and nothing else on stdout", "[e2e]") {
  const TempDir dir;
  const fs::path dag = dir.write("one.json", kOneCall);
  const Ended ended = run_leeward({"run", dag.string(), "--mock-llm", "--json"});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const auto document = ended.json();
  const Json report = document->root();
  for (const char* key :
       {"run_id", "dag_id", "state", "logical_date", "started_at", "ended_at", "tasks", "context", "usage"}) {
    INFO(key);
    CHECK(report[key].exists());
  }
  CHECK(text(report["state"]) == "success");
  const Json task = task_of(report, "ask");
  REQUIRE(task.exists());
  CHECK(text(task["operator"]) == "llm");
  CHECK(text(task["output"]) == text(report["context"]["answer"]));
  CHECK(report["usage"]["requests"].integer() == 1);
  CHECK(report["usage"]["output_tokens"].integer().value() > 0);
  CHECK(ended.err.find("simulated by mock-llm") != std::string::npos);
}

TEST_CASE("run prints a table for people, and says that answers were simulated", "[e2e]") {
  const TempDir dir;
  const Ended ended = run_leeward({"run", dir.write("one.json", kOneCall).string(), "--mock-llm"});
  CHECK(ended.status == 0);
  CHECK(ended.out.find("ask") != std::string::npos);
  CHECK(ended.out.find("gpt-4") != std::string::npos);
  CHECK(ended.out.find("answers were simulated by mock-llm") != std::string::npos);
  CHECK(ended.out.find('\x1b') == std::string::npos);
  CHECK(ended.err.find('\x1b') == std::string::npos);
}

TEST_CASE("run --mock-llm answers behind a proxy: its own address never goes through one", "[e2e]") {
  const TempDir dir;
  const std::string nowhere = "http://127.0.0.1:9";
  const Ended ended = run_leeward({"run", dir.write("one.json", kOneCall).string(), "--mock-llm"},
                                  {{"HTTP_PROXY", nowhere}, {"http_proxy", nowhere}, {"NO_PROXY", "example.org"}});
  INFO(ended.out << ended.err);
  CHECK(ended.status == 0);
}

TEST_CASE("run takes params from the command line, a conf file and the DAG, in this order", "[e2e]") {
  const TempDir dir;
  const std::string dag = dir.write("one.json", R"({"dag_id": "p", "params": {"a": 1, "b": 2, "c": 3},
    "tasks": [{"task_id": "t", "operator": "echo", "with": {"value": ["{params.a}", "{params.b}", "{params.c}"]}}]})")
                              .string();
  const std::string conf = dir.write("conf.json", R"({"b": "conf", "c": "conf", "other": true})").string();
  const Ended ended = run_leeward({"run", dag, "--param", "c=[1,2]", "--conf", conf, "--json"});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const std::string output = text(task_of(ended.json()->root(), "t")["output"]);
  CHECK(output.find("[1,2]") != std::string::npos);
  CHECK(output.find("conf") != std::string::npos);

  const Ended slip = run_leeward({"run", dag, "--param", "aa=1"});
  CHECK(slip.status == 2);
  CHECK(slip.err.find("did you mean \"a\"?") != std::string::npos);
  CHECK(run_leeward({"run", dag, "--param", "novalue"}).status == 2);
  CHECK(run_leeward({"run", dag, "--logical-date", "yesterday"}).status == 2);
  const Ended dated = run_leeward({"run", dag, "--logical-date", "2024-02-29", "--json"});
  REQUIRE(dated.status == 0);
  CHECK(text(dated.json()->root()["logical_date"]).starts_with("2024-02-29T00:00:00"));
}

TEST_CASE("run without a connection exits 2 before anything runs, and names both ways out", "[e2e]") {
  const TempDir dir;
  const std::string witness = (dir.path() / "ran").string();
  const std::string dag = dir.write("w.json", R"({"dag_id": "w", "tasks": [
    {"task_id": "touch", "operator": "bash", "with": {"command": "touch \"$F\"", "env": {"F": ")" +
                                                  witness + R"("}}},
    {"task_id": "ask", "operator": "llm", "depends_on": ["touch"], "with": {"prompt": "hi", "model": "m"}}]})")
                              .string();
  const Ended ended = run_leeward({"run", dag, "--json"});
  CHECK(ended.status == 2);
  CHECK(ended.out.empty());
  CHECK(ended.err.find("OPENAI_API_KEY") != std::string::npos);
  CHECK(ended.err.find("--mock-llm") != std::string::npos);
  CHECK_FALSE(fs::exists(witness));

  const Ended valid = run_leeward({"validate", dag});
  CHECK(valid.status == 0);
  CHECK(valid.err.find("OPENAI_API_KEY") != std::string::npos);
}

TEST_CASE("run exits 1 when a task fails, with its error in the report", "[e2e]") {
  const TempDir dir;
  const std::string dag = dir.write("f.json", R"({"dag_id": "f", "tasks": [
    {"task_id": "bad", "operator": "bash", "retries": 0, "with": {"command": "exit 3"}},
    {"task_id": "after", "operator": "empty", "depends_on": ["bad"]}]})")
                              .string();
  const Ended ended = run_leeward({"run", dag, "--json"});
  CHECK(ended.status == 1);
  const auto document = ended.json();
  CHECK(text(document->root()["state"]) == "failed");
  CHECK(text(task_of(document->root(), "bad")["state"]) == "failed");
  CHECK(task_of(document->root(), "bad")["error"].is_object());
  CHECK(text(task_of(document->root(), "after")["state"]) == "upstream_failed");
}

TEST_CASE("Every DAG that ships runs with simulated answers", "[e2e]") {
  std::size_t ran = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator{LEEWARD_SOURCE_DIR "/dags"}) {
    if (entry.path().extension() != ".json") continue;
    INFO(entry.path());
    const Ended ended = run_leeward({"run", entry.path().string(), "--mock-llm", "--json"});
    INFO(ended.err);
    REQUIRE(ended.status == 0);
    const auto document = ended.json();
    CHECK(text(document->root()["state"]) == "success");
    for (const Json task : document->root()["tasks"]) {
      const std::string state = text(task["state"]);
      INFO(text(task["task_id"]));
      CHECK((state == "success" || state == "skipped"));
    }
    ++ran;
  }
  CHECK(ran >= 4);
}

TEST_CASE("The content pipeline summarises each article, in order, and sums its tokens", "[e2e]") {
  const Ended ended =
      run_leeward({"run", LEEWARD_SOURCE_DIR "/dags/llm_content_pipeline.json", "--mock-llm", "--json"});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const auto document = ended.json();
  const Json report = document->root();
  const std::size_t articles = report["context"]["extracted_data"]["articles"].size();
  REQUIRE(articles > 1);
  const Json summaries = report["context"]["summaries"];
  REQUIRE(summaries.size() == articles);
  std::int64_t input = 0;
  for (const Json task : report["tasks"]) {
    CHECK(text(task["state"]) == "success");
    if (task["usage"].is_object()) input += task["usage"]["input_tokens"].integer().value();
  }
  for (std::size_t i = 0; i < articles; ++i) {
    const Json task = task_of(report, "summarize_articles", static_cast<int>(i));
    REQUIRE(task.exists());
    CHECK(task["output"] == summaries.at(i));
  }
  CHECK(report["usage"]["input_tokens"].integer() == input);
  CHECK(input > 0);
}

TEST_CASE("The quality gate takes each of its three ways and skips the two others", "[e2e]") {
  const std::string long_text(60, 'x');
  const std::vector<std::pair<std::string, std::string>> ways = {
      {"short", "retry_task"}, {"抱歉, " + long_text, "fallback_task"}, {long_text, "continue_task"}};
  for (const auto& [answer, taken] : ways) {
    const Ended ended = run_leeward({"run", LEEWARD_SOURCE_DIR "/dags/quality_gate.json", "--mock-llm", "--json",
                                     "--param", "llm_output=" + answer});
    INFO(ended.err);
    REQUIRE(ended.status == 0);
    const auto document = ended.json();
    for (const char* task : {"retry_task", "fallback_task", "continue_task"}) {
      INFO(answer << " " << task);
      CHECK(text(task_of(document->root(), task)["state"]) == (taken == task ? "success" : "skipped"));
    }
  }
}

TEST_CASE("fallback.json answers with the second model when the first fails as often as it may", "[e2e]") {
  const TempDir dir;
  const std::string script =
      dir.write("s.json",
                R"({"rules": [{"model": "gpt-4", "status": 500, "error": "down", "headers": {"retry-after-ms": "1"}},
    {"model": "gpt-3.5-turbo", "text": "from the second"}]})")
          .string();
  const Ended ended = run_leeward({"run", LEEWARD_SOURCE_DIR "/dags/fallback.json", "--mock-script", script, "--json"});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const auto document = ended.json();
  CHECK(text(document->root()["context"]["answer"]) == "from the second");
  CHECK(document->root()["usage"]["requests"].integer() == 3);
  CHECK(text(task_of(document->root(), "ask")["usage"]).find("llm.server_error") != std::string::npos);
}
