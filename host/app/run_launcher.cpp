#include "host/app/run_launcher.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/base/unique_id.hpp"
#include "host/app/dag_finder.hpp"
#include "host/app/run_params.hpp"

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

Result<RunInfo> info_of(const Dag& dag, const RunTrigger& asked, const Clock& clock) {
  RunInfo info;
  info.run_id = asked.run_id.empty() ? unique_id(clock.wall(), system_random()) : asked.run_id;
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

}  // namespace

RunLauncher::RunLauncher(Workshop& workshop, RunStore& store, const ActiveRuns& active)
    : workshop_(workshop), store_(store), active_runs_(active) {}

RunLauncher::~RunLauncher() {
  cancel_all();
  wait();
}

void RunLauncher::trigger(const TaskCall& by, RunTrigger asked, std::shared_ptr<CancelToken> cancel, Told told) {
  Result<RunPtr> prepared = prepare(*by.run, asked);
  if (!prepared) return told(std::move(prepared).error());
  const RunPtr run = std::move(prepared).value();
  if (asked.wait) run->told = told;
  if (Status admitted = admit(run, asked); !admitted) return told(std::move(admitted).error());
  start_queued();
  if (asked.wait) {
    cancel->on_cancel([this, weak = std::weak_ptr<Run>{run}] {
      if (const RunPtr alive = weak.lock()) this->cancel(alive);
    });
    return;
  }
  told(accepted(*run));
}

Result<std::optional<RunStates>> RunLauncher::states(const TaskCall& /*by*/, const RunStatesQuery& query) const {
  return states_in(store_, query);
}

Result<TriggeredRun> RunLauncher::accepted(const Run& run) const {
  const std::lock_guard lock{mutex_};
  if (run.not_started) return *run.not_started;
  const RunState state = run.stage == Stage::queued ? RunState::queued : RunState::running;
  return TriggeredRun{run.info.run_id, run.info.dag_id, state};
}

/// Everything that can be known before the run stands in line.
Result<RunLauncher::RunPtr> RunLauncher::prepare(const RunInfo& by, const RunTrigger& asked) const {
  const auto place = active_runs_.find(by.run_id);
  if (!place) return Error{"run.unknown_dag", "the run that asks is none of this process"};
  Result<std::string> file = find_dag_file(std::filesystem::path{place->file}.parent_path(), asked.dag);
  if (!file) return std::move(file).error();
  if (place->depth + 1 > kMaxDepth) return too_deep(*file);
  LoadedDag loaded = workshop_.load_to_run(*file);
  if (!loaded.errors.empty()) return invalid_dag(*file, loaded.errors);
  Result<RunInfo> info = info_of(*loaded.dag, asked, workshop_.clock());
  if (!info) return std::move(info).error();
  auto run = std::make_shared<Run>();
  run->place = {info->dag_id, *std::move(file), place->depth + 1, {}};
  if (asked.wait) {
    run->place.waiting_dags = place->waiting_dags;
    run->place.waiting_dags.push_back(by.dag_id);
  }
  run->info = *std::move(info);
  run->dag = std::move(loaded.dag);
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
  if (closed_) return Error{"run.canceled", "this process is stopping and starts no more runs"};
  if (exists(*run, asked)) {
    const std::string which = asked.run_id.empty() ? "at this logical date" : json_quote(asked.run_id);
    return Error{"run.exists", "there is a run of DAG \"" + run->info.dag_id + "\" " + which + " already"};
  }
  queue_.set_elsewhere(run->info.dag_id, active_runs_.count_first(run->info.dag_id));
  Status queued = queue_.add({run->info.run_id, run->info.dag_id, run->place.depth, limit});
  if (!queued) return queued;
  run->number = triggers_++;
  runs_.emplace(run->info.run_id, run);
  dates_.emplace(run->info.dag_id, run->info.logical_date.unix_ns);
  return done();
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
  dates_.erase(dates_.find({run.info.dag_id, run.info.logical_date.unix_ns}));
  runs_.erase(run.info.run_id);
}

void RunLauncher::start_queued() {
  join_ended();
  std::vector<RunPtr> lost;
  {
    const std::lock_guard lock{mutex_};
    while (const auto next = queue_.take_next()) {
      const RunPtr run = runs_.at(*next);
      if (start(run)) continue;
      lost.push_back(run);
      if (threads_ > 0) break;  // the others go on when one of these has ended
    }
    if (!lost.empty()) all_ended_.notify_all();
  }
  for (const RunPtr& run : lost) {
    if (run->told) {
      run->told(*run->not_started);
    } else {
      workshop_.lost(run->info, *run->not_started);
    }
  }
}

/// False: there is no thread for it, and it is forgotten. REQUIRES: mutex_ is held.
bool RunLauncher::start(const RunPtr& run) {
  try {
    run->thread = workshop_.thread([this, run] { execute(run); });
  } catch (const std::system_error& error) {
    run->stage = Stage::ended;
    run->not_started = Error{"run.no_thread", "run " + run->info.run_id + " of DAG \"" + run->info.dag_id +
                                                  "\" cannot start, the system gives no thread: " + error.what()};
    forget(*run);
    return false;
  }
  run->stage = Stage::starting;
  ++threads_;
  return true;
}

void RunLauncher::execute(const RunPtr& run) {
  const Result<RunState> state = run_engine(*run);
  if (run->told) {
    if (state) {
      run->told(TriggeredRun{run->info.run_id, run->info.dag_id, *state});
    } else {
      run->told(Error{"run.store", state.error().message});
    }
    run->told = nullptr;
  }
  {
    const std::lock_guard lock{mutex_};
    forget(*run);
  }
  start_queued();
  const std::lock_guard lock{mutex_};
  ended_.push_back(std::move(run->thread));
  --threads_;
  all_ended_.notify_all();  // with the lock held: whoever waits may destroy all this
}

Result<RunState> RunLauncher::run_engine(Run& run) {
  const auto session = workshop_.unwatched_session(run.dag, run.info, run.place);
  {
    const std::lock_guard lock{mutex_};
    if (run.stage == Stage::stopping) session->cancel();
    run.session = session.get();
    run.stage = Stage::running;
  }
  Result<RunState> state = session->run();
  const std::lock_guard lock{mutex_};
  run.session = nullptr;
  run.stage = Stage::ended;
  return state;
}

void RunLauncher::cancel(const RunPtr& run) {
  {
    const std::lock_guard lock{mutex_};
    if (run->stage == Stage::running) run->session->cancel();
    if (run->stage == Stage::starting) run->stage = Stage::stopping;
    if (run->stage != Stage::queued) return;
    run->stage = Stage::ended;
    forget(*run);
    all_ended_.notify_all();
  }
  if (run->told) run->told(TriggeredRun{run->info.run_id, run->info.dag_id, RunState::canceled});
}

void RunLauncher::cancel_all() {
  std::vector<RunPtr> runs;
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    for (const auto& [run_id, run] : runs_) runs.push_back(run);
  }
  for (const RunPtr& run : runs) cancel(run);
}

std::vector<std::string> RunLauncher::unfinished() const {
  std::map<std::uint64_t, std::string> names;
  const std::lock_guard lock{mutex_};
  for (const auto& [run_id, run] : runs_) {
    if (run->stage != Stage::ended) names.emplace(run->number, run->info.dag_id + " " + run_id);
  }
  std::vector<std::string> in_order;
  for (auto& [number, name] : names) in_order.push_back(std::move(name));
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
    all_ended_.wait(lock, [this] { return runs_.empty() && threads_ == 0; });
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
