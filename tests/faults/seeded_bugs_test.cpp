// Tests the tests: each bug of core/base/seeded_bug.hpp is switched on in a program that was built with it, and the
// suite that is there to find it must fail. Without a bug every suite passes.
#include <cstdlib>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/sanitized.hpp"

namespace {

/// Which bug, and who finds it: a program beside this one, and the names of its tests.
struct Seeded {
  std::string bug;
  std::string program;
  std::string tests;
};

const std::vector<Seeded> kSeeded{
    {"ack_before_commit", "seeded_store_tests", "No power cut of the first*"},
    {"sync_skipped", "seeded_store_tests", "No power cut of the first*"},
    {"folder_not_synced", "seeded_store_tests", "No power cut of the first*"},
    {"batch_split", "seeded_store_tests", "No power cut of the first*"},
    {"run_row_late", "seeded_store_tests", "No power cut of the first*"},
    {"commit_tried_again", "seeded_store_tests", "After a sync has failed*"},
    {"refusal_takes_others", "seeded_store_tests", "A transition that is refused*"},
    {"group_told_early", "seeded_store_tests", "No power cut of the first*"},
    {"outcome_dropped", "seeded_store_tests", "A store tells all that it was told*"},
    {"conflict_overwritten", "seeded_store_tests", "A run that another process goes on with*"},
    {"stale_record_shown", "seeded_store_tests", "A run that another process has cleared*"},
    {"damage_believed", "seeded_store_tests", "A damaged row is an error*"},
    {"migration_torn", "seeded_store_tests", "A process that is killed at any point of a migration*"},
    {"newer_store_opened", "seeded_store_tests", "A store of a newer release*"},
    {"emptied_store_accepted", "seeded_store_tests", "A store that has lost its content*"},
    {"told_before_recorded", "seeded_call_tests", "A paid request goes out when its intent is recorded*"},
    {"sent_before_intent", "seeded_call_tests", "A paid request goes out when its intent is recorded*"},
    {"ordinal_not_restored", "seeded_call_tests", "No crash makes a recorded paid call again*"},
    {"replay_ignores_digest", "seeded_call_tests", "An attempt that is started again gets its recorded answers*"},
    {"duplicate_not_counted", "seeded_call_tests", "A paid call without an answer may be made again*"},
    {"cancel_taken_as_answer", "seeded_call_tests", "A paid request that was cancelled on its way*"},
    {"place_not_given_back", "seeded_call_tests", "A paid request that never went out leaves no trace*"},
    {"tries_forgotten", "seeded_engine_tests", "Wherever its processes end*"},
    {"crash_uses_up_try", "seeded_engine_tests", "Wherever its processes end*"},
    {"started_twice", "seeded_engine_tests", "Wherever its processes end*"},
    {"done_run_again", "seeded_engine_tests", "Wherever its processes end*"},
    {"once_started_again", "seeded_engine_tests", "Wherever its processes end*"},
    {"wait_starts_anew", "seeded_engine_tests", "What waits has as long to go*"},
    {"wait_not_clamped", "seeded_engine_tests", "What waits has as long to go*"},
    {"value_not_restored", "seeded_engine_tests", "Wherever its processes end*"},
    {"choice_not_restored", "seeded_engine_tests", "Wherever its processes end*"},
    {"answer_forgotten", "seeded_engine_tests", "Wherever its processes end*"},
    {"stop_forgotten", "seeded_engine_tests", "Wherever its processes end*"},
    {"stop_not_recorded", "seeded_engine_tests", "Wherever its processes end*"},
    {"suspended_end_recorded", "seeded_engine_tests", "Wherever its processes end*"},
    {"effect_before_commit", "seeded_engine_tests", "Wherever its processes end*"},
    {"cleared_taken_up", "seeded_engine_tests", "Wherever its processes end*"},
    {"cleared_decided_early", "seeded_engine_tests", "Wherever its processes end*"},
    {"told_before_commit", "seeded_engine_tests", "Wherever its processes end*"},
};

/// A few hundred rounds are enough for what is really there. A suite without tests passes nothing.
bool passes(const Seeded& seeded, const std::string& bug) {
  const std::string command = "LEEWARD_FAULT_ROUNDS=200 LEEWARD_SIM_SEEDS=1000 LEEWARD_SEEDED_BUG=" + bug +
                              " " LEEWARD_BINARY_DIR "/tests/" + seeded.program + " --abort --warn NoTests '" +
                              seeded.tests + "' >/dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

}  // namespace

TEST_CASE("Every seeded bug is found by the suite that is there to find it", "[faults]") {
  if (leeward::test::kSanitized) {
    WARN("SKIP: a sanitizer leaves time for too few faults");
    return;
  }
  std::size_t found = 0;
  std::set<std::string> asked;
  for (const Seeded& seeded : kSeeded) {
    if (asked.insert(seeded.program + seeded.tests).second) {
      INFO(seeded.program << " '" << seeded.tests << "', without a bug");
      CHECK(passes(seeded, "none"));
    }
    if (passes(seeded, seeded.bug)) {
      UNSCOPED_INFO(seeded.bug << " was not found by " << seeded.program << " '" << seeded.tests << "'");
    } else {
      ++found;
    }
  }
  std::cout << "seeded bugs found: " << found << " of " << kSeeded.size() << "\n";
  CHECK(found == kSeeded.size());
}
