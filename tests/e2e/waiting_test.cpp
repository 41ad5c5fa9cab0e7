// Tasks that wait, and tasks that do not want to stop, in the built program with the plugins that ship.

#include <fstream>

#include <catch2/catch.hpp>

#include "tests/e2e/program.hpp"
#include "tests/plugins/bash/processes.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

std::vector<pid_t> numbers_in(const std::filesystem::path& file) {
  std::vector<pid_t> numbers;
  std::ifstream in(file);
  for (pid_t number = 0; in >> number;) numbers.push_back(number);
  return numbers;
}

}  // namespace

TEST_CASE("A task past its execution_timeout is stopped with its children, tried again, and in the end failed",
          "[e2e]") {
  const TempDir dir;
  const auto pids = dir.write("pids", "");
  // It ignores SIGTERM, and so does a child in a session of its own.
  const auto dag = dir.write("dag.json", R"({"dag_id": "stubborn", "tasks": [
    {"task_id": "a", "operator": "bash", "execution_timeout": "500ms", "retries": 1, "retry_delay": 0, "with": {
      "command": "trap '' TERM; setsid sleep 1000 & echo $$ $! >> \"$1\"; while :; do wait; done",
      "args": [")" + pids.string() + R"("]}}]})");
  const auto config = dir.write("config.json", R"({"plugins": {"bash": {"kill_grace_ms": 50}}})");
  const Ended ended = run_leeward({"run", dag.string(), "--json", "--config", config.string()});
  INFO(ended.err);
  CHECK(ended.status == 1);
  const auto document = ended.json();
  const Json task = task_of(document->root(), "a");
  CHECK(text(task["state"]) == "failed");
  CHECK(task["attempts"].integer() == 2);
  CHECK(text(task["error"]["code"]) == "task.timed_out");
  const auto processes_seen = numbers_in(pids);
  CHECK(processes_seen.size() == 4);
  for (const pid_t process : processes_seen) CHECK_FALSE(processes::is_alive(process));
}

TEST_CASE("Sensors wait beside each other until what they wait for is there, or the time is over", "[e2e]") {
  const TempDir dir;
  const auto file = dir / "arrived.csv";
  const auto dag = dir.write("dag.json", R"({"dag_id": "sensors", "tasks": [
    {"task_id": "arrives", "operator": "file_sensor", "output_key": "files",
     "with": {"path": ")" + (dir / "*.csv").string() +
                                             R"(", "poke_interval": "20ms"}},
    {"task_id": "writes", "operator": "bash", "with": {"command": "touch \"$1\"", "args": [")" +
                                             file.string() + R"("]}},
    {"task_id": "never", "operator": "file_sensor",
     "with": {"path": "/no/such/file", "poke_interval": "20ms", "timeout": "100ms"}, "retries": 3},
    {"task_id": "softly", "operator": "file_sensor",
     "with": {"path": "/no/such/file", "poke_interval": "20ms", "timeout": "100ms", "soft_fail": true}},
    {"task_id": "past", "operator": "time_sensor", "with": {"target": "2001-01-01"}}]})");
  const Ended ended = run_leeward({"run", dag.string(), "--json"});
  INFO(ended.err);
  const auto document = ended.json();
  const Json report = document->root();
  CHECK(text(task_of(report, "arrives")["state"]) == "success");
  CHECK(text(report["context"]["files"]) == "[\"" + file.string() + "\"]");
  const Json never = task_of(report, "never");
  CHECK(text(never["state"]) == "failed");
  CHECK(text(never["error"]["code"]) == "sensor.timeout");
  CHECK(never["attempts"].integer() == 1);
  CHECK(text(task_of(report, "softly")["state"]) == "skipped");
  CHECK(text(task_of(report, "past")["state"]) == "success");
}

TEST_CASE("http_sensor waits for an answer that a server has not yet, and fails where nobody serves", "[e2e]") {
  if (!has_program("python3")) {
    WARN("SKIP: needs python3");
    return;
  }
  const TempDir dir;
  Program server{{"python3", LEEWARD_SOURCE_DIR "/tests/e2e/status_server.py", "404", "404", "200"}, {}};
  const auto config = dir.write("config.json", R"({"connections": {"warehouse": {"base_url": ")" + server.out_line() +
                                                   R"("}, "nobody": {"base_url": "http://127.0.0.1:1"}}})");
  const auto dag = dir.write("dag.json", R"({"dag_id": "exports", "params": {"export_id": "7"}, "tasks": [
    {"task_id": "export_done", "operator": "http_sensor", "output_key": "export", "with": {
      "connection": "warehouse", "url": "/exports/{params.export_id}", "poke_interval": "100ms", "timeout": "2h",
      "response_check": {"value": "{json.state}", "equals": "done"}}},
    {"task_id": "nobody", "operator": "http_sensor", "with": {"connection": "nobody", "url": "/"}}]})");
  const Ended ended = run_leeward({"run", dag.string(), "--json", "--config", config.string()});
  INFO(ended.err);
  const auto document = ended.json();
  const Json report = document->root();
  CHECK(text(task_of(report, "export_done")["state"]) == "success");
  CHECK(text(report["context"]["export"]["state"]) == "done");
  CHECK(text(task_of(report, "nobody")["error"]["code"]) == "http.connect");
}

TEST_CASE("A thousand sensors wait without a thread each", "[e2e]") {
  const TempDir dir;
  const auto file = dir / "arrived";
  std::string paths = "[\"" + file.string() + "\"";
  for (int i = 1; i < 1000; ++i) paths += ",\"" + file.string() + "\"";
  // What they wait for comes after the host's threads were counted.
  const auto dag = dir.write("dag.json", R"({"dag_id": "crowd", "tasks": [
    {"task_id": "wait", "operator": "file_sensor", "with": {"path": "{path}", "poke_interval": "1s"}, "expand": {"path": )" +
                                             paths +
                                             R"(]}},
    {"task_id": "count", "operator": "bash", "output_key": "threads", "with": {
      "command": "ls /proc/$PPID/task | wc -l; touch \"$1\"", "args": [")" +
                                             file.string() + R"("]}}]})");
  const Ended ended = run_leeward({"run", dag.string(), "--json"});
  INFO(ended.err);
  CHECK(ended.status == 0);
  const auto document = ended.json();
  const Json report = document->root();
  CHECK(text(report["state"]) == "success");
  CHECK(report["context"]["threads"].integer().value() < 100);
}

TEST_CASE("An approval that nobody answers goes on with its defaults, or fails", "[e2e]") {
  const TempDir dir;
  const auto dag = dir.write("dag.json", R"({"dag_id": "approvals", "tasks": [
    {"task_id": "yes", "operator": "approval", "with": {"subject": "?", "timeout": "50ms", "defaults": "Approve"}},
    {"task_id": "no", "operator": "approval", "with": {"subject": "?", "timeout": "50ms", "defaults": "Reject"}},
    {"task_id": "fails", "operator": "approval", "with": {"subject": "?", "timeout": "50ms"}},
    {"task_id": "route", "operator": "approval", "with": {"subject": "?", "timeout": "50ms", "options": ["x", "y"],
      "defaults": "y", "options_mapping": {"x": "after_x", "y": ["after_y"]}}},
    {"task_id": "after_yes", "operator": "empty"}, {"task_id": "after_no", "operator": "empty"},
    {"task_id": "after_x", "operator": "empty"}, {"task_id": "after_y", "operator": "empty"}],
    "dependencies": ["yes >> after_yes", "no >> after_no", "route >> after_x", "route >> after_y"]})");
  const Ended ended = run_leeward({"run", dag.string(), "--json"});
  INFO(ended.err);
  const auto document = ended.json();
  const Json report = document->root();
  for (const auto& [task, state] : std::vector<std::pair<std::string, std::string>>{{"yes", "success"},
                                                                                    {"no", "success"},
                                                                                    {"fails", "failed"},
                                                                                    {"after_yes", "success"},
                                                                                    {"after_no", "skipped"},
                                                                                    {"after_x", "skipped"},
                                                                                    {"after_y", "success"}}) {
    INFO(task);
    CHECK(text(task_of(report, task)["state"]) == state);
  }
  CHECK(text(task_of(report, "fails")["error"]["code"]) == "approval.timeout");
}

TEST_CASE("short_circuit and latest_only skip what lies downstream, each in its way", "[e2e]") {
  const TempDir dir;
  const auto dag = dir.write("dag.json", R"({"dag_id": "flow", "tasks": [
    {"task_id": "all", "operator": "short_circuit", "with": {"value": []}},
    {"task_id": "direct", "operator": "short_circuit",
     "with": {"condition": {"value": 1, "equals": 2}, "ignore_downstream_trigger_rules": false}},
    {"task_id": "latest", "operator": "latest_only"},
    {"task_id": "a", "operator": "empty"}, {"task_id": "aa", "operator": "empty", "trigger_rule": "all_done"},
    {"task_id": "b", "operator": "empty"}, {"task_id": "bb", "operator": "empty", "trigger_rule": "all_done"},
    {"task_id": "c", "operator": "empty"}],
    "dependencies": ["all >> a >> aa", "direct >> b >> bb", "latest >> c"]})");
  const Ended ended = run_leeward({"run", dag.string(), "--json"});
  INFO(ended.err);
  const auto document = ended.json();
  const Json report = document->root();
  for (const auto& [task, state] : std::vector<std::pair<std::string, std::string>>{{"all", "success"},
                                                                                    {"a", "skipped"},
                                                                                    {"aa", "skipped"},
                                                                                    {"b", "skipped"},
                                                                                    {"bb", "success"},
                                                                                    {"c", "success"}}) {
    INFO(task);
    CHECK(text(task_of(report, task)["state"]) == state);
  }
}

TEST_CASE("validate finds slips in what these operators are given", "[e2e]") {
  const TempDir dir;
  const auto dag = dir.write("dag.json", R"({"dag_id": "slips", "tasks": [
    {"task_id": "ask", "operator": "approval", "with": {"subject": "?", "options_mapping": {"Approve": "publsh"}}},
    {"task_id": "publish", "operator": "empty"},
    {"task_id": "wait", "operator": "http_sensor", "with": {"url": "http://x/",
      "response_check": {"value": "{jsn.state}", "equal": 1}, "timeout": "2 hours"}}],
    "dependencies": ["ask >> publish"]})");
  const Ended ended = run_leeward({"validate", dag.string()});
  CHECK(ended.status != 0);
  const std::string said = ended.out + ended.err;
  INFO(said);
  for (const char* part : {"publsh", "\"equals\"", "\"json\"", "timeout"}) CHECK(said.find(part) != std::string::npos);
}
