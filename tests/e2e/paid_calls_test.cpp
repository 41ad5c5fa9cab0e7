#include <csignal>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/wait.h>

#include "tests/e2e/program.hpp"
#include "tests/e2e/stored_runs.hpp"
#include "tests/faults/rounds.hpp"
#include "tests/support/temp_dir.hpp"

// Runs that are killed in the middle of what costs money. Whatever the program says, the log of the server, which is
// another process, says what it was asked: a line for each request, with the key that names the call.

using namespace leeward;
using namespace leeward::test;

namespace {

/// Calls one after another, several at the same time, one that is streamed, and what another operator asks for a task.
constexpr const char* kAsks = R"({"dag_id": "asks",
  "groups": {"each": {"depends_on": ["first"], "expand": {"letter": ["a", "b", "c", "d"]}}},
  "tasks": [
  {"task_id": "first", "operator": "llm", "output_key": "one", "with": {"prompt": "Tell of tides.", "model": "m"}},
  {"task_id": "read", "operator": "text_processing", "group": "each", "output_key": "all",
   "with": {"operation": "analyze", "text": "Letter {letter} of {one}", "model": "m"}},
  {"task_id": "stream", "operator": "llm", "depends_on": ["each"], "output_key": "two",
   "with": {"prompt": "Go on: {one}", "model": "m", "stream": true}},
  {"task_id": "refine", "operator": "llm", "depends_on": ["stream"], "output_key": "three",
   "with": {"prompt": "Refine: {all} {two}", "model": "m"}},
  {"task_id": "last", "operator": "llm", "depends_on": ["refine"], "with": {"prompt": "End: {three}", "model": "m"}}]})";
constexpr int kCalls = 8;
constexpr int kAtOnce = 4;
constexpr int kMostSpins = 3000;

/// The other side of the calls, and what it was asked.
class Provider {
 public:
  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  /// By call of this run, or of all runs: how often it was asked.
  [[nodiscard]] std::map<std::string, int> asked(const std::string& run_id = "") const {
    std::map<std::string, int> times;
    std::ifstream log{dir_ / "requests"};
    for (std::string line; std::getline(log, line);) {
      const auto request = JsonDocument::parse(line);
      if (!request) continue;  // it is being written
      const std::string key = text((*request)->root()["idempotency_key"]);
      if (key.starts_with(run_id)) ++times[key];
    }
    return times;
  }
  [[nodiscard]] int requests() const {
    int count = 0;
    for (const auto& [key, times] : asked()) count += times;
    return count;
  }

 private:
  const TempDir dir_;
  Program server_{leeward_words({"mock-llm", "--latency", "3ms", "--log", (dir_ / "requests").string()}), {}};
  const std::string url_ = server_.out_line();
};

/// A home whose runs ask this provider.
class PayingHome {
 public:
  explicit PayingHome(const Provider& provider) : provider_(provider) {}

  [[nodiscard]] std::string dag() const { return dir_.write("asks.json", kAsks).string(); }
  [[nodiscard]] Program start(std::vector<std::string> words) const {
    return Program{leeward_words(std::move(words)),
                   {{"LEEWARD_HOME", home()}, {"HOME", home()}, {"OPENAI_BASE_URL", provider_.url()}}};
  }
  [[nodiscard]] Ended leeward(std::vector<std::string> words) const { return start(std::move(words)).wait(); }

  /// Kills the program when the provider has been asked so many more times and a little later, unless it ends before.
  /// True: it was killed.
  [[nodiscard]] bool kill_after(std::vector<std::string> words, int requests, int spins) const {
    const int limit = provider_.requests() + requests;
    Program program = start(std::move(words));
    while (provider_.requests() < limit && !has_ended(program)) std::this_thread::yield();
    for (int i = 0; i < spins; ++i) std::this_thread::yield();
    program.signal(SIGKILL);
    return program.wait().status == 128 + SIGKILL;
  }

  /// Empty: none was recorded yet.
  [[nodiscard]] std::string only_run() const {
    const auto list = leeward({"runs", "list", "--json"}).json();
    return list->root().size() == 0 ? std::string{} : text(list->root().at(0)["run_id"]);
  }
  [[nodiscard]] std::string home() const { return (dir_ / "home").string(); }

 private:
  static bool has_ended(const Program& program) {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(program.pid()), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
  }

  const TempDir dir_;
  const Provider& provider_;
};

struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t too_early = 0;  ///< killed before there was a run
  std::uint64_t kills = 0;
  int on_their_way = 0;  ///< calls, when the program was killed
  int asked_twice = 0;
  int counted = 0;
  std::vector<std::string> violations;
};

/// One run that is killed once or twice, at moments that the dice choose.
class DisturbedRun {
 public:
  DisturbedRun(const Provider& provider, std::uint64_t seed, Tally& tally)
      : provider_(provider), seed_(seed), dice_(static_cast<std::mt19937::result_type>(seed)), tally_(tally) {}

  void judge(const std::string& undisturbed) {
    const bool killed = kill({"run", home_.dag()});
    run_id_ = home_.only_run();
    if (run_id_.empty()) {
      ++tally_.too_early;
      return;
    }
    if (killed) note_crash();
    if (roll(1) == 1 && kill({"runs", "resume", run_id_})) note_crash();
    const Ended ended = home_.leeward({"runs", "resume", run_id_, "--json"});
    ++tally_.runs;
    expect(ended.status == 0, "it ended with " + std::to_string(ended.status) + "\n" + ended.err);
    if (ended.status != 0) return;
    const auto report = ended.json();
    expect(undisturbed_part(report->root()) == undisturbed, "another report\n" + ended.out);
    judge_calls(static_cast<int>(report->root()["usage"]["possible_duplicates"].integer().value()));
    expect(home_.leeward({"fsck"}).status == 0, "the store is not sound");
  }

 private:
  int roll(int most) { return std::uniform_int_distribution{0, most}(dice_); }
  /// While there are calls to come, or not much later.
  bool kill(std::vector<std::string> words) {
    const int requests = 1 + roll(kCalls - 2);
    return home_.kill_after(std::move(words), requests, roll(2) == 0 ? roll(kMostSpins) : 0);
  }

  /// What is recorded must not be asked again, and what is on its way may be.
  void note_crash() {
    ++tally_.kills;
    const auto asked = provider_.asked(run_id_);
    const PaidCalls calls = paid_calls(home_.home());
    for (const std::string& key : calls.answered) asked_when_recorded_.try_emplace(key, asked.at(key));
    expect(calls.on_their_way <= kAtOnce, std::to_string(calls.on_their_way) + " calls were on their way");
    on_their_way_ += calls.on_their_way;
  }

  void judge_calls(int counted) {
    const auto asked = provider_.asked(run_id_);
    expect(asked.size() == kCalls, "it asked " + std::to_string(asked.size()) + " calls");
    for (const auto& [key, times] : asked_when_recorded_) {
      expect(asked.at(key) == times, key + " was recorded, and asked again");
    }
    const int twice = asked_twice(asked);
    const std::string wrong = miscount(counted, twice, on_their_way_);
    expect(wrong.empty(), wrong);
    tally_.on_their_way += on_their_way_;
    tally_.asked_twice += twice;
    tally_.counted += counted;
  }

  void expect(bool holds, const std::string& what) {
    if (!holds) tally_.violations.push_back("LEEWARD_FAULT_SEED=" + std::to_string(seed_) + ": " + what);
  }

  const Provider& provider_;
  const PayingHome home_{provider_};
  const std::uint64_t seed_;
  std::mt19937 dice_;
  Tally& tally_;
  std::string run_id_;
  std::map<std::string, int> asked_when_recorded_;
  int on_their_way_ = 0;
};

}  // namespace

TEST_CASE("A run that is killed asks for no recorded answer again, and counts what it may have asked twice", "[e2e]") {
  const Provider provider;
  const PayingHome quiet{provider};
  const Ended whole = quiet.leeward({"run", quiet.dag(), "--json"});
  INFO(whole.err);
  REQUIRE(whole.status == 0);
  REQUIRE(provider.requests() == kCalls);
  CHECK(whole.json()->root()["usage"]["possible_duplicates"].integer() == 0);
  const std::string undisturbed = undisturbed_part(whole.json()->root());

  // Until it was killed as often as asked: now and then it has ended before.
  Tally tally;
  const std::uint64_t kills = rounds(8);
  std::uint64_t seed = first_seed();
  for (; tally.kills < kills && seed < first_seed() + 4 * kills; ++seed) {
    DisturbedRun{provider, seed, tally}.judge(undisturbed);
  }
  std::cout << "paid calls: " << tally.runs << " runs, " << tally.too_early << " killed before they began, "
            << tally.kills << " kills, " << tally.on_their_way << " calls on their way then, " << tally.asked_twice
            << " asked twice, " << tally.counted << " counted as possible, " << tally.violations.size()
            << " violations\n";
  for (const std::string& violation : tally.violations) UNSCOPED_INFO(violation);
  CHECK(tally.violations.empty());
  CHECK(tally.runs + tally.too_early == seed - first_seed());
  CHECK(tally.kills >= kills);
}
