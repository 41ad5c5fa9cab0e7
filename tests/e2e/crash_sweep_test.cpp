#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/e2e/program.hpp"
#include "tests/e2e/stored_runs.hpp"
#include "tests/faults/rounds.hpp"
#include "tests/support/temp_dir.hpp"

// The program is killed before its Nth write, sync, rename or unlink, or told that one failed, for one N after the
// other; then the run goes on. A witness file that the tasks write says what was really done, the log of the model's
// server what it was asked. LEEWARD_FAULT_ROUNDS: how many moments, of all there are; LEEWARD_FAULT_SEED: which first.

using namespace leeward;
using namespace leeward::test;

namespace {

constexpr const char* kSyscalls = "pwrite64,fdatasync,fsync,ftruncate,rename,unlink";

/// Thirty task instances: two of them fail once, twelve and three are mapped, a branch skips one, four ask a model.
constexpr const char* kThirty = R"({"dag_id": "thirty",
  "default_args": {"retries": 1, "retry_delay": 0}, "tasks": [
  {"task_id": "start", "operator": "bash", "output_key": "begun", "with": {"command": "SAY; echo 7", "env": ENV}},
  {"task_id": "flaky", "operator": "bash", "depends_on": ["start"],
   "with": {"command": "SAY; [ $TRY -gt 1 ]", "env": ENV}},
  {"task_id": "each", "operator": "bash", "depends_on": ["start"], "expand": {"n": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]},
   "output_key": "all", "with": {"command": "SAY; [ $N -ne 5 ] || [ $TRY -gt 1 ]; echo $N", "env": ENV_N}},
  {"task_id": "fork", "operator": "branch", "depends_on": ["flaky"], "with": {"cases": [{"if": {"value": 1, "equals": 2}, "then": "right"}], "else": "left"}},
  {"task_id": "left", "operator": "bash", "depends_on": ["fork"], "with": {"command": "SAY", "env": ENV}},
  {"task_id": "right", "operator": "bash", "depends_on": ["fork"], "with": {"command": "SAY", "env": ENV}},
  {"task_id": "join", "operator": "bash", "depends_on": ["left", "right"], "trigger_rule": "none_failed_min_one_success",
   "with": {"command": "SAY", "env": ENV}},
  {"task_id": "ask", "operator": "llm", "depends_on": ["each"], "output_key": "told",
   "with": {"prompt": "Sum up {all}", "model": "m"}},
  {"task_id": "letters", "operator": "llm", "depends_on": ["ask"], "expand": {"letter": ["a", "b", "c"]},
   "with": {"prompt": "Letter {letter} of {told}", "model": "m"}},
  {"task_id": "one", "operator": "bash", "depends_on": ["letters"], "with": {"command": "SAY", "env": ENV}},
  {"task_id": "two", "operator": "bash", "depends_on": ["one"], "with": {"command": "SAY", "env": ENV}},
  {"task_id": "three", "operator": "bash", "depends_on": ["two"], "with": {"command": "SAY", "env": ENV}},
  {"task_id": "four", "operator": "bash", "depends_on": ["three"], "with": {"command": "SAY", "env": ENV}},
  {"task_id": "five", "operator": "bash", "depends_on": ["four"], "with": {"command": "SAY", "env": ENV}},
  {"task_id": "end", "operator": "bash", "depends_on": ["five", "join"], "with": {"command": "SAY", "env": ENV}}]})";

void replace_all(std::string& text, std::string_view what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// The Nth system call of a kind.
struct Moment {
  std::string call;
  int number = 0;
};

/// What happens then.
struct Fault {
  std::string what;  ///< as strace takes it
  Moment at;
  bool for_ever = false;
};

/// A home, its DAG, its witness, and a model's server that it asks.
class Scene {
 public:
  Scene() {
    const std::string env =
        R"("W": ")" + (dir_ / "witness").string() + R"(", "ME": "{task_id}/{map_index}", "TRY": "{try_number}")";
    std::string text = kThirty;
    replace_all(text, "SAY", R"(echo $ME >> \"$W\")");
    replace_all(text, "ENV_N", "{" + env + R"(, "N": "{n}"})");
    replace_all(text, "ENV", "{" + env + "}");
    dag_ = dir_.write("thirty.json", text).string();
  }

  [[nodiscard]] Ended leeward(std::vector<std::string> words) const { return start(leeward_words(std::move(words))); }
  /// The same, with something going wrong on the way. Of the folder's own files it says nothing.
  [[nodiscard]] Ended disturbed(std::vector<std::string> words, const Fault& fault) const {
    std::vector<std::string> command{"strace", "-f", "-qq", "-o", "/dev/null", "-e", std::string{"trace="} + kSyscalls,
                                     "-e"};
    command.push_back("inject=" + fault.at.call + ":" + fault.what + ":when=" + std::to_string(fault.at.number) +
                      (fault.for_ever ? "+" : ""));
    for (std::string& word : leeward_words(std::move(words))) command.push_back(std::move(word));
    return start(std::move(command));
  }
  /// The moments at which a run can be disturbed: of each system call the most that one thread makes of it.
  [[nodiscard]] std::vector<Moment> moments() const {
    const std::string log = (dir_ / "calls").string();
    std::vector<std::string> command{"strace", "-f", "-qq", "-o", log, "-e", std::string{"trace="} + kSyscalls};
    for (std::string& word : leeward_words({"run", dag_})) command.push_back(std::move(word));
    if (start(std::move(command)).status != 0) return {};
    std::map<std::pair<std::string, std::string>, int> made;  // by thread and system call
    std::ifstream in{log};
    std::string thread, call;
    for (std::string line; std::getline(in, line);) {
      std::istringstream{line} >> thread >> call;
      if (call.find('(') != std::string::npos) ++made[{thread, call.substr(0, call.find('('))}];
    }
    std::map<std::string, int> most;
    for (const auto& [by, times] : made) most[by.second] = std::max(most[by.second], times);
    std::vector<Moment> moments;
    for (const auto& [name, times] : most) {
      for (int n = 1; n <= times; ++n) moments.push_back({name, n});
    }
    return moments;
  }

  [[nodiscard]] const std::string& dag() const noexcept { return dag_; }
  /// Empty: none was recorded.
  [[nodiscard]] std::string only_run() const {
    const auto list = leeward({"runs", "list", "--json"}).json();
    REQUIRE(list->root().size() < 2);
    return list->root().size() == 0 ? std::string{} : text(list->root().at(0)["run_id"]);
  }
  /// How often each instance has begun.
  [[nodiscard]] std::map<std::string, int> begun() const { return lines_of((dir_ / "witness").string(), ""); }
  /// How often the server was asked for each call.
  [[nodiscard]] std::map<std::string, int> asked() const {
    return lines_of((dir_ / "requests").string(), "idempotency_key");
  }
  /// The instances that are recorded as ended.
  [[nodiscard]] std::set<std::string> ended(const std::string& run_id) const {
    static const std::set<std::string> kEnds{"success", "failed", "skipped", "upstream_failed"};
    const auto report = leeward({"runs", "show", run_id, "--json"}).json();
    std::set<std::string> ended;
    for (const Json task : report->root()["tasks"]) {
      if (!kEnds.contains(text(task["state"]))) continue;
      ended.insert(text(task["task_id"]) + "/" + std::to_string(task["map_index"].integer().value()));
    }
    return ended;
  }

 private:
  [[nodiscard]] Ended start(std::vector<std::string> words) const {
    const std::string home = (dir_ / "home").string();
    return Program{std::move(words), {{"LEEWARD_HOME", home}, {"HOME", home}, {"OPENAI_BASE_URL", url_}}}.wait();
  }
  static std::map<std::string, int> lines_of(const std::string& file, const std::string& member) {
    std::map<std::string, int> lines;
    std::ifstream in{file};
    for (std::string line; std::getline(in, line);) {
      ++lines[member.empty() ? line : text(JsonDocument::parse(line).value()->root()[member])];
    }
    return lines;
  }

  const TempDir dir_;
  Program server_{leeward_words({"mock-llm", "--log", (dir_ / "requests").string()}), {}};
  const std::string url_ = server_.out_line();
  std::string dag_;
};

struct Tally {
  std::size_t moments = 0;
  int faults = 0;
  int resumed = 0;
  int duplicates = 0;
};

/// Lets the run go on, and looks at what was done. `faults`: how often it was interrupted.
void go_on_and_judge(const Scene& scene, const std::string& undisturbed, const std::map<std::string, int>& done,
                     int faults, Tally& tally) {
  const std::string run_id = scene.only_run();
  const Ended whole = run_id.empty() ? scene.leeward({"run", scene.dag(), "--json"})
                                     : scene.leeward({"runs", "resume", run_id, "--json"});
  INFO(whole.err);
  REQUIRE(whole.status == 0);
  CHECK(undisturbed_part(whole.json()->root()) == undisturbed);
  const auto begun = scene.begun();
  for (const auto& [instance, times] : done) {
    INFO(instance << " had ended");
    CHECK(begun.at(instance) == times);
  }
  for (const auto& [instance, times] : begun) {
    const bool fails_once = instance == "flaky/-1" || instance == "each/4";
    INFO(instance << " began " << times << " times");
    CHECK(times <= (fails_once ? 2 : 1) + faults);
  }
  int twice = 0;
  for (const auto& [call, times] : scene.asked()) twice += times - 1;
  const auto counted = whole.json()->root()["usage"]["possible_duplicates"].integer().value();
  CHECK(twice <= counted);
  tally.duplicates += twice;
  CHECK(scene.leeward({"fsck"}).status == 0);
  ++tally.resumed;
}

/// The instances that are recorded as ended, and how often they have begun.
void note_done(const Scene& scene, std::map<std::string, int>& done) {
  const Ended sound = scene.leeward({"fsck"});
  INFO(sound.out << sound.err);
  const bool never_made = sound.status == 3 && has(sound.err, "it was not made");
  CHECK((sound.status == 0 || never_made));
  const std::string run_id = scene.only_run();
  if (run_id.empty()) return;
  const auto begun = scene.begun();
  for (const std::string& instance : scene.ended(run_id)) {
    if (const auto found = begun.find(instance); found != begun.end()) done.try_emplace(instance, found->second);
  }
}

/// The faults at the moments that this round looks at, spread over all there are.
template <class Disturb>
Tally sweep(std::uint64_t usual, const Disturb& disturb) {
  const Scene quiet;
  const Ended whole = quiet.leeward({"run", quiet.dag(), "--json"});
  INFO(whole.err);
  REQUIRE(whole.status == 0);
  const std::string undisturbed = undisturbed_part(whole.json()->root());
  const std::vector<Moment> moments = Scene{}.moments();
  Tally tally;
  tally.moments = moments.size();
  REQUIRE(moments.size() > 100);
  const auto count = std::min<std::uint64_t>(rounds(usual), moments.size());
  for (std::uint64_t k = 0; k < count; ++k) {
    const Moment& at = moments[(first_seed() - 1 + k * moments.size() / count) % moments.size()];
    INFO("at " << at.call << " " << at.number);
    disturb(undisturbed, at, tally);
  }
  return tally;
}

void print(const char* what, const Tally& tally) {
  std::cout << what << ": " << tally.moments << " moments, " << tally.faults << " faults, " << tally.resumed
            << " runs that went on, " << tally.duplicates << " calls asked twice, 0 violations\n";
}

bool cannot_inject() {
  if (has_program("strace") && Program{{"strace", "-qq", "-o", "/dev/null", "true"}, {}}.wait().status == 0)
    return false;
  std::cout << "SKIP: there is no strace here that may trace a program\n";
  return true;
}

}  // namespace

TEST_CASE("Killed at any system call, a run goes on with nothing done twice", "[e2e][crash]") {
  if (cannot_inject()) return;
  print("kill", sweep(8, [](const std::string& undisturbed, const Moment& at, Tally& tally) {
          const Scene scene;
          std::map<std::string, int> done;
          const bool killed = scene.disturbed({"run", scene.dag()}, {"signal=KILL", at}).status == 128 + SIGKILL;
          tally.faults += killed ? 1 : 0;
          note_done(scene, done);
          go_on_and_judge(scene, undisturbed, done, 1, tally);
        }));
}

TEST_CASE("Killed again while it is taken up, a run goes on with nothing done twice", "[e2e][crash]") {
  if (cannot_inject()) return;
  print("kill twice", sweep(5, [](const std::string& undisturbed, const Moment& at, Tally& tally) {
          const Scene scene;
          std::map<std::string, int> done;
          tally.faults += scene.disturbed({"run", scene.dag()}, {"signal=KILL", at}).status == 128 + SIGKILL ? 1 : 0;
          note_done(scene, done);
          const std::string run_id = scene.only_run();
          if (!run_id.empty()) {
            const Fault second{"signal=KILL", {at.call, 1 + at.number % 20}};
            tally.faults += scene.disturbed({"runs", "resume", run_id}, second).status == 128 + SIGKILL ? 1 : 0;
            note_done(scene, done);
          }
          go_on_and_judge(scene, undisturbed, done, 2, tally);
        }));
}

TEST_CASE("When the disk is full or broken at any system call, a run stops, says so, and goes on later",
          "[e2e][crash]") {
  if (cannot_inject()) return;
  const std::string error = GENERATE("ENOSPC", "EIO");
  print(error.c_str(), sweep(4, [&error](const std::string& undisturbed, const Moment& at, Tally& tally) {
          const Scene scene;
          std::map<std::string, int> done;
          const Ended stopped = scene.disturbed({"run", scene.dag()}, {"error=" + error, at, true});
          INFO(stopped.err);
          CHECK((stopped.status == 0 || stopped.status == 3));
          if (stopped.status != 0) CHECK_FALSE(stopped.err.empty());
          tally.faults += stopped.status == 3 ? 1 : 0;
          note_done(scene, done);
          if (stopped.status == 0) return;
          go_on_and_judge(scene, undisturbed, done, 1, tally);
        }));
}
