#include "host/app/run_launcher.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "host/app/dag_finder.hpp"
#include "host/app/run_params.hpp"
#include "host/app/stored_runs.hpp"
#include "host/app/trigger_identity.hpp"

namespace leeward {
namespace {

Error too_deep(const std::string& file) {
  return {"run.too_deep", "runs start each other more than " + std::to_string(RunLauncher::kMaxDepth) +
                              " deep, the last one for " + file + "; does a DAG trigger itself?"};
}

/// The mistakes of a file as one.
Error invalid_dag(const std::string& file, const Errors& errors) {
  std::string message = file + " cannot be run: " + to_string(errors.front());
  if (errors.size() > 1)
    message += " (and " + std::to_string(errors.size() - 1) + " more: leeward validate " + file + ")";
  return {"run.invalid_dag", std::move(message)};
}

/// `info`: with its ids.
Result<RunInfo> completed(RunInfo info, const Dag& dag, const RunTrigger& asked, const Clock& clock) {
  info.dag_id = dag.id();
  info.logical_date = asked.logical_date.value_or(manual_logical_date(clock.wall()));
  info.conf = asked.conf;
  RunParams params{dag.header()};
  params.take_conf(JsonDocument::of(asked.conf)->root());
  const auto given = JsonDocument::of(asked.params);
  for (const Json param : given->root()) {
    Status set = params.set(std::string{param.key()}, std::string{param.text()});
    if (!set) return std::move(set).error();
  }
  Errors errors;
  params.check(errors);
  if (!errors.empty()) return Error{"run.param", "params of DAG \"" + dag.id() + "\": " + to_string(errors.front())};
  info.params = params.value();
  return info;
}

Error stopping() { return {"run.canceled", "this process is stopping and starts no more runs"}; }

/// Who waits for a run's end is not told that it was put off.
RunGateway::Told told_of_ends(const RunGateway::Told& told) {
  return [told](Result<TriggeredRun> run) {
    if (!run || has_ended(run->state)) return told(std::move(run));
    told(Error{"run.canceled", "run " + run->run_id + " was put off with its process; it is stored"});
  };
}

}  // namespace

std::vector<std::string> RunLauncher::Asking::waiting_dags() const {
  if (!wait) return {};
  std::vector<std::string> dags = place.waiting_dags;
  dags.push_back(dag_id);
  return dags;
}

RunLauncher::RunLauncher(Workshop& workshop, RunStore& store, const ActiveRuns& active)
    : workshop_(workshop), store_(store), active_runs_(active) {}

RunLauncher::~RunLauncher() {
  suspend_all();
  wait();
  alarm_->close();
  if (waker_.joinable()) waker_.join();
}

void RunLauncher::trigger(const TaskCall& by, RunTrigger asked, std::shared_ptr<CancelToken> cancel, Told told) {
  TriggerIdentity identity = identity_of(by, asked, workshop_.clock());
  RunInfo wanted;
  wanted.run_id = std::move(identity.run_id);
  wanted.triggered_by = std::move(identity.triggered_by);
  const auto place = active_runs_.find(by.run->run_id);
  if (!place) return told(Error{"run.unknown_dag", "the run that asks is none of this process"});
  const Asking asking{by.run->dag_id, *place, asked.wait, std::move(cancel), std::move(told)};
  if (!wanted.triggered_by.empty() && find_again(wanted, asking)) return;
  Result<RunPtr> prepared = prepare(asking, std::move(wanted), asked);
  if (!prepared) return asking.told(std::move(prepared).error());
  const RunPtr run = std::move(prepared).value();
  if (asked.wait) run->told.push_back(told_of_ends(asking.told));
  if (Status admitted = admit(run, asked); !admitted) return asking.told(std::move(admitted).error());
  launch(run, asking);
}

/// The run stands in line: see to it, and to whoever asked for it.
void RunLauncher::launch(const RunPtr& run, const Asking& asking) {
  start_queued();
  if (!asking.wait) return asking.told(accepted(*run));
  cancel_with(asking.cancel, run);
}

void RunLauncher::cancel_with(const std::shared_ptr<CancelToken>& token, const RunPtr& run) {
  token->on_cancel([this, weak = std::weak_ptr<Run>{run}] {
    if (const RunPtr alive = weak.lock()) this->cancel(alive);
  });
}

/// True: the attempt has asked for this run before, and `asking` is told of it or will be.
bool RunLauncher::find_again(const RunInfo& wanted, const Asking& asking) {
  if (attach(wanted, asking)) return true;
  const auto state = store_.run_state(wanted.run_id);
  if (!state) return false;
  const auto record = store_.load(wanted.run_id);
  if (!record || record->info.triggered_by != wanted.triggered_by) return false;
  const TriggeredRun ended{wanted.run_id, record->info.dag_id, record->state};
  if (has_ended(record->state)) return asking.told(ended), true;
  Result<RunPtr> prepared = prepare_stored(wanted.run_id, asking.depth(), asking.waiting_dags());
  if (!prepared) return asking.told(std::move(prepared).error()), true;
  const RunPtr run = std::move(prepared).value();
  if (asking.wait) run->told.push_back(told_of_ends(asking.told));
  if (Status in_line = line_up(run); !in_line) return asking.told(std::move(in_line).error()), true;
  launch(run, asking);
  return true;
}

/// True: this process has the run already.
bool RunLauncher::attach(const RunInfo& wanted, const Asking& asking) {
  RunPtr run;
  {
    const std::lock_guard lock{mutex_};
    const auto at = runs_.find(wanted.run_id);
    if (at == runs_.end() || at->second->info.triggered_by != wanted.triggered_by) return false;
    run = at->second;
    if (run->stage == Stage::ended) return false;  // the store has how
    if (asking.wait) run->told.push_back(told_of_ends(asking.told));
  }
  if (asking.wait) {
    cancel_with(asking.cancel, run);
  } else {
    asking.told(accepted(*run));
  }
  return true;
}

void RunLauncher::take_up(const std::string& run_id, Told told) {
  Result<RunPtr> prepared = prepare_stored(run_id, 1, {});
  if (!prepared) return told(std::move(prepared).error());
  const RunPtr run = std::move(prepared).value();
  run->told.push_back(told);
  if (Status in_line = line_up(run); !in_line) return told(std::move(in_line).error());
  start_queued();
}

void RunLauncher::wait_for_room() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return closed_ || queue_.queued() < kMaxQueued / 2; });
}

Result<std::optional<RunStates>> RunLauncher::states(const TaskCall& /*by*/, const RunStatesQuery& query) const {
  return states_in(store_, query);
}

Result<TriggeredRun> RunLauncher::accepted(const Run& run) const {
  const std::lock_guard lock{mutex_};
  if (run.not_started && !run.stored) return *run.not_started;
  const bool waits = run.stage == Stage::queued || run.not_started;
  return TriggeredRun{run.info.run_id, run.info.dag_id, waits ? RunState::queued : RunState::running};
}

/// Everything that can be known before the run stands in line.
Result<RunLauncher::RunPtr> RunLauncher::prepare(const Asking& asking, RunInfo wanted, const RunTrigger& asked) const {
  Result<std::string> file = find_dag_file(std::filesystem::path{asking.place.file}.parent_path(), asked.dag);
  if (!file) return std::move(file).error();
  if (asking.depth() > kMaxDepth) return too_deep(*file);
  LoadedDag loaded = workshop_.load_to_run(*file);
  if (!loaded.errors.empty()) return invalid_dag(*file, loaded.errors);
  Result<RunInfo> info = completed(std::move(wanted), *loaded.dag, asked, workshop_.clock());
  if (!info) return std::move(info).error();
  auto run = std::make_shared<Run>();
  run->place = {info->dag_id, *std::move(file), asking.depth(), asking.waiting_dags()};
  run->info = *std::move(info);
  run->dag = std::move(loaded.dag);
  return run;
}

Result<RunLauncher::RunPtr> RunLauncher::prepare_stored(const std::string& run_id, int depth,
                                                        std::vector<std::string> waiting_dags) const {
  Result<StoredRun> stored = workshop_.load_stored(run_id);
  if (!stored) return std::move(stored).error();
  auto run = std::make_shared<Run>();
  run->place = {stored->info.dag_id, std::move(stored->file), depth, std::move(waiting_dags)};
  run->info = std::move(stored->info);
  run->dag = std::move(stored->dag);
  run->stored = true;
  return run;
}

Status RunLauncher::admit(const RunPtr& run, const RunTrigger& asked) {
  const auto& waiting = run->place.waiting_dags;
  const std::size_t limit = run->dag->header().max_active_runs;
  const auto own = static_cast<std::size_t>(std::count(waiting.begin(), waiting.end(), run->info.dag_id));
  if (limit > 0 && own >= limit) {
    return Error{"run.deadlock", "DAG \"" + run->info.dag_id + "\" has max_active_runs " + std::to_string(limit) +
                                     ", and runs of it wait for this one: it would never start"};
  }
  const std::lock_guard lock{mutex_};
  if (closed_) return stopping();
  if (exists(*run, asked)) {
    const std::string which = asked.run_id.empty() ? "at this logical date" : json_quote(asked.run_id);
    return Error{"run.exists", "there is a run of DAG \"" + run->info.dag_id + "\" " + which + " already"};
  }
  Status in_line = stand_in_line(run);
  if (!in_line || asked.wait) return in_line;
  // Whoever does not wait for it may be done before it starts: from then on nobody would ask for it again.
  Status kept = keep(*run);
  run->stored = kept.ok();
  if (!kept) forget(*run);
  return kept;
}

Status RunLauncher::line_up(const RunPtr& run) {
  const std::lock_guard lock{mutex_};
  if (closed_) return stopping();
  if (queue_.contains(run->info.run_id)) return Error{"run.owned", "run " + run->info.run_id + " is under way here"};
  return stand_in_line(run);
}

/// REQUIRES: mutex_ is held.
Status RunLauncher::stand_in_line(const RunPtr& run) {
  const std::string& dag_id = run->info.dag_id;
  queue_.set_elsewhere(dag_id, active_runs_.count_first(dag_id));
  const std::size_t limit = run->dag->header().max_active_runs;
  Status queued = queue_.add({run->info.run_id, dag_id, run->place.depth, limit});
  if (!queued) return queued;
  run->number = triggers_++;
  alarm_->add(run->info.run_id);
  runs_.emplace(run->info.run_id, run);
  dates_.emplace(dag_id, run->info.logical_date.unix_ns);
  return queued;
}

/// Has the run on disk before it begins.
Status RunLauncher::keep(const Run& run) {
  const auto info = std::make_shared<const RunInfo>(run.info);
  const Status kept = store_.begin(info, run.dag);
  if (kept) return kept;
  if (kept.error().code == "store.run_exists") return Error{"run.exists", kept.error().message};
  return Error{"run.store", kept.error().message};
}

/// REQUIRES: mutex_ is held.
bool RunLauncher::exists(const Run& run, const RunTrigger& asked) const {
  if (queue_.contains(run.info.run_id) || store_.run_state(run.info.run_id)) return true;
  if (!asked.logical_date) return false;
  if (dates_.count({run.info.dag_id, run.info.logical_date.unix_ns}) > 0) return true;
  const auto recorded = store_.run_at(run.info.dag_id, run.info.logical_date);
  return recorded && recorded->has_value();
}

/// The run is no longer here. REQUIRES: mutex_ is held, and it was.
void RunLauncher::forget(const Run& run) {
  queue_.remove(run.info.run_id);
  alarm_->remove(run.info.run_id);
  dates_.erase(dates_.find({run.info.dag_id, run.info.logical_date.unix_ns}));
  runs_.erase(run.info.run_id);
}

void RunLauncher::cancel(const RunPtr& run) {
  {
    const std::lock_guard lock{mutex_};
    if (run->session != nullptr) run->session->cancel();
    if (run->stage == Stage::starting) run->stage = Stage::stopping;
    changed_.notify_all();
    if (run->stage != Stage::queued) return;
    queue_.remove(run->info.run_id);
    if (run->stored && start(run, Stage::stopping)) return;  // its end is to be recorded
    if (run->stage == Stage::queued) forget(*run);
    run->stage = Stage::ended;
  }
  tell(*run, RunState::canceled);
}

void RunLauncher::suspend_all() {
  std::vector<RunPtr> waiting;
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    std::multimap<int, RunPtr> by_depth;  // who waits for a run goes before it, and cares no more how it ends
    for (const auto& [run_id, run] : runs_) by_depth.emplace(run->place.depth, run);
    for (const auto& [depth, run] : by_depth) {
      if (run->session != nullptr) run->session->suspend();
      if (run->stage != Stage::queued) continue;
      run->stage = Stage::ended;
      forget(*run);
      waiting.push_back(run);
    }
    changed_.notify_all();
  }
  for (const RunPtr& run : waiting) tell(*run, RunState::queued);
}

std::vector<TriggeredRun> RunLauncher::unfinished() const {
  std::map<std::uint64_t, TriggeredRun> found;
  const std::lock_guard lock{mutex_};
  for (const auto& [run_id, run] : runs_) {
    if (run->stage == Stage::ended) continue;
    const RunState state = run->stage == Stage::queued ? RunState::queued : RunState::running;
    found.emplace(run->number, TriggeredRun{run_id, run->info.dag_id, state});
  }
  std::vector<TriggeredRun> in_order;
  for (auto& [number, run] : found) in_order.push_back(std::move(run));
  return in_order;
}

void RunLauncher::wait() {
  {
    const std::lock_guard lock{mutex_};  // the first run may have been what they waited for
    std::set<std::string_view> dags;
    for (const auto& [run_id, run] : runs_) dags.insert(run->info.dag_id);
    for (const std::string_view dag : dags) queue_.set_elsewhere(std::string{dag}, active_runs_.count_first(dag));
  }
  start_queued();
  {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return runs_.empty() && threads_ == 0; });
  }
  join_ended();
}

/// Never waits long: a thread that stands there has nothing left to do. Never called by one of them on itself.
void RunLauncher::join_ended() {
  std::vector<std::thread> ended;
  {
    const std::lock_guard lock{mutex_};
    ended.swap(ended_);
  }
  for (std::thread& thread : ended) thread.join();
}

}  // namespace leeward
