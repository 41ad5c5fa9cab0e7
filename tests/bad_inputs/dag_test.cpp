// DAGs that mean nothing, or nothing good.
#include <filesystem>
#include <fstream>
#include <set>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/bad_inputs/trial.hpp"

using namespace leeward;
using namespace leeward::bad_inputs;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

std::string with_id(const std::string& id) {
  return R"({"dag_id": )" + json_quote(id) + R"(, "tasks": [{"task_id": )" + json_quote(id) +
         R"(, "operator": "empty"}]})";
}

std::string scheduled(const std::string& schedule) {
  return R"({"dag_id": "d", "schedule": )" + schedule + R"(, "tasks": [{"task_id": "t", "operator": "empty"}]})";
}

}  // namespace

TEST_CASE("S001 Tasks that wait for each other are refused by their names", "[bad_inputs][dag]") {
  Trial{}.refuses(dag_of_tasks(R"({"task_id": "a", "operator": "empty", "depends_on": ["b"]},
                                  {"task_id": "b", "operator": "empty", "depends_on": ["a"]})"),
                  "spec.cycle", {"a -> b -> a"});
}

TEST_CASE("S002 A task that waits for itself is refused", "[bad_inputs][dag]") {
  Trial{}.refuses(task_with(R"("depends_on": ["t"])"), "spec.cycle", {"depends on itself"});
}

TEST_CASE("S004 An operator that nobody has is refused before anything runs, with the nearest name",
          "[bad_inputs][dag]") {
  Trial{}.refuses(dag_of_tasks(R"({"task_id": "t", "operator": "ecko"})"), "spec.unknown_operator",
                  {"ecko", "did you mean \\\"echo\\\"?", "/tasks/0/operator"});
}

TEST_CASE("S005 Two tasks of one id are refused", "[bad_inputs][dag]") {
  Trial{}.refuses(dag_of_tasks(R"({"task_id": "a", "operator": "empty"}, {"task_id": "a", "operator": "empty"})"),
                  "spec.duplicate_task", {"/tasks/1/task_id"});
}

TEST_CASE("S006 An upstream that is not there is refused", "[bad_inputs][dag]") {
  Trial{}.refuses(task_with(R"("depends_on": ["ghost"])"), "spec.unknown_task", {"ghost", "/tasks/0/depends_on/0"});
}

TEST_CASE("S007 More tasks than anybody writes are refused", "[bad_inputs][dag]") {
  const Trial trial;
  std::string tasks;
  for (int i = 0; i < 101'000; ++i) {
    tasks += (i == 0 ? R"({"task_id":"t)" : R"(,{"task_id":"t)") + std::to_string(i) + R"(","operator":"empty"})";
  }
  trial.refuses(dag_of_tasks(tasks), "spec.limit", {"at most 100000 tasks", "101000"});
  const Ended again = trial.leeward({"validate", (trial.dir() / "bad.json").string()});
  check_memory(again, trial.usual_rss_kb() + 200 * 1024);
}

TEST_CASE("S009 A DAG without a task is refused", "[bad_inputs][dag]") {
  Trial{}.refuses(dag_of_tasks(""), "spec.value", {"at least one task", "/tasks"});
}

TEST_CASE("S010 A DAG that two files define is not chosen by which was read first", "[bad_inputs][dag]") {
  const Trial trial;
  for (const char* file : {"one.json", "two.json"}) {
    trial.dir().write(file, R"({"dag_id": "twin", "tasks": [{"task_id": "t", "operator": "empty"}]})");
  }
  const Outcome outcome = trial.run(R"({"task_id": "t", "operator": "dag_run", "with": {"dag": "twin"}})");
  CHECK(outcome.ended.status == 1);
  CHECK(outcome.state("t") == "failed");
  check_code(outcome.code("t"));
  const std::string error = text(outcome.task("t")["error"]["message"]);
  CHECK(has(error, "one.json"));
  CHECK(has(error, "two.json"));
}

TEST_CASE("S011 A key that nobody knows is refused, with the nearest", "[bad_inputs][dag]") {
  Trial{}.refuses(task_with(R"("retires": 3)"), "spec.unknown_key", {"did you mean \\\"retries\\\"?"});
}

TEST_CASE("S012 A DAG that asks for another version of the language is refused", "[bad_inputs][dag]") {
  Trial{}.refuses(R"({"dag_id": "d", "spec": 99, "tasks": [{"task_id": "t", "operator": "empty"}]})",
                  "spec.unknown_key", {"\\\"spec\\\""});
}

TEST_CASE("S013 An id is no path", "[bad_inputs][dag]") {
  for (const char* id : {"../../etc/cron.d/x", "/etc/passwd", "a/b", "..", ".", "a\\b", "~"}) {
    Trial{}.refuses(with_id(id), "spec.id", {"/dag_id"});
  }
}

TEST_CASE("S015 An id of a megabyte is refused, and not repeated in full", "[bad_inputs][dag]") {
  const Trial trial;
  trial.refuses(with_id(std::string(1'000'000, 'a')), "spec.id", {"at most 128"});
  trial.refuses(with_id(std::string(129, 'a')), "spec.id", {"at most 128"});
  trial.accepts(with_id(std::string(128, 'a')));
  const Ended ended =
      trial.leeward({"validate", trial.dir().write("long.json", with_id(std::string(1'000'000, 'a'))).string()});
  CHECK(ended.out.size() < 2'000);
}

TEST_CASE("S017 An id cannot begin a line of its own in a log", "[bad_inputs][dag]") {
  const Trial trial;
  trial.refuses(with_id("a\nFAKE LOG LINE"), "spec.id", {});
  for (const char* verb : {"validate", "run"}) {
    CHECK_FALSE(has(trial.leeward({verb, (trial.dir() / "bad.json").string()}).out, "\nFAKE"));
  }
}

TEST_CASE("S018 An id is no markup and no command", "[bad_inputs][dag]") {
  for (const char* id : {"<img src=x onerror=alert(1)>", "$(id)", "`id`", "a;b", "a b", "\x1b[31m", "é"}) {
    Trial{}.refuses(with_id(id), "spec.id", {"/dag_id"});
  }
}

TEST_CASE("S021 A cron string out of its ranges or of another length is refused", "[bad_inputs][dag]") {
  Trial{}.refuses(scheduled("\"99 * * * *\""), "spec.schedule", {"99", "0 to 59", "/schedule"});
  Trial{}.refuses(scheduled("\"* * *\""), "spec.schedule", {"five fields", "has 3"});
  Trial{}.refuses(scheduled("\"* * * * * *\""), "spec.schedule", {"five fields", "has 6"});
}

TEST_CASE("S027 A parameter of another type than the operator's is refused, with its place", "[bad_inputs][dag]") {
  Trial{}.refuses(dag_of_tasks(R"({"task_id": "t", "operator": "llm", "with": {"prompt": 7, "model": {"a": 1}}})"),
                  "schema.type", {"expected a string", "/tasks/0/with/model"});
}

TEST_CASE("S029 A pipe, a folder, a device and a link to itself are no DAG files, and nobody waits",
          "[bad_inputs][dag]") {
  const Trial trial;
  const std::string pipe = (trial.dir() / "pipe.json").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  fs::create_symlink("loop.json", trial.dir() / "loop.json");
  fs::create_directory(trial.dir() / "folder.json");
  const std::vector<std::string> kWords{pipe, (trial.dir() / "loop.json").string(),
                                        (trial.dir() / "folder.json").string(), "/dev/zero"};
  for (const std::string& file : kWords) trial.refuses_file(file, "file.unreadable");
}

TEST_CASE("S030 A file that cannot be read is a mistake of that file alone", "[bad_inputs][dag]") {
  const Trial trial;
  trial.refuses_file((trial.dir() / "vanished.json").string(), "file.unreadable");
  trial.refuses_file((trial.dir() / "canary.json" / "x.json").string(), "file.unreadable");
  if (::geteuid() == 0) {
    WARN("SKIP: a file without permissions is not tried, because root may read it");
    return;
  }
  const std::string closed = trial.dir().write("closed.json", task_with("\"retries\": 1")).string();
  REQUIRE(::chmod(closed.c_str(), 0) == 0);
  trial.refuses_file(closed, "file.unreadable");
}

TEST_CASE("S031 Ninety-nine good files are none the worse for a bad one", "[bad_inputs][dag]") {
  const Trial trial;
  std::vector<std::string> words{"validate"};
  for (int i = 0; i < 99; ++i) {
    const std::string id = "good" + std::to_string(i);
    words.push_back(trial.dir().write(id + ".json", with_id(id)).string());
  }
  words.insert(words.begin() + 50, trial.dir().write("bad.json", "{\"dag_id\": ").string());
  const Ended ended = trial.leeward(words);
  CHECK(ended.status == 2);
  std::size_t good = 0;
  for (std::size_t at = 0; (at = ended.out.find(": ok, DAG good", at)) != std::string::npos; ++at) ++good;
  CHECK(good == 99);
  CHECK(has(ended.out, words[50] + ":1:"));
}
