#include <algorithm>
#include <atomic>
#include <optional>
#include <ostream>
#include <unistd.h>
#include <utility>

#include "core/observe/run_report.hpp"
#include "host/app/interrupts.hpp"
#include "host/app/run_request.hpp"
#include "host/cli/common.hpp"
#include "host/observe/printable.hpp"
#include "host/observe/run_summary.hpp"
#include "host/observe/terminal_progress.hpp"

namespace leeward {
namespace {

constexpr std::size_t kNamedRuns = 5;

/// The simulation that the command line asks for. False: its script cannot be read, and that was printed.
bool simulation_of(const Invocation& invocation, std::optional<Application::Simulation>& simulation) {
  const std::optional<std::string> script = invocation.arguments.get("mock-script");
  if (!script && !invocation.arguments.has("mock-llm")) return true;
  simulation.emplace();
  if (!script) return true;
  auto text = text_of_option_file(invocation, *script);
  if (!text) return false;
  simulation->script = *std::move(text);
  simulation->script_name = *script;
  return true;
}

/// The DAG and what its run is asked to be; nothing after every mistake was printed.
struct Request {
  std::shared_ptr<const Dag> dag;
  RunInfo info;
};
std::optional<Request> request_of(const Invocation& invocation, const Application& app) {
  LoadedDag loaded = app.load(invocation.arguments.files.front());
  Errors errors = std::move(loaded.errors);
  std::optional<RunInfo> info;
  if (loaded.dag) {
    const Arguments& arguments = invocation.arguments;
    const RunRequest request{arguments.all("param"), arguments.get("conf"), arguments.get("logical-date")};
    info = request.info(*loaded.dag, app.clock(), errors);
    for (Error& error : app.unmet_needs(*loaded.dag)) errors.push_back(std::move(error));
  }
  for (const Error& note : loaded.notes) invocation.err << "note: " << printable(to_string(note)) << "\n";
  print_errors(invocation, errors);
  if (!errors.empty()) return std::nullopt;
  return Request{std::move(loaded.dag), *std::move(info)};
}

int status_of(const RunRecord& record, bool interrupted) {
  if (interrupted && record.state != RunState::success) return kInterrupted;
  return record.state == RunState::success ? kSuccess : kRunFailed;
}

void print_report(const Invocation& invocation, const RunRecord& record, bool simulated, int width) {
  if (invocation.arguments.has("json")) {
    invocation.out << run_report_json(record) << "\n";
  } else {
    invocation.out << run_summary(record, {static_cast<std::size_t>(std::max(60, width)), simulated});
  }
}

/// An operator that neither ends nor heeds a cancellation still uses what the destructors are about to take away: then
/// the process ends as it stands, with everything told.
void leave_if_stuck(const Invocation& invocation, const Application& app, Console& console, int status) {
  const std::size_t stuck = app.plugins().unfinished();
  if (stuck == 0) return;
  console.line("leaving " + std::to_string(stuck) + " attempts behind that did not stop when asked");
  console.block({});
  invocation.out.flush();
  ::_exit(status);
}

/// What the run started and did not wait for is part of what the user asked for.
void wait_for_triggered(Application& app, Console& console) {
  const std::vector<std::string> unfinished = app.launcher().unfinished();
  if (!unfinished.empty()) {
    std::string line = "waiting for " + std::to_string(unfinished.size()) +
                       (unfinished.size() == 1 ? " run that was triggered: " : " runs that were triggered: ");
    for (std::size_t i = 0; i < std::min(unfinished.size(), kNamedRuns); ++i)
      line += (i == 0 ? "" : ", ") + unfinished[i];
    if (unfinished.size() > kNamedRuns) line += ", ...";
    console.line(printable(line));
  }
  app.launcher().wait();
}

int run_and_report(const Invocation& invocation, Application& app, Console& console, Request request) {
  std::atomic<bool> interrupted{false};
  auto progress = std::make_unique<TerminalProgress>(console, app.log());
  const auto session = app.session(std::move(request.dag), std::move(request.info), invocation.arguments.files.front(),
                                   *progress, {progress.get()});
  const Interrupts interrupts{[&] {
    interrupted = true;
    console.line("interrupted: canceling the run; teardowns still run; once more to leave at once");
    session->cancel();
    app.launcher().cancel_all();
  }};
  const Result<RunState> state = session->run();
  progress->close();
  const Result<RunRecord> record = state ? session->record() : Result<RunRecord>{state.error()};
  if (record) {
    print_report(invocation, *record, app.simulated_at().has_value(), console.style().width);
  } else {
    print_errors(invocation, {record.error()});
  }
  invocation.out.flush();
  const bool interrupted_before = interrupted;
  wait_for_triggered(app, console);
  int status = record ? status_of(*record, interrupted) : static_cast<int>(kHostFailed);
  if (interrupted && !interrupted_before && record) status = kInterrupted;  // runs of its were cut short
  leave_if_stuck(invocation, app, console, status);
  return status;
}

}  // namespace

int command_run(const Invocation& invocation) {
  Interrupts::block();  // before there is a second thread
  if (invocation.arguments.files.size() != 1)
    return bad_usage(invocation, "run takes one DAG file (leeward run --help)");
  std::optional<Application::Simulation> simulation;
  if (!simulation_of(invocation, simulation)) return kBadInput;
  const auto console = console_of(invocation);
  int status = kSuccess;
  const auto app = open_application(invocation, *console, simulation, status);
  if (!app) return status;
  std::optional<Request> request = request_of(invocation, *app);
  if (!request) return kBadInput;
  if (const auto url = app->simulated_at()) console->line("answers are simulated by mock-llm at " + *url);

  return run_and_report(invocation, *app, *console, *std::move(request));
}

}  // namespace leeward
