#include "host/cli/watched_run.hpp"

#include <algorithm>
#include <ostream>
#include <unistd.h>
#include <utility>

#include "core/observe/run_report.hpp"
#include "host/app/shell_word.hpp"
#include "host/cli/common.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

constexpr std::size_t kNamedRuns = 5;

/// Of the ids, those of runs that are recorded and have not ended.
std::vector<std::string> unfinished_of(const StoredRuns& runs, const std::vector<std::string>& run_ids) {
  std::vector<std::string> unfinished;
  for (const std::string& run_id : run_ids) {
    const Result<RunState> state = runs.store().run_state(run_id);
    if (state && !has_ended(*state)) unfinished.push_back(run_id);
  }
  return unfinished;
}

/// The store took no more: what it has is still true.
void tell_broken(const Invocation& invocation, const Application& app, Console& console, const RunSession& session,
                 const Error& error) {
  print_errors(invocation, {error});
  console.line("run " + printable(session.info().run_id) + " is stored up to here; when that is mended: " +
               resume_command(app.settings(), {session.info().run_id}));
}

/// Prints the report of a run that needs no more; the status is that of its end.
int already_ended(const Invocation& invocation, const StoredRuns& runs, const std::string& run_id) {
  const Result<RunRecord> record = runs.record(run_id);
  if (!record) {
    print_errors(invocation, {record.error()});
    return status_of(record.error());
  }
  invocation.err << "run " << printable(run_id) << " has ended already: " << to_string(record->state) << "\n";
  print_report(invocation, *record, {});
  return status_of(record->state);
}

}  // namespace

Stopper::Stopper(Console& console)
    : interrupts_(
          [this, &console] {
            console.line("interrupted: nothing new starts; what is at work may end; once more to leave at once");
            asked_.cancel();
          },
          [&console] { console.line("leaving at once; what was recorded is stored: leeward runs list"); }) {}

int stopped_early(Console& console) {
  console.line("interrupted before anything ran");
  return kInterrupted;
}

std::string resume_command(const Settings& settings, const std::vector<std::string>& run_ids) {
  std::string command = "leeward runs resume";
  if (run_ids.size() > kNamedRuns) return command + " --all" + printable(settings.home_option());
  for (const std::string& run_id : run_ids) command += " " + printable(shell_word(run_id));
  return command + printable(settings.home_option());
}

void tell_stored(const Application& app, const StoredRuns& runs, Console& console,
                 const std::vector<std::string>& run_ids) {
  const std::vector<std::string> unfinished = unfinished_of(runs, run_ids);
  if (unfinished.empty()) return;
  const std::string which =
      unfinished.size() == 1 ? "the run is stored: " : std::to_string(unfinished.size()) + " runs are stored: ";
  console.line(which + resume_command(app.settings(), unfinished));
}

void print_report(const Invocation& invocation, const RunRecord& record, SummaryStyle style) {
  if (invocation.arguments.has("json")) {
    invocation.out << run_report_json(record) << "\n";
  } else {
    style.width = std::max<std::size_t>(60, style.width);
    invocation.out << run_summary(record, style);
  }
  invocation.out.flush();
}

void leave_if_stuck(const Invocation& invocation, const Application& app, Console& console, int status) {
  const std::size_t stuck = app.plugins().unfinished();
  if (stuck == 0) return;
  console.line("leaving " + std::to_string(stuck) + " attempts behind that did not stop when asked");
  console.block({});
  invocation.out.flush();
  ::_exit(status);
}

void wait_for_triggered(Application& app, Console& console) {
  const std::vector<TriggeredRun> unfinished = app.launcher().unfinished();
  if (!unfinished.empty()) {
    std::string line = "waiting for " + std::to_string(unfinished.size()) +
                       (unfinished.size() == 1 ? " run that was triggered: " : " runs that were triggered: ");
    for (std::size_t i = 0; i < std::min(unfinished.size(), kNamedRuns); ++i)
      line += (i == 0 ? "" : ", ") + unfinished[i].dag_id + " " + unfinished[i].run_id;
    if (unfinished.size() > kNamedRuns) line += ", ...";
    console.line(printable(line));
  }
  app.launcher().wait();
}

std::vector<std::string> suspend_all(Application& app) {
  std::vector<std::string> run_ids;
  for (const TriggeredRun& run : app.launcher().unfinished()) run_ids.push_back(run.run_id);
  app.launcher().suspend_all();
  return run_ids;
}

int run_and_report(const Invocation& invocation, Application& app, Console& console, RunSession& session,
                   TerminalProgress& progress, Stopper& stopper) {
  std::vector<std::string> left{session.info().run_id};
  stopper.on_ask([&] {
    session.suspend();  // before the runs that it waits for
    for (std::string& run_id : suspend_all(app)) left.push_back(std::move(run_id));
  });
  const Result<RunState> state = session.run();
  progress.close();
  const Result<RunRecord> record = state ? session.record() : Result<RunRecord>{state.error()};
  if (record) {
    SummaryStyle style;
    style.width = static_cast<std::size_t>(std::max(0, console.style().width));
    style.simulated = app.simulated_at().has_value();
    style.resumed = session.resumed();
    style.interrupted = !has_ended(record->state);
    print_report(invocation, *record, style);
  } else {
    tell_broken(invocation, app, console, session, record.error());
  }
  wait_for_triggered(app, console);
  stopper.on_ask(nullptr);
  int status = record ? status_of(record->state) : static_cast<int>(kHostFailed);
  if (record && stopper.asked() && !unfinished_of(app.runs(), left).empty()) status = kInterrupted;
  if (record) tell_stored(app, app.runs(), console, left);
  leave_if_stuck(invocation, app, console, status);
  return status;
}

int resume_run(const Invocation& invocation, Application& app, Console& console, const std::string& run_id,
               Stopper& stopper) {
  Errors errors;
  auto stored = app.find_unfinished(run_id, errors);
  if (!stored) {
    if (errors.front().code == "run.ended") return already_ended(invocation, app.runs(), run_id);
    print_errors(invocation, errors);
    return status_of(errors.front());
  }
  if (stopper.asked()) return stopped_early(console);
  TerminalProgress progress{console, app.log()};
  const auto dag = stored->dag;
  const auto session = app.session(*std::move(stored), progress, {&progress});
  if (!session) {
    if (session.error().code == "run.ended") return already_ended(invocation, app.runs(), run_id);
    print_errors(invocation, {session.error()});
    return status_of(session.error());
  }
  progress.restore(*dag, (*session)->so_far());
  return run_and_report(invocation, app, console, **session, progress, stopper);
}

}  // namespace leeward
