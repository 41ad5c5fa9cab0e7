#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

// Runs that start each other, and share what a process has.

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kChild = R"({"dag_id": "child", "params": {"word": "none"}, "tasks": [
  {"task_id": "write", "operator": "bash",
   "with": {"command": "echo \"$WORD\" > \"$F\"", "env": {"F": "{dag_run.conf.file}", "WORD": "{params.word}"}}}]})";

/// A line of stderr that holds all of it.
std::string line_with(Program& program, std::string_view part) {
  while (true) {
    const std::string line = program.err_line();
    if (has(line, part)) return line;
    REQUIRE_FALSE(line.empty());
  }
}

}  // namespace

TEST_CASE("run refuses pools that are not there or too small, all at once, before anything runs", "[e2e]") {
  const TempDir dir;
  const std::string witness = (dir / "ran").string();
  const std::string dag = dir.write("p.json", R"({"dag_id": "p", "tasks": [
    {"task_id": "touch", "operator": "bash", "with": {"command": "touch \"$F\"", "env": {"F": ")" +
                                                  witness + R"("}}},
    {"task_id": "a", "operator": "empty", "pool": "lmm"},
    {"task_id": "b", "operator": "empty", "pool": "gpu", "pool_slots": 2}]})")
                              .string();
  const std::string config = dir.write("c.json", R"({"pools": {"llm": 4, "gpu": {"slots": 1}}})").string();
  const Ended ended = run_leeward({"run", dag, "--config", config});
  INFO(ended.err);
  CHECK(ended.status == 2);
  CHECK(has(ended.err, "did you mean \"llm\"?"));
  CHECK(has(ended.err, R"({"pools": {"lmm": 4}})"));
  CHECK(has(ended.err, "asks for 2 slots of pool \"gpu\", which has 1"));
  CHECK_FALSE(fs::exists(witness));
  CHECK(run_leeward({"validate", dag, "--config", config}).status == 0);
}

TEST_CASE("A pool holds for all runs of a process", "[e2e]") {
  // Each task says when it begins and ends; in a pool of one slot nobody begins while another is at it.
  const TempDir dir;
  const std::string log = (dir / "log").string();
  const std::string command = R"("command": "echo begin >> \"$F\"; echo end >> \"$F\"", "env": {"F": ")" + log + "\"}";
  dir.write("child.json", R"({"dag_id": "child", "tasks": [
    {"task_id": "c", "operator": "bash", "pool": "one", "expand": {"n": [1, 2, 3]}, "with": {)" +
                              command + "}}]}");
  const std::string dag = dir.write("parent.json", R"({"dag_id": "parent", "tasks": [
    {"task_id": "go", "operator": "dag_run", "with": {"dag": "child", "wait_for_completion": true}},
    {"task_id": "p", "operator": "bash", "pool": "one", "expand": {"n": [1, 2, 3]}, "with": {)" +
                                                       command + "}}]}")
                              .string();
  const std::string config = dir.write("c.json", R"({"pools": {"one": 1}})").string();
  const Ended ended = run_leeward({"run", dag, "--config", config});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  std::ifstream in(log);
  std::string all;
  for (std::string line; std::getline(in, line);) all += line + " ";
  CHECK(all == "begin end begin end begin end begin end begin end begin end ");
}

TEST_CASE("A task that waits for another run keeps neither a pool nor its own DAG from working", "[e2e]") {
  // The child's task needs the one slot of its parent's pool, and `free` the one active task that the parent may have.
  const TempDir dir;
  const std::string gate = (dir / "gate").string();
  REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
  dir.write("child.json", R"({"dag_id": "child", "tasks": [{"task_id": "c", "operator": "bash", "pool": "one",
    "with": {"command": "read line < \"$G\"", "env": {"G": ")" +
                              gate + R"("}}}]})");
  const std::string dag = dir.write("parent.json", R"({"dag_id": "parent", "max_active_tasks": 1, "tasks": [
    {"task_id": "go", "operator": "dag_run", "pool": "one", "priority_weight": 9,
     "with": {"dag": "child", "wait_for_completion": true}},
    {"task_id": "free", "operator": "bash", "with": {"command": "echo > \"$G\"", "env": {"G": ")" +
                                                       gate + R"("}}}]})")
                              .string();
  const std::string config = dir.write("c.json", R"({"pools": {"one": 1}})").string();
  const Ended ended = run_leeward({"run", dag, "--config", config});
  INFO(ended.err);
  CHECK(ended.status == 0);
}

TEST_CASE("dag_run waits for a run of another DAG, and its result says which", "[e2e]") {
  const TempDir dir;
  dir.write("child.json", kChild);
  const std::string file = (dir / "out").string();
  const std::string dag = dir.write("parent.json", R"({"dag_id": "parent", "tasks": [
    {"task_id": "go", "operator": "dag_run", "output_key": "child",
     "with": {"dag": "child", "conf": {"file": ")" + file +
                                                       R"(", "word": "conf"}, "run_id": "mine",
              "wait_for_completion": true}},
    {"task_id": "look", "operator": "external_task_sensor", "depends_on": ["go"],
     "with": {"external_dag_id": "child", "external_task_id": "write", "logical_date": "{logical_date}",
              "timeout": 0, "soft_fail": true}},
    {"task_id": "end", "operator": "echo", "depends_on": ["go"], "with": {"value": "{child.state}"}}]})")
                              .string();
  const Ended ended = run_leeward({"run", dag, "--json"});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const auto document = ended.json();
  const Json report = document->root();
  CHECK(text(report["dag_id"]) == "parent");
  CHECK(report["context"]["child"] ==
        JsonDocument::parse(R"({"run_id": "mine", "dag_id": "child", "state": "success"})").value()->root());
  CHECK(text(task_of(report, "end")["output"]) == "success");
  CHECK(text(task_of(report, "look")["state"]) == "skipped");  // another logical date
  CHECK(fs::file_size(file) == 5);
  CHECK(has(ended.err, "child mine: run ended: success"));
}

TEST_CASE("A sensor sees the task of a run that dag_run has started at its logical date", "[e2e]") {
  const TempDir dir;
  dir.write("child.json", kChild);
  const std::string dag = dir.write("parent.json", R"({"dag_id": "parent", "tasks": [
    {"task_id": "go", "operator": "dag_run",
     "with": {"dag": "child.json", "conf": {"file": "/dev/null"}, "run_id": "mine", "logical_date": "2024-01-01"}},
    {"task_id": "look", "operator": "external_task_sensor",
     "with": {"external_dag_id": "child", "external_task_id": "write", "logical_date": "2024-01-01",
              "poke_interval": 0.01}}]})")
                              .string();
  const Ended ended = run_leeward({"run", dag, "--json"});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  CHECK(text(task_of(ended.json()->root(), "look")["output"]) == R"(["mine"])");
}

TEST_CASE("run waits for runs that were triggered without waiting, and says so; its report is the first run's",
          "[e2e]") {
  const TempDir dir;
  const std::string gate = (dir / "gate").string();
  REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
  const std::string out = (dir / "out").string();
  dir.write("child.json", R"({"dag_id": "child", "tasks": [{"task_id": "c", "operator": "bash",
    "with": {"command": "read line < \"$G\"; echo \"$line\" > \"$F\"", "env": {"G": ")" +
                              gate + R"(", "F": ")" + out + R"("}}}]})");
  const std::string dag = dir.write("parent.json", R"({"dag_id": "parent", "tasks": [
    {"task_id": "go", "operator": "dag_run", "with": {"dag": "child", "run_id": "mine"}}]})")
                              .string();
  Program program{leeward_words({"run", dag}), {{"LEEWARD_HOME", (dir / "home").string()}}};
  CHECK(has(line_with(program, "waiting for"), "waiting for 1 run that was triggered: child mine"));
  std::ofstream{gate} << "through\n";  // opens when the child has opened the other end
  const Ended ended = program.wait();
  INFO(ended.err);
  CHECK(ended.status == 0);
  CHECK(ended.out.starts_with("parent  success"));
  CHECK(fs::exists(out));
}

TEST_CASE("A run that was waited for and failed fails the task", "[e2e]") {
  const TempDir dir;
  dir.write("child.json", R"({"dag_id": "child", "tasks": [{"task_id": "c", "operator": "bash", "retries": 0,
    "with": {"command": "exit 1"}}]})");
  const std::string dag = dir.write("parent.json", R"({"dag_id": "parent", "tasks": [
    {"task_id": "go", "operator": "dag_run", "retries": 0, "with": {"dag": "child", "wait_for_completion": true}},
    {"task_id": "lost", "operator": "dag_run", "retries": 0, "with": {"dag": "chlid"}}]})")
                              .string();
  const Ended ended = run_leeward({"run", dag, "--json"});
  CHECK(ended.status == 1);
  const auto document = ended.json();
  CHECK(text(task_of(document->root(), "go")["error"]["code"]) == "dag_run.failed");
  CHECK(has(text(task_of(document->root(), "lost")["error"]["message"]), "did you mean \"child\"?"));
}

TEST_CASE("runs cancel cancels a run with the runs it waits for", "[e2e]") {
  const TempDir dir;
  const std::string gate = (dir / "gate").string();
  REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
  dir.write("child.json", R"({"dag_id": "child", "tasks": [{"task_id": "c", "operator": "bash",
    "with": {"command": "echo there > \"$G\"; exec sleep 1000", "env": {"G": ")" +
                              gate + R"("}}}]})");
  const std::string dag = dir.write("parent.json", R"({"dag_id": "parent", "tasks": [
    {"task_id": "go", "operator": "dag_run", "with": {"dag": "child", "wait_for_completion": true}}]})")
                              .string();
  const std::string home = (dir / "home").string();
  Program program{leeward_words({"run", dag, "--json"}), {{"LEEWARD_HOME", home}}};
  std::string line;
  std::getline(std::ifstream{gate} >> std::ws, line);
  CHECK(line == "there");
  const Ended list = run_leeward({"runs", "list", "--dag", "parent", "--json"}, {{"LEEWARD_HOME", home}});
  const std::string run_id = text(list.json()->root().at(0)["run_id"]);
  CHECK(run_leeward({"runs", "cancel", run_id}, {{"LEEWARD_HOME", home}}).status == 0);
  const Ended ended = program.wait();
  INFO(ended.err);
  CHECK(ended.status == 1);
  CHECK(text(ended.json()->root()["state"]) == "canceled");
  CHECK(has(ended.err, "run ended: canceled"));
}
