#pragma once

#include <cstdint>

namespace leeward {

/// Bugs that can be switched on, to test the tests: each is a mistake that somebody could make, and the gate in
/// tests/faults fails unless the suite that is there to find it does.
///
/// To add one: its name here, its word in tests/faults/seeded_bug.cpp, the mistake behind `if (seeded_bug(...))`, the
/// file that it is in and a suite that finds it in tests/faults. Only there LEEWARD_SEEDED_BUGS is defined; in every
/// program that is installed all of this is nothing.
enum class SeededBug : std::uint8_t {
  none,
  // core/store
  ack_before_commit,       ///< an append returns before its transaction is committed
  sync_skipped,            ///< commits are not synced
  folder_not_synced,       ///< the folder is not synced when the file gets its log
  batch_split,             ///< a batch is recorded in two transactions
  run_row_late,            ///< where a run stands is recorded after its events, in a transaction of its own
  commit_tried_again,      ///< after a failed commit the store goes on
  refusal_takes_others,    ///< a refused transition takes the others of its group with it
  group_told_early,        ///< transitions that are committed together are acknowledged before they are
  outcome_dropped,         ///< the outcome of an attempt that is tried again is not recorded
  conflict_overwritten,    ///< events replace those that another process recorded
  stale_record_shown,      ///< a run that another process has cleared is shown as it was
  damage_believed,         ///< rows are replayed without a look at their invariants
  migration_torn,          ///< a store's new version is recorded before its new tables are
  newer_store_opened,      ///< a store of a newer release is taken for a current one
  emptied_store_accepted,  ///< a file that lost its content is taken for a new one
  // paid calls: core/exec, core/store, host/plugin
  told_before_recorded,    ///< an answer is told while it is being recorded
  sent_before_intent,      ///< a request goes out while its intent is being recorded
  ordinal_not_restored,    ///< an attempt that is started again goes on counting where it was
  replay_ignores_digest,   ///< the next recorded answer is taken, whatever was asked
  duplicate_not_counted,   ///< a call whose answer is not known is made again, and nobody says so
  cancel_taken_as_answer,  ///< a call that was cancelled on its way is recorded as one that broke
  place_not_given_back,    ///< a request that never went out counts as a call
  // core/engine
  tries_forgotten,         ///< retries are counted in memory only
  crash_uses_up_try,       ///< an attempt that a crash interrupted is started again as another try
  started_twice,           ///< what was scheduled is started twice by whoever takes the run up
  done_run_again,          ///< decisions that were acted upon before a crash are acted upon again
  once_started_again,      ///< what may run at most once is started again after a crash
  wait_starts_anew,        ///< what waits for its time waits for all of it again
  wait_not_clamped,        ///< a clock that was set back makes it wait longer than at first
  value_not_restored,      ///< what tasks returned before a crash is not there to read
  choice_not_restored,     ///< what branches chose before a crash is not heeded
  answer_forgotten,        ///< a recorded answer is not given to who asked
  stop_forgotten,          ///< a stop is not gone on with
  stop_not_recorded,       ///< nor recorded before it is acted upon
  suspended_end_recorded,  ///< what an attempt says that was stopped for later is taken for its end
  effect_before_commit,    ///< an attempt is started before that is recorded
  cleared_taken_up,        ///< what stood for a task before it was cleared is taken up as well
  cleared_decided_early,   ///< cleared tasks of a group are decided before the group has its instances
  told_before_commit,      ///< observers are told before the store has it
};

#ifdef LEEWARD_SEEDED_BUGS
/// Whether it is the one that LEEWARD_SEEDED_BUG in the environment names. Thread-safe.
[[nodiscard]] bool seeded_bug(SeededBug bug) noexcept;
#else
[[nodiscard]] constexpr bool seeded_bug(SeededBug) noexcept { return false; }
#endif

}  // namespace leeward
