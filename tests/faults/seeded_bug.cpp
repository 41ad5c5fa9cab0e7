// Only in programs that test the tests: see the header.
#include "core/base/seeded_bug.hpp"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace leeward {
namespace {

constexpr std::array kWords = std::to_array<std::string_view>({"none",
                                                               "ack_before_commit",
                                                               "sync_skipped",
                                                               "folder_not_synced",
                                                               "batch_split",
                                                               "run_row_late",
                                                               "commit_tried_again",
                                                               "refusal_takes_others",
                                                               "group_told_early",
                                                               "outcome_dropped",
                                                               "conflict_overwritten",
                                                               "stale_record_shown",
                                                               "damage_believed",
                                                               "migration_torn",
                                                               "newer_store_opened",
                                                               "emptied_store_accepted",
                                                               "told_before_recorded",
                                                               "sent_before_intent",
                                                               "ordinal_not_restored",
                                                               "replay_ignores_digest",
                                                               "duplicate_not_counted",
                                                               "cancel_taken_as_answer",
                                                               "place_not_given_back",
                                                               "tries_forgotten",
                                                               "crash_uses_up_try",
                                                               "started_twice",
                                                               "done_run_again",
                                                               "once_started_again",
                                                               "wait_starts_anew",
                                                               "wait_not_clamped",
                                                               "value_not_restored",
                                                               "choice_not_restored",
                                                               "answer_forgotten",
                                                               "stop_forgotten",
                                                               "stop_not_recorded",
                                                               "suspended_end_recorded",
                                                               "effect_before_commit",
                                                               "cleared_taken_up",
                                                               "cleared_decided_early",
                                                               "told_before_commit"});
static_assert(kWords.size() == static_cast<std::size_t>(SeededBug::told_before_commit) + 1);

SeededBug chosen_bug() {
  const char* const word = std::getenv("LEEWARD_SEEDED_BUG");
  if (word == nullptr) return SeededBug::none;
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (kWords[i] == word) return static_cast<SeededBug>(i);
  }
  return SeededBug::none;  // the gate will say that nobody found it
}

}  // namespace

bool seeded_bug(SeededBug bug) noexcept {
  static const SeededBug chosen = chosen_bug();
  return bug == chosen;
}

}  // namespace leeward
