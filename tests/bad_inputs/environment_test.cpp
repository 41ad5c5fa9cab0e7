// A machine that is full, broken, or somebody else's.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "core/store/sqlite_db.hpp"
#include "tests/bad_inputs/trial.hpp"

using namespace leeward;
using namespace leeward::bad_inputs;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

/// A home folder in which one run is recorded.
struct Recorded {
  Recorded() {
    const Outcome outcome = trial.run(R"({"task_id": "t", "operator": "echo", "with": {"value": 7}})");
    REQUIRE(outcome.ended.status == 0);
    run_id = text(outcome.report->root()["run_id"]);
    in_store("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  void in_store(const char* sql) const {
    auto db = SqliteDb::open({store()});
    REQUIRE(db);
    REQUIRE(db->run(sql));
  }
  [[nodiscard]] std::string store() const { return trial.home() + "/leeward.db"; }
  [[nodiscard]] std::string canary() const { return (trial.dir() / "canary.json").string(); }
  /// Every command that needs the store refuses it, with these words.
  void refused(const std::string& word) const {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"runs", "list"}, {"run", canary()}, {"runs", "show", run_id}}) {
      const Ended ended = trial.leeward(words);
      CHECK(ended.status == 3);
      CHECK(has(ended.err, "leeward.db"));
      CHECK(has(ended.err, word));
    }
  }

  Trial trial;
  std::string run_id;
};

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The command behind a shell that first says something else, such as `ulimit -n 30`.
Ended behind(const Trial& trial, const std::string& first, std::vector<std::string> words) {
  words = leeward_words(std::move(words));
  words.insert(words.begin(), {"sh", "-c", first + " && exec \"$@\"", "sh"});
  return Program{std::move(words), trial.environment}.wait();
}

bool is_sound(const Trial& trial) { return trial.leeward({"fsck"}).status == 0; }

}  // namespace

TEST_CASE("E001 A full disk ends a run with words, and with space back it goes on", "[bad_inputs][environment]") {
  const Trial trial;
  if (Program{{"unshare", "-m", "true"}, {}}.wait().status != 0) {
    WARN("SKIP: a small disk can only be made by who may mount one");
    return;
  }
  const std::string home = (trial.dir() / "small").string();
  fs::create_directory(home);
  const std::string dag =
      trial.dir()
          .write("large.json", dag_of_tasks(R"({"task_id": "t", "operator": "echo", "with": {"value": ")" +
                                            std::string(200'000, 'x') + "\"}}"))
          .string();
  // Full before the run, full while it runs; then there is room, and the home folder is as good as new.
  const std::string script =
      "mount -t tmpfs -o size=3m,mode=700 small \"$HOME_DIR\" || exit 77\n"
      "export LEEWARD_HOME=\"$HOME_DIR\"\n"
      "\"$1\" run \"$2\" >/dev/null 2>\"$HOME_DIR.first\" || exit 70\n"
      "dd if=/dev/zero of=\"$HOME_DIR/filler\" bs=4k >/dev/null 2>&1\n"
      "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do \"$1\" run \"$2\" >/dev/null 2>>\"$HOME_DIR.full\"; s=$?\n"
      "  echo $s >>\"$HOME_DIR.statuses\"; done\n"
      "rm \"$HOME_DIR/filler\"\n"
      "\"$1\" fsck || exit 71\n"
      "\"$1\" run \"$2\" >/dev/null 2>&1 || exit 72\n"
      "\"$1\" runs list --json\n";
  const Ended ended =
      Program{{"unshare", "-m", "sh", "-c", script, "sh", leeward_words({}).front(), dag}, {{"HOME_DIR", home}}}.wait();
  INFO(ended.out << ended.err << bytes_of(home + ".first") << bytes_of(home + ".full"));
  if (ended.status == 77) {
    WARN("SKIP: no small disk could be mounted");
    return;
  }
  REQUIRE(ended.status == 0);
  std::istringstream statuses(bytes_of(home + ".statuses"));
  bool was_full = false;
  for (int status = 0; statuses >> status;) {
    CHECK((status == 0 || status == 3));  // it worked, or the host said that it cannot
    was_full = was_full || status == 3;
  }
  CHECK(was_full);
  CHECK(has(bytes_of(home + ".full"), "full"));
}

TEST_CASE("E004 A host that gets no memory ends, and what was recorded is whole", "[bad_inputs][environment]") {
  if (skips_under_sanitizers()) return;
  const Recorded recorded;
  for (const char* kilobytes : {"20000", "40000", "60000", "80000", "100000", "120000", "160000", "200000"}) {
    INFO(kilobytes);
    const Ended ended = behind(recorded.trial, std::string("ulimit -c 0 -v ") + kilobytes, {"run", recorded.canary()});
    CHECK(ended.status != 128 + SIGSEGV);
    CHECK(is_sound(recorded.trial));
  }
}

TEST_CASE("E005 A store that cannot be opened is refused and named", "[bad_inputs][environment]") {
  const Trial trial;
  fs::create_directories(trial.home() + "/leeward.db");
  ::chmod(trial.home().c_str(), 0700);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"runs", "list"}, {"run", (trial.dir() / "canary.json").string()}}) {
    const Ended ended = trial.leeward(words);
    CHECK(ended.status == 3);
    CHECK(has(ended.err, trial.home() + "/leeward.db"));
  }
  const Trial open;
  fs::create_directories(open.home());
  ::chmod(open.home().c_str(), 0777);
  const Ended ended = open.leeward({"run", (open.dir() / "canary.json").string()});
  CHECK(ended.status != 0);
  CHECK(has(ended.err, "chmod 700"));
}

TEST_CASE("E006 A damaged store is told of, and never taken for an empty one", "[bad_inputs][environment]") {
  const Recorded recorded;
  const std::string whole = bytes_of(recorded.store());
  REQUIRE(whole.size() > 16'384);
  int told = 0;
  for (std::size_t turn = 1; turn < 48; ++turn) {  // 0 bytes are a store that was just made
    std::string bytes = whole;
    if (turn % 4 == 0) {
      bytes.resize(whole.size() * turn / 48);
    } else {
      for (std::size_t flip = 0; flip <= turn; ++flip) {
        char& byte = bytes[(turn * 7'919 + flip * 104'729) % (turn % 4 == 1 ? 4'096 : bytes.size())];
        byte = static_cast<char>(byte ^ 0x5A);
      }
    }
    for (const char* ending : {"", "-wal", "-shm"}) fs::remove(recorded.store() + ending);
    std::ofstream{recorded.store(), std::ios::binary} << bytes;
    ::chmod(recorded.store().c_str(), 0600);
    INFO("damage " << turn);
    const Ended listed = recorded.trial.leeward({"runs", "list", "--json"});
    const bool refused = listed.status == 3 && has(listed.err, "leeward.db");
    CHECK((refused || listed.json()->root().size() == 2));  // the run, and its canary's
    told += refused ? 1 : 0;
    CHECK_FALSE(recorded.trial.leeward({"fsck"}).status >= 128);
  }
  CHECK(told > 10);
}

TEST_CASE("E008 A store of a newer version is refused, and not a byte of it changes", "[bad_inputs][environment]") {
  const Recorded recorded;
  recorded.in_store("PRAGMA user_version = 99");
  recorded.in_store("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string before = bytes_of(recorded.store());
  recorded.refused("99");
  CHECK(bytes_of(recorded.store()) == before);
}

TEST_CASE("E010 A process that was stopped for long goes on, and nobody else took its run",
          "[bad_inputs][environment]") {
  const Trial trial;
  const std::string witness = (trial.dir() / "witness").string();
  const std::string gate = (trial.dir() / "gate").string();
  const std::string dag =
      trial.dir()
          .write("slow.json", dag_of_tasks(R"({"task_id": "a", "operator": "bash", "with": {"append_env": true,
             "command": "echo a >>\"$1\"; until [ -e \"$2\" ]; do sleep 0.02; done", "args": [")" +
                                           witness + R"(", ")" + gate + R"("]}},
            {"task_id": "b", "operator": "bash", "depends_on": ["a"], "with": {"append_env": true,
             "command": "echo b >>\"$1\"", "args": [")" +
                                           witness + R"("]}})"))
          .string();
  Program program{leeward_words({"run", dag, "--json"}), trial.environment};
  while (!fs::exists(witness)) std::this_thread::yield();
  const auto listed = trial.leeward({"runs", "list", "--json"}).json();
  const std::string run_id = text(listed->root().at(0)["run_id"]);
  program.signal(SIGSTOP);
  const Ended other = trial.leeward({"runs", "resume", run_id});
  CHECK(other.status != 0);
  CHECK(has(other.err, "process"));
  std::ofstream{gate} << "open";
  program.signal(SIGCONT);
  const Ended ended = program.wait();
  INFO(ended.err);
  CHECK(ended.status == 0);
  CHECK(bytes_of(witness) == "a\nb\n");
  CHECK(is_sound(trial));
}

TEST_CASE("E013 A host that may open few files says so, and does not spin", "[bad_inputs][environment]") {
  const Recorded recorded;
  for (const char* files : {"8", "12", "16", "20", "24", "32", "48", "64"}) {
    INFO(files);
    const Ended ended = behind(recorded.trial, std::string("ulimit -n ") + files, {"run", recorded.canary(), "--json"});
    CHECK(ended.status <= 3);
    if (ended.status != 0) CHECK_FALSE((ended.err + ended.out).empty());
    CHECK(is_sound(recorded.trial));
  }
}

TEST_CASE("E014 A run does not fail because its logs cannot be written", "[bad_inputs][environment]") {
  const Trial trial;
  trial.dir().write("home/logs/bad", "a file where the folder of the DAG's logs should be");
  for (const char* folder : {"", "/logs"}) ::chmod((trial.home() + folder).c_str(), 0700);
  const Outcome outcome = trial.run(
      R"({"task_id": "t", "operator": "bash", "with": {"command": "for i in 1 2 3; do echo line $i; done"}})");
  CHECK(outcome.ended.status == 0);
}

TEST_CASE("E017 A configuration with a key that others may read or write is refused", "[bad_inputs][environment]") {
  const Trial trial;
  const std::string canary = (trial.dir() / "canary.json").string();
  const fs::path config = trial.dir().write(
      "config.json",
      R"({"connections": {"llm_default": {"base_url": "http://127.0.0.1:9", "api_key": "sk-literal"}}})");
  ::chmod(config.c_str(), 0644);
  const Ended readable = trial.leeward({"run", canary, "--config", config.string()});
  CHECK(readable.status == 2);
  CHECK(has(readable.err, "chmod go-r"));
  CHECK_FALSE(has(readable.err, "sk-literal"));
  ::chmod(config.c_str(), 0622);
  const Ended writable = trial.leeward({"run", canary, "--config", config.string()});
  CHECK(writable.status == 2);
  CHECK(has(writable.err, "chmod go-w"));
  ::chmod(config.c_str(), 0600);
  CHECK(trial.leeward({"run", canary, "--config", config.string()}).status == 0);
  for (const char* bad : {"", "{", "[]", R"({"connections": 7})", R"({"conections": {}})"}) {
    const std::string file = trial.dir().write("bad-config.json", bad).string();
    const Ended ended = trial.leeward({"run", canary, "--config", file});
    CHECK(ended.status == 2);
    CHECK(has(ended.err, file));
  }
}

TEST_CASE("E018 Two hosts may share a home folder, and each run has one", "[bad_inputs][environment]") {
  const Trial trial;
  const std::string gate = (trial.dir() / "gate").string();
  const std::string dag = trial.dir()
                              .write("wait.json", dag_of_tasks(R"({"task_id": "a", "operator": "bash", "with": {
       "command": "echo begun; until [ -e \"$1\" ]; do sleep 0.02; done", "append_env": true, "args": [")" +
                                                               gate + R"("]}})"))
                              .string();
  Program first{leeward_words({"run", dag}), trial.environment};
  while (!has(first.err_line(), "begun")) continue;
  CHECK(trial.leeward({"run", (trial.dir() / "canary.json").string()}).status == 0);
  const auto listed = trial.leeward({"runs", "list", "--json"}).json();
  int refused = 0;
  for (const Json run : listed->root()) {
    if (run["state"].string() != "running") continue;
    const Ended taken = trial.leeward({"runs", "resume", text(run["run_id"])});
    CHECK(taken.status != 0);
    CHECK(has(taken.err, "process"));
    ++refused;
  }
  CHECK(refused == 1);
  std::ofstream{gate} << "open";
  CHECK(first.wait().status == 0);
  CHECK(is_sound(trial));
}
