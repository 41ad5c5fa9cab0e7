#include <csignal>
#include <filesystem>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/e2e/program.hpp"
#include "tests/e2e/stored_runs.hpp"
#include "tests/support/temp_dir.hpp"

// Runs whose process ends before they do, and what becomes of them. Each task writes its name into a witness file when
// it begins: whatever the program says, that file says what was really done.

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

/// "begin" writes its name and ends, "hold" waits for the gate, "end" comes after it.
constexpr const char* kThree = R"({"dag_id": "three", "tasks": [
  {"task_id": "begin", "operator": "bash", "output_key": "begun", "with": {"command": "BEGIN; echo done", "env": ENV}},
  {"task_id": "hold", "operator": "bash", "depends_on": ["begin"], "with": {"command": "HOLD", "env": ENV}},
  {"task_id": "end", "operator": "bash", "depends_on": ["hold"], "with": {"command": "BEGIN", "env": ENV}}]})";

}  // namespace

TEST_CASE("A run whose process is killed goes on where it stood, and tells what an undisturbed one tells", "[e2e]") {
  StoredRunsHome undisturbed;
  undisturbed.open_gate();
  const Ended quiet = undisturbed.leeward({"run", undisturbed.dag(kThree), "--json"});
  REQUIRE(quiet.status == 0);

  StoredRunsHome home;
  const std::string dag = home.dag(kThree);
  const int kills = GENERATE(1, 2);
  const std::string run_id = home.run_until(dag, "hold", SIGKILL);
  CHECK(text(home.listed(run_id)["state"]) == "running");
  CHECK(home.listed(run_id)["interrupted"].boolean());
  CHECK(has(home.leeward({"runs", "list"}).out, "interrupted"));
  if (kills == 2) home.resume_until(run_id, "hold", 2, SIGKILL);
  fs::remove(dag);  // its text was kept
  home.open_gate();
  const Ended ended = home.leeward({"runs", "resume", run_id, "--json"});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  CHECK(comparable(ended.json()->root()) == comparable(quiet.json()->root()));
  CHECK(home.witnessed("begin") == 1);
  CHECK(home.witnessed("hold") == kills + 1);
  CHECK(home.witnessed("end") == 1);
  CHECK(text(home.listed(run_id)["state"]) == "success");

  const Ended shown = home.leeward({"runs", "show", run_id, "--json", "--home", home.path()});
  CHECK(shown.out == ended.out);
  CHECK(home.leeward({"fsck"}).status == 0);
  const Ended again = home.leeward({"runs", "resume", run_id, "--json"});
  CHECK(again.status == 0);
  CHECK(again.out == ended.out);
  CHECK(has(again.err, "has ended already: success"));
  CHECK(home.witnessed("end") == 1);
}

TEST_CASE("The first SIGTERM lets what is at work end, starts nothing, and says how to go on", "[e2e]") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    INFO(number);
    StoredRunsHome home;
    Program program = home.start({"run", home.dag(kThree), "--json"});
    home.await("hold");
    program.signal(number);
    while (!has(program.err_line(), "interrupted")) continue;
    home.open_gate();
    const Ended put_off = program.wait();
    INFO(put_off.err);
    CHECK(put_off.status == 130);
    const auto report = put_off.json();
    CHECK(text(report->root()["state"]) == "running");
    CHECK(text(task_of(report->root(), "hold")["state"]) == "success");
    CHECK(text(task_of(report->root(), "end")["state"]) == "none");
    const std::string run_id = text(report->root()["run_id"]);
    CHECK(has(put_off.err, "the run is stored: leeward runs resume " + run_id));

    const Ended ended = home.leeward({"runs", "resume", run_id});
    INFO(ended.err);
    CHECK(ended.status == 0);
    CHECK(has(ended.out, "three  success (resumed)"));
    for (const char* task : {"begin", "hold", "end"}) CHECK(home.witnessed(task) == 1);
  }
}

TEST_CASE("The second SIGTERM leaves at once, and the run can still go on", "[e2e]") {
  StoredRunsHome home;
  Program program = home.start({"run", home.dag(kThree), "--json"});
  home.await("hold");
  program.signal(SIGTERM);
  while (!has(program.err_line(), "interrupted")) continue;
  program.signal(SIGTERM);
  const Ended left = program.wait();
  CHECK(left.status == 130);
  CHECK(left.out.empty());
  home.open_gate();
  const std::string run_id = home.only_run();
  CHECK(home.leeward({"runs", "resume", run_id}).status == 0);
  CHECK(home.witnessed("begin") == 1);
}

TEST_CASE("A signal that the program was started to ignore puts nothing off, and the others still do", "[e2e]") {
  struct Started {
    int ignored;
    std::vector<std::string> by;
  };
  const auto [ignored, by] =
      GENERATE(Started{SIGHUP, {"nohup"}}, Started{SIGINT, {"sh", "-c", "trap '' INT; exec \"$@\"", "sh"}});
  if (!has_program(by.front())) {
    WARN("SKIP: needs " << by.front());
    return;
  }
  StoredRunsHome home;
  const std::string dag = home.dag(kThree);
  Program program = home.start_by(by, {"run", dag, "--json"});
  home.await("hold");
  program.signal(ignored);
  program.signal(SIGTERM);  // had the first been heard, this were the second
  while (!has(program.err_line(), "interrupted")) continue;
  home.open_gate();
  const Ended put_off = program.wait();
  INFO(put_off.err);
  CHECK(put_off.status == 130);
  REQUIRE(has(put_off.err, "the run is stored: leeward runs resume "));
  CHECK(home.leeward({"runs", "resume", home.only_run()}).status == 0);
  for (const char* task : {"begin", "hold", "end"}) CHECK(home.witnessed(task) == 1);
}

TEST_CASE("A run goes on when nobody reads what it says any more", "[e2e]") {
  StoredRunsHome home;
  const std::string dag = home.dag(kThree);
  Program program = home.start_by({"sh", "-c", "\"$@\" 2>&1 | head -n 1", "sh"}, {"run", dag});
  home.await("hold");
  home.open_gate();
  CHECK(program.wait().status == 0);  // head's
  CHECK(home.witnessed("end") == 1);
  CHECK(text(home.listed(home.only_run())["state"]) == "success");
}

TEST_CASE("A signal while the program starts leaves nothing half done", "[e2e]") {
  const StoredRunsHome home;
  const std::string dag = home.dag(kThree);
  Program program = home.start({"run", dag});
  program.signal(SIGTERM);
  const int status = program.wait().status;
  CHECK((status == 130 || status == 128 + SIGTERM));
  CHECK(home.witnessed("hold") == 0);
  CHECK(home.leeward({"fsck"}).status == 0);
}

TEST_CASE("A question that a killed process has asked can be answered when the run goes on", "[e2e]") {
  StoredRunsHome home;
  const std::string dag = home.dag(R"({"dag_id": "ask", "tasks": [
    {"task_id": "approve", "operator": "approval", "output_key": "said", "with": {"subject": "Publish?"}},
    {"task_id": "out", "operator": "bash", "depends_on": ["approve"], "with": {"command": "BEGIN", "env": ENV}}]})");
  std::string run_id;
  {
    Program program = home.start({"run", dag});
    while (!has(program.err_line(), "approve awaits input: Publish?")) continue;
    program.signal(SIGKILL);
    static_cast<void>(program.wait());
    run_id = home.only_run();
  }
  CHECK(home.leeward({"runs", "waiting", "--json"}).json()->root().size() == 0);
  Program resumed = home.start({"runs", "resume", run_id, "--json"});
  while (!has(resumed.err_line(), "approve awaits input: Publish?")) continue;
  const auto asked = home.leeward({"runs", "waiting", "--json"}).json();
  REQUIRE(asked->root().size() == 1);
  CHECK(text(asked->root().at(0)["run_id"]) == run_id);
  CHECK(home.leeward({"runs", "answer", run_id, "approve", "--choose", "Approve"}).status == 0);
  const Ended ended = resumed.wait();
  INFO(ended.err);
  CHECK(ended.status == 0);
  CHECK(text(ended.json()->root()["context"]["said"]["chosen_options"]) == R"(["Approve"])");
  CHECK(home.witnessed("out") == 1);
}

TEST_CASE("A retry that was due after the process was killed still comes, and counts as the next try", "[e2e]") {
  StoredRunsHome home;
  const std::string dag = home.dag(R"({"dag_id": "again", "tasks": [
    {"task_id": "flaky", "operator": "bash", "retries": 2, "retry_delay": "1s",
     "with": {"command": "BEGIN; [ -e \"$GATE\" ]", "env": ENV}}]})");
  Program program = home.start({"run", dag});
  while (!has(program.err_line(), "flaky up_for_retry")) continue;
  program.signal(SIGKILL);
  static_cast<void>(program.wait());
  home.open_gate();
  const Ended ended = home.leeward({"runs", "resume", home.only_run(), "--json"});
  INFO(ended.err);
  CHECK(ended.status == 0);
  CHECK(task_of(ended.json()->root(), "flaky")["attempts"].integer() == home.witnessed("flaky"));
  CHECK(home.witnessed("flaky") >= 2);
}

TEST_CASE("A pool holds for runs that are taken up", "[e2e]") {
  StoredRunsHome home;
  const std::string config = home.file("c.json", R"({"pools": {"one": 1}})");
  const std::string dag = home.dag(R"({"dag_id": "pooled", "tasks": [
    {"task_id": "hold", "operator": "bash", "pool": "one", "expand": {"n": [1, 2, 3]},
     "with": {"command": "HOLD; echo end >> \"$WITNESS\"", "env": ENV}}]})");
  Program program = home.start({"run", dag, "--config", config});
  home.await("hold");
  program.signal(SIGKILL);
  static_cast<void>(program.wait());
  Program resumed = home.start({"runs", "resume", home.only_run(), "--config", config});
  home.await("hold", 2);
  const auto before = home.witness();
  CHECK(before == std::vector<std::string>{"hold", "hold"});  // the one of the dead process, and one in the pool
  home.open_gate();
  CHECK(resumed.wait().status == 0);
  CHECK(home.witnessed("hold") == 4);
}

TEST_CASE("resume --all goes on with every run that nobody is at, and prints their reports", "[e2e]") {
  StoredRunsHome home;
  const std::string dag = home.dag(kThree);
  const std::string first = home.run_until(dag, "hold", SIGKILL);
  const std::string second = home.run_until(dag, "hold", SIGKILL, 2);
  Program owned = home.start({"run", dag});
  home.await("hold", 3);
  const Ended refused = home.leeward({"runs", "resume", home.newest_run()});
  CHECK(refused.status == 2);
  CHECK(has(refused.err, "is being run by process " + std::to_string(owned.pid())));

  Program all = home.start({"runs", "resume", "--all", "--json"});
  home.await("hold", 5);
  home.open_gate();
  const Ended ended = all.wait();
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const auto reports = ended.json();
  REQUIRE(reports->root().size() == 2);
  std::set<std::string> ids;
  for (const Json report : reports->root()) {
    CHECK(text(report["state"]) == "success");
    ids.insert(text(report["run_id"]));
  }
  CHECK(ids == std::set<std::string>{first, second});
  CHECK(owned.wait().status == 0);
  const Ended nothing = home.leeward({"runs", "resume", "--all", "--json"});
  CHECK(nothing.status == 0);
  CHECK(nothing.json()->root().size() == 0);
}

TEST_CASE("run says that runs wait to be taken up, and how", "[e2e]") {
  StoredRunsHome home;
  const std::string run_id = home.run_until(home.dag(kThree), "hold", SIGKILL);
  const std::string other = home.dag(R"({"dag_id": "other", "tasks": [{"task_id": "t", "operator": "empty"}]})");
  const Ended ended = home.leeward({"run", other});
  CHECK(ended.status == 0);
  CHECK(has(ended.err, "a run was interrupted and can go on: leeward runs resume " + run_id));
}

TEST_CASE("A run that the killed one had started is taken up, not started again", "[e2e]") {
  StoredRunsHome home;
  home.dag(kThree);
  const std::string parent = home.dag(R"({"dag_id": "parent", "tasks": [
    {"task_id": "go", "operator": "dag_run", "with": {"dag": "three", "wait_for_completion": true}}]})");
  const bool child_first = GENERATE(false, true);
  Program program = home.start({"run", parent});
  home.await("hold");
  program.signal(SIGKILL);
  static_cast<void>(program.wait());
  const std::string parent_id = home.only_run("parent");
  const std::string child_id = home.only_run("three");
  home.open_gate();
  if (child_first) CHECK(home.leeward({"runs", "resume", child_id}).status == 0);
  const Ended ended = home.leeward({"runs", "resume", parent_id, "--json"});
  INFO(ended.err);
  CHECK(ended.status == 0);
  CHECK(text(task_of(ended.json()->root(), "go")["output"]["run_id"]) == child_id);
  CHECK(task_of(ended.json()->root(), "go")["attempts"].integer() == 1);
  CHECK(home.witnessed("begin") == 1);
  CHECK(home.witnessed("end") == 1);
  CHECK(home.only_run("three") == child_id);
}

TEST_CASE("SIGTERM puts off the runs that a run had started, too", "[e2e]") {
  StoredRunsHome home;
  home.dag(kThree);
  const std::string parent = home.dag(R"({"dag_id": "parent", "tasks": [
    {"task_id": "go", "operator": "dag_run", "with": {"dag": "three"}}]})");
  Program program = home.start({"run", parent});
  home.await("hold");
  program.signal(SIGTERM);
  while (!has(program.err_line(), "interrupted")) continue;
  home.open_gate();
  const Ended put_off = program.wait();
  INFO(put_off.err);
  CHECK(put_off.status == 130);
  const std::string child_id = home.only_run("three");
  CHECK(has(put_off.err, "leeward runs resume " + child_id));
  CHECK(home.leeward({"runs", "resume", "--all"}).status == 0);
  CHECK(text(home.listed(child_id)["state"]) == "success");
  for (const char* task : {"begin", "hold", "end"}) CHECK(home.witnessed(task) == 1);
}

TEST_CASE("Runs that wait for a person keep no other from being taken up", "[e2e]") {
  StoredRunsHome home;
  std::string items;
  constexpr int kWaiting = 70;
  for (int i = 0; i < kWaiting; ++i) items += i == 0 ? "{}" : ", {}";
  static_cast<void>(home.dag(R"({"dag_id": "asking", "tasks": [
    {"task_id": "asks", "operator": "bash", "with": {"command": "BEGIN", "env": ENV}},
    {"task_id": "review", "operator": "approval", "depends_on": ["asks"], "with": {"subject": "Publish?"}}]})"));
  static_cast<void>(home.run_until(home.dag(R"({"dag_id": "many", "params": {"items": [)" + items + R"(]}, "tasks": [
    {"task_id": "each", "operator": "dag_run", "expand": {"item": "{params.items}"},
     "with": {"dag": "asking", "conf": "{item}"}}]})"),
                                   "asks", SIGTERM, kWaiting));
  const std::string due = home.run_until(home.dag(R"({"dag_id": "due", "tasks": [
    {"task_id": "again", "operator": "bash", "with": {"command": "HOLD", "env": ENV}}]})"),
                                         "again", SIGKILL);
  home.open_gate();
  Program resumed = home.start({"runs", "resume", "--all"});
  home.await("again", 2);  // it is the newest
  while (text(home.listed(due)["state"]) != "success") continue;
  resumed.signal(SIGTERM);
  CHECK(resumed.wait().status == 130);
  CHECK(home.witnessed("asks") >= kWaiting);
  CHECK(home.leeward({"fsck"}).status == 0);
}
