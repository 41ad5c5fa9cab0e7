#include <optional>
#include <ostream>
#include <utility>

#include "host/app/run_request.hpp"
#include "host/cli/common.hpp"
#include "host/cli/watched_run.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

/// Of so many unfinished runs it is looked whether anybody is at them.
constexpr std::size_t kLookedAt = 200;

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

/// Runs that a process has left behind wait for somebody who takes them up: nobody does it unasked.
void tell_left_behind(Application& app, Console& console) {
  const auto left = app.runs().left_behind(kLookedAt);
  if (!left || left->empty()) return;  // what is wrong with the store, the run will tell
  const std::string how_many = left->size() == 1 ? "a run was" : std::to_string(left->size()) + " runs were";
  console.line("note: " + how_many + " interrupted and can go on: " + resume_command(app.settings(), *left));
}

}  // namespace

int command_run(const Invocation& invocation) {
  Interrupts::block();  // before there is a second thread
  if (invocation.arguments.files.size() != 1)
    return bad_usage(invocation, "run takes one DAG file (leeward run --help)");
  const auto console = console_of(invocation);
  Stopper stopper{*console};
  int status = kSuccess;
  const auto app = open_to_run(invocation, *console, status);
  if (!app) return status;
  std::optional<Request> request = request_of(invocation, *app);
  if (!request) return kBadInput;
  if (const auto url = app->simulated_at()) console->line("answers are simulated by mock-llm at " + *url);
  tell_left_behind(*app, *console);
  if (stopper.asked()) return stopped_early(*console);
  TerminalProgress progress{*console, app->log()};
  const auto session = app->session(std::move(request->dag), std::move(request->info), progress, {&progress});
  if (session) return run_and_report(invocation, *app, *console, **session, progress, stopper);
  print_errors(invocation, {session.error()});
  return status_of(session.error());
}

}  // namespace leeward
