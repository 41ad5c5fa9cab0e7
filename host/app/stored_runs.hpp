#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/clearing.hpp"
#include "core/store/call_ledger.hpp"
#include "core/store/run_store.hpp"
#include "host/app/home.hpp"
#include "host/app/run_lock.hpp"

namespace leeward {

/// A run in a list, and which process has it now.
struct ListedRun {
  RunSummary run;
  std::optional<RunOwner> owner;

  /// It has begun and not ended, and nobody is at it.
  [[nodiscard]] bool interrupted() const noexcept { return run.state == RunState::running && !owner; }
};

/// A run that this process has taken from the store, to go on with it.
struct TakenRun {
  RunLock lock;
  RunHistory history;
};

/// The runs of a home: where they are recorded, and who has each of them. One a process. Thread-safe.
class StoredRuns {
 public:
  StoredRuns(Home home, std::unique_ptr<RunStore> store, std::unique_ptr<CallLedger> calls)
      : home_(std::move(home)), store_(std::move(store)), calls_(std::move(calls)) {}
  /// Makes home and store where there are none. Codes home.unusable, and those of opening the store.
  [[nodiscard]] static Result<std::unique_ptr<StoredRuns>> open(const std::filesystem::path& home);

  [[nodiscard]] const Home& home() const noexcept { return home_; }
  [[nodiscard]] RunStore& store() const noexcept { return *store_; }
  /// Their paid calls. Null: not remembered.
  [[nodiscard]] CallLedger* calls() const noexcept { return calls_.get(); }

  /// The newest first.
  [[nodiscard]] Result<std::vector<ListedRun>> list(const RunQuery& query) const;
  /// The ids of those that have not ended and that no process has, the oldest first. `limit`: of the unfinished, look
  /// at so many; 0: all.
  [[nodiscard]] Result<std::vector<std::string>> left_behind(std::size_t limit = 0) const;

  /// Makes this process the run's owner. Codes run.owned, home.unusable.
  [[nodiscard]] Result<RunLock> lock(std::string_view run_id) const;
  [[nodiscard]] std::optional<RunOwner> owner(std::string_view run_id) const;
  /// The same of a run that has not ended, with all that is recorded of it. Codes also run.ended, store.unknown_run.
  [[nodiscard]] Result<TakenRun> take(std::string_view run_id) const;
  /// Airflow's clear; the ids of the tasks that were cleared. Codes run.owned, home.unusable, and those of clear().
  [[nodiscard]] Result<std::vector<std::string>> clear(std::string_view run_id, const std::shared_ptr<const Dag>& dag,
                                                       const ClearRequest& request, Timestamp at) const;
  /// As the store has it. Code store.unknown_run, with the nearest guess.
  [[nodiscard]] Result<RunRecord> record(std::string_view run_id) const;
  /// As the store has it. Code store.unknown_run, with the nearest guess.
  [[nodiscard]] Result<RunState> state(std::string_view run_id) const;

 private:
  [[nodiscard]] Error with_guess(Error error, std::string_view run_id) const;

  const Home home_;
  const std::unique_ptr<RunStore> store_;
  const std::unique_ptr<CallLedger> calls_;  ///< goes first
};

[[nodiscard]] constexpr bool has_ended(RunState state) noexcept {
  return state != RunState::queued && state != RunState::running;
}

}  // namespace leeward
