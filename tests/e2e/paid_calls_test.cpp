#include <csignal>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/wait.h>

#include "core/store/store_schema.hpp"
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
  /// The calls whose answers are on record.
  [[nodiscard]] std::set<std::string> recorded() const {
    auto db = open_store_to_read({home() + "/leeward.db"});
    REQUIRE(db);
    auto rows = db->statement(
        "SELECT run_id || '/' || task_id || '/' || map_index || '/' || try_number || '/' || number "
        "FROM calls JOIN runs ON runs.id = calls.run WHERE http_status IS NOT NULL");
    REQUIRE(rows);
    std::set<std::string> keys;
    while (rows->step().value()) keys.emplace(rows->text(0));
    return keys;
  }

 private:
  [[nodiscard]] std::string home() const { return (dir_ / "home").string(); }
  static bool has_ended(const Program& program) {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(program.pid()), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
  }

  const TempDir dir_;
  const Provider& provider_;
};

struct Tally {
  int runs = 0;
  int crashes = 0;
  int asked_twice = 0;
  int counted = 0;
};

/// One run that is killed once or twice, at moments that the dice choose.
void disturb(const Provider& provider, const std::string& undisturbed, std::mt19937& dice, Tally& tally) {
  const PayingHome home{provider};
  const auto roll = [&](int most) { return std::uniform_int_distribution{0, most}(dice); };
  int crashes = home.kill_after({"run", home.dag()}, roll(kCalls), roll(kMostSpins)) ? 1 : 0;
  const std::string run_id = home.only_run();
  if (run_id.empty()) return;  // it was killed before there was a run

  std::map<std::string, int> asked_when_recorded;
  const auto note_recorded = [&] {
    const auto asked = provider.asked(run_id);
    for (const std::string& key : home.recorded()) asked_when_recorded.try_emplace(key, asked.at(key));
  };
  note_recorded();
  if (roll(1) == 1 && home.kill_after({"runs", "resume", run_id}, roll(kCalls), roll(kMostSpins))) {
    ++crashes;
    note_recorded();
  }
  const Ended ended = home.leeward({"runs", "resume", run_id, "--json"});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const auto report = ended.json();
  CHECK(undisturbed_part(report->root()) == undisturbed);

  const auto asked = provider.asked(run_id);
  CHECK(asked.size() == kCalls);
  for (const auto& [key, times] : asked_when_recorded) {
    INFO(key);
    CHECK(asked.at(key) == times);
  }
  int twice = 0;
  for (const auto& [key, times] : asked) twice += times - 1;
  const auto counted = static_cast<int>(report->root()["usage"]["possible_duplicates"].integer().value());
  CHECK(twice <= counted);
  CHECK(counted <= crashes * kAtOnce);
  CHECK(home.leeward({"fsck"}).status == 0);
  ++tally.runs;
  tally.crashes += crashes;
  tally.asked_twice += twice;
  tally.counted += counted;
}

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

  Tally tally;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + rounds(8); ++seed) {
    INFO("LEEWARD_FAULT_SEED=" << seed);
    std::mt19937 dice{static_cast<std::mt19937::result_type>(seed)};
    disturb(provider, undisturbed, dice, tally);
  }
  std::cout << "paid calls: " << tally.runs << " runs, " << tally.crashes << " kills, " << tally.asked_twice
            << " calls asked twice, " << tally.counted << " counted as possible\n";
}
