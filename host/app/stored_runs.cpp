#include "host/app/stored_runs.hpp"

#include <utility>

#include "core/base/suggestion.hpp"
#include "core/store/sqlite_call_ledger.hpp"
#include "core/store/sqlite_store.hpp"

namespace leeward {
namespace {

/// Among so many of the newest a slip of the finger is looked for.
constexpr std::size_t kGuessedFrom = 1000;

}  // namespace

Result<std::unique_ptr<StoredRuns>> StoredRuns::open(const std::filesystem::path& path) {
  Result<Home> home = Home::open(path);
  if (!home) return std::move(home).error();
  SqliteDb::Options options;
  options.path = home->store_file().string();
  auto store = SqliteStore::open(options);
  if (!store) return std::move(store).error();
  remove_stale_locks(home->run_folder());
  auto calls = std::make_unique<SqliteCallLedger>((*store)->writer());
  return std::make_unique<StoredRuns>(*std::move(home), std::move(store).value(), std::move(calls));
}

Result<std::vector<ListedRun>> StoredRuns::list(const RunQuery& query) const {
  auto runs = store_->list(query);
  if (!runs) return std::move(runs).error();
  std::vector<ListedRun> listed;
  listed.reserve(runs->size());
  for (RunSummary& run : *runs) {
    std::optional<RunOwner> owner;
    if (!has_ended(run.state)) owner = this->owner(run.run_id);
    listed.push_back({std::move(run), owner});
  }
  return listed;
}

Result<std::vector<std::string>> StoredRuns::left_behind(std::size_t limit) const {
  RunQuery unfinished;
  unfinished.unfinished = true;
  unfinished.limit = limit;
  const auto runs = list(unfinished);
  if (!runs) return runs.error();
  std::vector<std::string> ids;
  for (auto run = runs->rbegin(); run != runs->rend(); ++run) {
    if (!run->owner) ids.push_back(run->run.run_id);
  }
  return ids;
}

Result<RunLock> StoredRuns::lock(std::string_view run_id) const { return RunLock::take(home_.run_folder(), run_id); }

std::optional<RunOwner> StoredRuns::owner(std::string_view run_id) const {
  return run_owner(home_.run_folder(), run_id);
}

Result<TakenRun> StoredRuns::take(std::string_view run_id) const {
  if (const auto known = state(run_id); !known) return known.error();  // no lock file for what is no run
  Result<RunLock> lock = this->lock(run_id);
  if (!lock) return std::move(lock).error();
  const auto state = store_->run_state(run_id);  // who had it may have ended it until now
  if (!state) return state.error();
  if (has_ended(*state)) {
    return Error{"run.ended", "run " + std::string{run_id} + " has ended: " + std::string{to_string(*state)}};
  }
  auto history = store_->history(run_id);
  if (!history) return std::move(history).error();
  return TakenRun{std::move(lock).value(), std::move(history).value()};
}

Result<std::vector<std::string>> StoredRuns::clear(std::string_view run_id, const std::shared_ptr<const Dag>& dag,
                                                   const ClearRequest& request, Timestamp at) const {
  const Result<RunLock> lock = this->lock(run_id);
  if (!lock) return lock.error();
  const auto history = store_->history(run_id);
  if (!history) return history.error();
  const auto standing = RunStanding::of(*dag, history->events);
  if (!standing) return standing.error();
  const auto events = leeward::clear(*dag, *standing, request, at);
  if (!events) return events.error();
  Status recorded = store_->reopen(history->info, dag);
  if (recorded) recorded = store_->append(*history->info, *events);
  if (!recorded) return std::move(recorded).error();
  std::vector<std::string> cleared;
  for (const Event& event : *events) {
    if (event.kind == EventKind::task_cleared) cleared.push_back(dag->task(event.task).id);
  }
  return cleared;
}

Result<RunRecord> StoredRuns::record(std::string_view run_id) const {
  auto record = store_->load(run_id);
  if (!record) return with_guess(std::move(record).error(), run_id);
  return record;
}

Result<RunState> StoredRuns::state(std::string_view run_id) const {
  auto state = store_->run_state(run_id);
  if (!state) return with_guess(std::move(state).error(), run_id);
  return state;
}

Error StoredRuns::with_guess(Error error, std::string_view run_id) const {
  if (error.code != "store.unknown_run") return error;
  RunQuery newest;
  newest.limit = kGuessedFrom;
  std::vector<std::string> ids;
  if (const auto runs = store_->list(newest)) {
    for (const RunSummary& run : *runs) ids.push_back(run.run_id);
  }
  error.message = "there is no run \"" + std::string{run_id} + "\" in " + home_.path().string() +
                  did_you_mean(run_id, ids) + " (leeward runs list)";
  return error;
}

}  // namespace leeward
