#include <algorithm>
#include <mutex>
#include <ostream>
#include <utility>

#include "core/observe/run_report.hpp"
#include "host/cli/common.hpp"
#include "host/cli/watched_run.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

/// What became of several runs, as their threads tell it.
class Ends {
 public:
  void add(const std::string& run_id, Result<TriggeredRun> run) {
    const std::lock_guard lock{mutex_};
    ends_.emplace_back(run_id, std::move(run));
  }
  /// REQUIRES: nobody adds any more.
  [[nodiscard]] const std::vector<std::pair<std::string, Result<TriggeredRun>>>& all() const { return ends_; }

 private:
  std::mutex mutex_;
  std::vector<std::pair<std::string, Result<TriggeredRun>>> ends_;  ///< guarded by mutex_
};

/// The worst of them: what the host could not do, then what was put off or refused, then what failed.
int worse(int a, int b) {
  for (const int status : {kHostFailed, kInterrupted, kBadInput, kRunFailed}) {
    if (a == status || b == status) return status;
  }
  return kSuccess;
}

int status_of(const Result<TriggeredRun>& end) {
  if (!end) return status_of(end.error());
  return has_ended(end->state) ? status_of(end->state) : static_cast<int>(kInterrupted);
}

/// A line each, in the order in which they ended; with --json the list of their reports.
int report_all(const Invocation& invocation, const StoredRuns& runs, const Ends& ends) {
  int status = kSuccess;
  const bool as_json = invocation.arguments.has("json");
  JsonWriter json;
  json.begin_array();
  for (const auto& [run_id, end] : ends.all()) {
    const bool ended_before = !end && end.error().code == "run.ended";
    const Result<RunRecord> record = runs.record(run_id);
    if (!end && !ended_before) print_errors(invocation, {end.error()});
    status = worse(status, ended_before && record ? status_of(record->state) : status_of(end));
    if (!record) continue;
    if (as_json) {
      json.raw(run_report_json(*record));
    } else {
      const std::string_view state = has_ended(record->state) ? to_string(record->state) : "interrupted";
      invocation.out << printable(run_id) << "  " << printable(record->info.dag_id) << "  " << state << "\n";
    }
  }
  json.end_array();
  if (as_json) invocation.out << json.text() << "\n";
  return status;
}

int resume_all(const Invocation& invocation, Application& app, Console& console,
               const std::vector<std::string>& run_ids, Stopper& stopper) {
  Ends ends;
  stopper.on_ask([&] { static_cast<void>(suspend_all(app)); });
  for (const std::string& run_id : run_ids) {
    app.launcher().wait_for_room();
    if (stopper.asked()) break;
    app.launcher().take_up(run_id, [&ends, run_id](Result<TriggeredRun> end) { ends.add(run_id, std::move(end)); });
  }
  app.launcher().wait();
  stopper.on_ask(nullptr);
  int status = report_all(invocation, app.runs(), ends);
  if (stopper.asked()) status = worse(status, kInterrupted);
  tell_stored(app, app.runs(), console, run_ids);
  leave_if_stuck(invocation, app, console, status);
  return status;
}

/// The ids without those that were said before.
std::vector<std::string> each_once(std::vector<std::string> run_ids) {
  std::vector<std::string> once;
  for (std::string& run_id : run_ids) {
    if (std::find(once.begin(), once.end(), run_id) == once.end()) once.push_back(std::move(run_id));
  }
  return once;
}

}  // namespace

int command_runs_resume(const Invocation& invocation) {
  Interrupts::block();  // before there is a second thread
  const bool all = invocation.arguments.has("all");
  std::vector<std::string> run_ids = each_once(invocation.arguments.files);
  if (run_ids.empty() != all)
    return bad_usage(invocation, "runs resume takes run ids, or --all (leeward runs resume --help)");
  const auto console = console_of(invocation);
  Stopper stopper{*console};
  int status = kSuccess;
  const auto app = open_to_run(invocation, *console, status);
  if (!app) return status;
  if (const auto url = app->simulated_at()) console->line("answers are simulated by mock-llm at " + *url);
  if (run_ids.size() == 1) return resume_run(invocation, *app, *console, run_ids.front(), stopper);
  if (all) {
    auto left = app->runs().left_behind();
    if (!left) {
      print_errors(invocation, {left.error()});
      return status_of(left.error());
    }
    run_ids = *std::move(left);
    if (run_ids.empty()) console->line("no run was left behind");
  }
  return resume_all(invocation, *app, *console, run_ids, stopper);
}

}  // namespace leeward
