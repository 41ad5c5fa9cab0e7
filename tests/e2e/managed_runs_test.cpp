#include <csignal>
#include <filesystem>
#include <memory>

#include <catch2/catch.hpp>

#include "tests/e2e/program.hpp"
#include "tests/e2e/stored_runs.hpp"
#include "tests/support/temp_dir.hpp"

// `leeward runs ...` and the home folder: what people do with runs that are recorded.

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kGuarded = R"({"dag_id": "guarded", "tasks": [
  {"task_id": "set_up", "operator": "bash", "setup": true, "with": {"command": "BEGIN", "env": ENV}},
  {"task_id": "hold", "operator": "bash", "depends_on": ["set_up"], "with": {"command": "HOLD", "env": ENV}},
  {"task_id": "tear_down", "operator": "bash", "teardown": "set_up", "depends_on": ["hold"],
   "with": {"command": "BEGIN", "env": ENV}}]})";

}  // namespace

TEST_CASE("runs cancel ends a run that another process is at, and its teardowns run", "[e2e]") {
  StoredRunsHome home;
  Program program = home.start({"run", home.dag(kGuarded), "--json"});
  home.await("hold");
  const std::string run_id = home.only_run();
  CHECK_FALSE(home.listed(run_id)["interrupted"].boolean());
  CHECK(home.listed(run_id)["process"].integer() == program.pid());
  const Ended canceled = home.leeward({"runs", "cancel", run_id});
  INFO(canceled.err);
  CHECK(canceled.status == 0);
  CHECK(has(canceled.out, "is being canceled"));
  const Ended ended = program.wait();
  CHECK(ended.status == 1);
  const auto report = ended.json();
  CHECK(text(report->root()["state"]) == "canceled");
  CHECK(text(report->root()["end_reason"]) == "canceled");
  CHECK(text(task_of(report->root(), "hold")["state"]) == "canceled");
  CHECK(home.witnessed("tear_down") == 1);
  const Ended again = home.leeward({"runs", "cancel", run_id});
  CHECK(again.status == 2);
  CHECK(has(again.err, "has ended already: canceled"));
}

TEST_CASE("runs cancel ends a run that nobody is at: it runs the teardowns itself", "[e2e]") {
  StoredRunsHome home;
  const std::string run_id = home.run_until(home.dag(kGuarded), "hold", SIGKILL);
  const Ended canceled = home.leeward({"runs", "cancel", run_id, "--json"});
  INFO(canceled.err);
  CHECK(canceled.status == 0);
  CHECK(text(canceled.json()->root()["state"]) == "canceled");
  CHECK(home.witnessed("hold") == 1);
  CHECK(home.witnessed("tear_down") == 1);
  CHECK(text(home.listed(run_id)["state"]) == "canceled");
  CHECK(home.leeward({"runs", "resume", run_id}).status == 1);
  CHECK(home.leeward({"fsck"}).status == 0);
}

TEST_CASE("Several processes record in one home at the same time", "[e2e]") {
  StoredRunsHome home;
  const std::string dag = home.dag(R"({"dag_id": "wide", "tasks": [
    {"task_id": "each", "operator": "bash", "expand": {"n": [1, 2, 3, 4, 5]}, "with": {"command": "BEGIN", "env": ENV}}]})");
  std::vector<std::unique_ptr<Program>> programs;
  for (int i = 0; i < 4; ++i) {
    programs.push_back(std::make_unique<Program>(leeward_words({"run", dag, "--json"}),
                                                 Program::Environment{{"LEEWARD_HOME", home.path()}}));
  }
  for (const auto& program : programs) {
    const Ended ended = program->wait();
    INFO(ended.err);
    CHECK(ended.status == 0);
    CHECK(text(ended.json()->root()["state"]) == "success");
  }
  CHECK(home.witnessed("each") == 20);
  CHECK(home.leeward({"runs", "list", "--state", "success", "--json"}).json()->root().size() == 4);
  CHECK(home.leeward({"fsck"}).status == 0);
  CHECK(fs::is_empty(fs::path{home.path()} / "run"));
}

TEST_CASE("runs list chooses by DAG, state and number, the newest first", "[e2e]") {
  StoredRunsHome home;
  CHECK(home.leeward({"runs", "list"}).status == 0);
  CHECK(home.leeward({"runs", "list", "--json"}).json()->root().size() == 0);
  CHECK_FALSE(fs::exists(home.path()));  // looking makes nothing
  const std::string good = home.dag(R"({"dag_id": "good", "tasks": [{"task_id": "t", "operator": "empty"}]})");
  const std::string bad = home.dag(
      R"({"dag_id": "bad", "tasks": [{"task_id": "t", "operator": "bash", "retries": 0, "with": {"command": "exit 1"}}]})");
  REQUIRE(home.leeward({"run", good}).status == 0);
  REQUIRE(home.leeward({"run", bad}).status == 1);
  REQUIRE(home.leeward({"run", good}).status == 0);

  const auto all = home.leeward({"runs", "list", "--json"}).json();
  REQUIRE(all->root().size() == 3);
  CHECK(text(all->root().at(0)["dag_id"]) == "good");
  CHECK(text(all->root().at(1)["dag_id"]) == "bad");
  CHECK(text(all->root().at(1)["state"]) == "failed");
  CHECK(text(all->root().at(0)["started_at"]) > text(all->root().at(2)["started_at"]));
  CHECK(all->root().at(0)["ended_at"].is_string());
  CHECK(home.leeward({"runs", "list", "--json", "--dag", "good", "--limit", "1"}).json()->root().size() == 1);
  CHECK(home.leeward({"runs", "list", "--json", "--state", "failed"}).json()->root().size() == 1);
  const Ended table = home.leeward({"runs", "list", "--state", "failed"});
  CHECK(has(table.out, "  bad  failed  "));
  const Ended wrong = home.leeward({"runs", "list", "--state", "faild"});
  CHECK(wrong.status == 2);
  CHECK(has(wrong.err, "did you mean \"failed\"?"));
}

TEST_CASE("A run that is not there is told of with the nearest one", "[e2e]") {
  StoredRunsHome home;
  const std::string dag = home.dag(R"({"dag_id": "good", "tasks": [{"task_id": "t", "operator": "empty"}]})");
  for (const char* verb : {"show", "resume", "cancel"}) {
    INFO(verb);
    CHECK(home.leeward({"runs", verb, "01JNOTHING"}).status == 2);
  }
  REQUIRE(home.leeward({"run", dag}).status == 0);
  std::string run_id = home.only_run();
  const std::string right = run_id;
  run_id.back() = run_id.back() == 'X' ? 'Y' : 'X';
  for (const char* verb : {"show", "resume", "cancel"}) {
    const Ended ended = home.leeward({"runs", verb, run_id});
    INFO(verb << ended.err);
    CHECK(ended.status == 2);
    CHECK(has(ended.err, "did you mean \"" + right + "\"?"));
  }
}

TEST_CASE("A home that cannot be made ends the command with status 3, before anything runs", "[e2e]") {
  const TempDir dir;
  const std::string witness = (dir / "ran").string();
  const std::string dag = dir.write("w.json", R"({"dag_id": "w", "tasks": [
    {"task_id": "touch", "operator": "bash", "with": {"command": "touch \"$F\"", "env": {"F": ")" +
                                                  witness + R"("}}}]})")
                              .string();
  const std::string file = dir.write("file", "").string();
  for (const std::string& home : {std::string{"/proc/leeward"}, file, file + "/home"}) {
    const Ended ended = run_leeward({"run", dag, "--home", home});
    INFO(ended.err);
    CHECK(ended.status == 3);
    CHECK(has(ended.err, home));
    CHECK(has(ended.err, "--home DIR"));
    CHECK_FALSE(fs::exists(witness));
  }
}

TEST_CASE("A file that is no store is left alone, and told of with status 3", "[e2e]") {
  const TempDir dir;
  const std::string dag =
      dir.write("w.json", R"({"dag_id": "w", "tasks": [{"task_id": "t", "operator": "empty"}]})").string();
  dir.write("home/leeward.db", "this is a letter to my aunt, and no database");
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"run", dag}, {"runs", "list"}, {"fsck"}, {"runs", "show", "x"}}) {
    const Ended ended = run_leeward(words, {{"LEEWARD_HOME", (dir / "home").string()}});
    INFO(words[0] << ended.err);
    CHECK(ended.status == 3);
    CHECK(has(ended.err, "leeward.db"));
  }
}

TEST_CASE("A task that failed runs again with what comes after it, once its cause is mended and it is cleared",
          "[e2e]") {
  StoredRunsHome home;
  const std::string dag = home.dag(R"({"dag_id": "mended", "tasks": [
    {"task_id": "before", "operator": "bash", "with": {"command": "BEGIN", "env": ENV}},
    {"task_id": "fails", "operator": "bash", "retries": 0, "depends_on": ["before"],
     "with": {"command": "BEGIN; [ -e \"$GATE\" ]", "env": ENV}},
    {"task_id": "after", "operator": "bash", "depends_on": ["fails"], "with": {"command": "BEGIN", "env": ENV}}]})");
  REQUIRE(home.leeward({"run", dag}).status == 1);
  const std::string run_id = home.only_run();
  const Ended wrong = home.leeward({"runs", "clear", run_id, "--task", "fail"});
  CHECK(wrong.status == 2);
  CHECK(has(wrong.err, "did you mean \"fails\"?"));
  home.open_gate();

  SECTION("in two steps") {
    const Ended cleared = home.leeward({"runs", "clear", run_id, "--only-failed", "--json"});
    INFO(cleared.err);
    REQUIRE(cleared.status == 0);
    CHECK(text(cleared.json()->root()["cleared"]) == R"(["fails","after"])");
    CHECK(text(home.listed(run_id)["state"]) == "queued");
    CHECK(home.leeward({"runs", "resume", run_id}).status == 0);
  }
  SECTION("in one") {
    const Ended again =
        home.leeward({"runs", "clear", run_id, "--task", "fails", "--downstream", "--resume", "--json"});
    INFO(again.err);
    REQUIRE(again.status == 0);
    CHECK(text(again.json()->root()["state"]) == "success");
    CHECK(task_of(again.json()->root(), "fails")["attempts"].integer() == 2);
  }
  CHECK(text(home.listed(run_id)["state"]) == "success");
  CHECK(home.witnessed("before") == 1);
  CHECK(home.witnessed("fails") == 2);
  CHECK(home.witnessed("after") == 1);
  CHECK(home.leeward({"fsck"}).status == 0);
}

TEST_CASE("A run that a process is at is not cleared", "[e2e]") {
  StoredRunsHome home;
  Program program = home.start({"run", home.dag(kGuarded)});
  home.await("hold");
  const Ended refused = home.leeward({"runs", "clear", home.only_run()});
  CHECK(refused.status == 2);
  CHECK(has(refused.err, "is being run by process " + std::to_string(program.pid())));
  home.open_gate();
  CHECK(program.wait().status == 0);
}

TEST_CASE("A store that takes no more ends the run with status 3, and it goes on when there is room", "[e2e]") {
  // small -> part[0], part[1], ...: together they need more than a file may have here.
  StoredRunsHome home;
  const std::string dag = home.dag(R"({"dag_id": "large", "params": {"text": ")" + std::string(1'000'000, 'x') +
                                   R"("}, "tasks": [
    {"task_id": "small", "operator": "bash", "with": {"command": "BEGIN", "env": ENV}},
    {"task_id": "part", "operator": "echo", "depends_on": ["small"], "expand": {"n": [1, 2, 3, 4, 5, 6, 7, 8]},
     "with": {"value": "{n}{params.text}{params.text}{params.text}{params.text}"}}]})");
  const std::string limited = "trap '' XFSZ; ulimit -f 16384; exec \"$0\" run \"$1\" --json";
  const Ended full =
      Program{{"bash", "-c", limited, LEEWARD_BINARY_DIR "/bin/leeward", dag}, {{"LEEWARD_HOME", home.path()}}}.wait();
  INFO(full.err);
  REQUIRE(full.status == 3);
  CHECK(full.out.empty());
  CHECK(has(full.err, "leeward.db"));
  const std::string run_id = home.only_run();
  CHECK(has(full.err, "run " + run_id + " is stored up to here; when that is mended: leeward runs resume " + run_id));
  CHECK(home.leeward({"fsck"}).status == 0);
  CHECK(home.leeward({"runs", "resume", run_id, "--json"}).status == 0);
  CHECK(home.witnessed("small") == 1);
}

TEST_CASE("runs logs shows what attempts said, by task and try", "[e2e]") {
  StoredRunsHome home;
  const std::string dag = home.dag(R"({"dag_id": "talks", "tasks": [
    {"task_id": "says", "operator": "bash", "retries": 1, "retry_delay": 0,
     "with": {"command": "echo from the task; [ -e \"$GATE\" ] || { touch \"$GATE\"; exit 1; }", "env": ENV}},
    {"task_id": "other", "operator": "bash", "with": {"command": "echo something else"}}]})");
  REQUIRE(home.leeward({"run", dag}).status == 0);
  const std::string run_id = home.only_run();
  const Ended all = home.leeward({"runs", "logs", run_id});
  CHECK(all.status == 0);
  CHECK(has(all.out, "== says try 2 =="));
  CHECK(has(all.out, "from the task"));
  CHECK(has(all.out, "something else"));
  const Ended one = home.leeward({"runs", "logs", run_id, "says", "--try", "1"});
  CHECK(has(one.out, "from the task"));
  CHECK_FALSE(has(one.out, "something else"));
  CHECK(home.leeward({"runs", "logs", run_id, "--json"}).json()->root().size() == 3);
  const Ended wrong = home.leeward({"runs", "logs", run_id, "say"});
  CHECK(wrong.status == 2);
  CHECK(has(wrong.err, "did you mean \"says\"?"));
}
