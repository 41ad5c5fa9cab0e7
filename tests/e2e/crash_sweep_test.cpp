#include <algorithm>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/e2e/crash_scene.hpp"
#include "tests/e2e/stored_runs.hpp"
#include "tests/faults/rounds.hpp"

// The program is killed before its Nth write, sync, open, rename or unlink, or told that one failed, for one N after
// the other; then the run goes on. A witness file that the tasks write says what was really done, the log of the
// model's server what it was asked. LEEWARD_FAULT_ROUNDS: how many moments, of all there are; LEEWARD_FAULT_SEED: which
// first.

using namespace leeward;
using namespace leeward::test;

namespace {

/// What a sweep looked at, and everything that was wrong.
struct Tally {
  std::size_t moments = 0;
  std::set<std::string> calls;  ///< the system calls that there are moments of
  std::size_t rounds = 0;
  std::size_t faults = 0;         ///< rounds in which something did go wrong
  std::size_t second_faults = 0;  ///< and again, when the run was taken up
  std::size_t resumed = 0;
  int asked_twice = 0;
  int counted = 0;  ///< calls that the program says may have been
  std::vector<std::string> violations;
};

/// How a run ends that nobody disturbs.
struct Undisturbed {
  std::string report;
  std::map<std::string, int> begun;
};

/// One home in which a run is disturbed, once or twice, and goes on.
class Round {
 public:
  Round(const Undisturbed& undisturbed, Moment at, Tally& tally)
      : undisturbed_(undisturbed), at_(std::move(at)), tally_(tally) {}

  /// True: it was killed there.
  bool kill(std::vector<std::string> words, const Moment& at) {
    const bool struck = scene_.disturbed(std::move(words), {"signal=KILL", at}).status == 128 + SIGKILL;
    note(struck);
    return struck;
  }
  /// True: it said that it could not go on.
  bool break_disk(const std::string& error) {
    const Ended stopped = scene_.disturbed({"run", scene_.dag()}, {"error=" + error, at_, true});
    expect(stopped.status == 0 || stopped.status == 3, "it ended with " + std::to_string(stopped.status), stopped.err);
    const bool struck = stopped.status != 0;
    expect(!struck || !stopped.err.empty(), "it stopped without a word");
    note(struck);
    return struck;
  }

  /// Lets the run go on, or start if none was recorded, and looks at what was done.
  void go_on() {
    const std::string run_id = scene_.only_run();
    const Ended whole = run_id.empty() ? scene_.leeward({"run", scene_.dag(), "--json"})
                                       : scene_.leeward({"runs", "resume", run_id, "--json"});
    ++tally_.resumed;
    expect(whole.status == 0, "then it ended with " + std::to_string(whole.status), whole.err);
    if (whole.status != 0) return;
    const auto report = whole.json();
    expect(undisturbed_part(report->root()) == undisturbed_.report, "another report", whole.out);
    judge_witness();
    judge_calls(static_cast<int>(report->root()["usage"]["possible_duplicates"].integer().value()));
    expect(scene_.leeward({"fsck"}).status == 0, "the store is not sound in the end");
  }

  [[nodiscard]] const CrashScene& scene() const noexcept { return scene_; }

 private:
  /// After a process has ended: what is recorded as done, and what was on its way.
  void note(bool struck) {
    crashes_ += struck ? 1 : 0;
    const Ended sound = scene_.leeward({"fsck"});
    const bool never_made = sound.status == 3 && has(sound.err, "it was not made");
    expect(sound.status == 0 || never_made, "the store is not sound", sound.out + sound.err);
    const std::string run_id = scene_.only_run();
    if (run_id.empty()) return;
    const auto begun = scene_.begun();
    for (const std::string& instance : scene_.ended(run_id)) {
      if (const auto found = begun.find(instance); found != begun.end()) done_.try_emplace(instance, found->second);
    }
    const int on_their_way = paid_calls(scene_.home()).on_their_way;
    expect(on_their_way <= CrashScene::kCallsAtOnce, std::to_string(on_their_way) + " calls were on their way");
    on_their_way_ += on_their_way;
  }

  void judge_witness() {
    const auto begun = scene_.begun();
    for (const auto& [instance, times] : undisturbed_.begun) {
      const auto found = begun.find(instance);
      const int is = found == begun.end() ? 0 : found->second;
      const bool plausible = is > 0 && is <= times + crashes_ && (crashes_ > 0 || is == times);
      expect(plausible, instance + " began " + std::to_string(is) + " times");
    }
    expect(begun.size() == undisturbed_.begun.size(), "other instances have begun");
    for (const auto& [instance, times] : done_) {
      expect(begun.at(instance) == times, instance + " had ended, and began again");
    }
  }

  void judge_calls(int counted) {
    const int twice = asked_twice(scene_.asked());
    const std::string wrong = miscount(counted, twice, on_their_way_);
    expect(wrong.empty(), wrong);
    tally_.asked_twice += twice;
    tally_.counted += counted;
  }

  void expect(bool holds, const std::string& what, const std::string& more = {}) {
    if (holds) return;
    tally_.violations.push_back("at " + at_.call + " " + std::to_string(at_.number) + ": " + what +
                                (more.empty() ? "" : "\n" + more));
  }

  const CrashScene scene_;
  const Undisturbed& undisturbed_;
  const Moment at_;
  Tally& tally_;
  int crashes_ = 0;
  int on_their_way_ = 0;             ///< calls, when a process ended
  std::map<std::string, int> done_;  ///< instances that are recorded as ended, and how often they had begun
};

Undisturbed run_undisturbed() {
  const CrashScene quiet;
  const Ended whole = quiet.leeward({"run", quiet.dag(), "--json"});
  INFO(whole.err);
  REQUIRE(whole.status == 0);
  CHECK(whole.json()->root()["usage"]["possible_duplicates"].integer() == 0);
  const auto begun = quiet.begun();
  for (const auto& [instance, times] : begun) {
    INFO(instance);
    CHECK(times == (CrashScene::fails_once(instance) ? 2 : 1));
  }
  return {undisturbed_part(whole.json()->root()), begun};
}

/// Faults at the moments that this sweep looks at, spread over all there are.
template <class Disturb>
void sweep(const std::string& name, bool for_ever, std::uint64_t usual, const Disturb& disturb) {
  const Undisturbed undisturbed = run_undisturbed();
  const std::vector<Moment> moments = CrashScene{}.moments(for_ever);
  Tally tally;
  tally.moments = moments.size();
  REQUIRE(moments.size() > 100);
  for (const Moment& at : moments) tally.calls.insert(at.call);
  tally.rounds = std::min<std::size_t>(rounds(usual), moments.size());
  for (std::size_t k = 0; k < tally.rounds; ++k) {
    const Moment& at = moments[(first_seed() - 1 + k * moments.size() / tally.rounds) % moments.size()];
    Round round{undisturbed, at, tally};
    disturb(round, at, tally);
    round.go_on();
  }
  std::cout << name << ": " << tally.moments << " moments, " << tally.rounds << " rounds, " << tally.faults
            << " faults, " << tally.second_faults << " second faults, " << tally.resumed << " runs that went on, "
            << tally.asked_twice << " calls asked twice, " << tally.counted << " counted as possible, "
            << tally.violations.size() << " violations\n";
  std::cout << "  of";
  for (const std::string& call : tally.calls) std::cout << " " << call;
  std::cout << "\n";
  for (const std::string& violation : tally.violations) UNSCOPED_INFO(violation);
  CHECK(tally.violations.empty());
  CHECK(2 * tally.faults >= tally.rounds);  // not every run comes by at every moment of another
  CHECK(tally.resumed == tally.rounds);
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
  sweep("kill", false, 8, [](Round& round, const Moment& at, Tally& tally) {
    tally.faults += round.kill({"run", round.scene().dag()}, at) ? 1 : 0;
  });
}

TEST_CASE("Killed again while it is taken up, a run goes on with nothing done twice", "[e2e][crash]") {
  if (cannot_inject()) return;
  std::size_t again = 0;
  sweep("kill twice", false, 5, [&](Round& round, const Moment& at, Tally& tally) {
    tally.faults += round.kill({"run", round.scene().dag()}, at) ? 1 : 0;
    const std::string run_id = round.scene().only_run();
    if (run_id.empty()) return;
    tally.second_faults += round.kill({"runs", "resume", run_id}, {"pwrite64", 1 + at.number % 10}) ? 1 : 0;
    again = tally.second_faults;
  });
  CHECK(again > 0);
}

TEST_CASE("When the disk is full or broken at any system call, a run stops, says so, and goes on later",
          "[e2e][crash]") {
  if (cannot_inject()) return;
  const std::string error = GENERATE("ENOSPC", "EIO");
  sweep(error, true, 4,
        [&error](Round& round, const Moment&, Tally& tally) { tally.faults += round.break_disk(error) ? 1 : 0; });
}
