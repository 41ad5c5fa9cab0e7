#include <ostream>

#include "host/app/answer_client.hpp"
#include "host/cli/common.hpp"
#include "host/cli/watched_run.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

int tell(const Invocation& invocation, const std::string& run_id, RunState state, const char* for_people) {
  if (invocation.arguments.has("json")) {
    JsonWriter json;
    json.begin_object().member("run_id", run_id).member("state", to_string(state)).end_object();
    invocation.out << json.text() << "\n";
  } else {
    invocation.out << "run " << printable(run_id) << " " << for_people << "\n";
  }
  return kSuccess;
}

int refuse(const Invocation& invocation, const Error& error) {
  print_errors(invocation, {error});
  return error.code == "input.no_reply" ? static_cast<int>(kHostFailed) : status_of(error);
}

/// Nobody is at it: goes on with the run, to its teardowns and its end.
int cancel_here(const Invocation& invocation, Application& app, Console& console, const std::string& run_id,
                Stopper& stopper) {
  Errors errors;
  auto stored = app.find_unfinished(run_id, errors);
  if (!stored) {
    print_errors(invocation, errors);
    return status_of(errors.front());
  }
  TerminalProgress progress{console, app.log()};
  const auto dag = stored->dag;
  const auto session = app.session(*std::move(stored), progress, {&progress});
  if (!session) return refuse(invocation, session.error());
  progress.restore(*dag, (*session)->so_far());
  (*session)->cancel();
  stopper.on_ask([&] { (*session)->suspend(); });
  const Result<RunState> state = (*session)->run();
  stopper.on_ask(nullptr);
  progress.close();
  if (!state) return refuse(invocation, state.error());
  int status = kInterrupted;
  if (has_ended(*state)) {
    status = tell(invocation, run_id, *state, *state == RunState::canceled ? "is canceled" : "had come to its end");
  } else {
    tell_stored(app, app.runs(), console, {run_id});
  }
  leave_if_stuck(invocation, app, console, status);
  return status;
}

}  // namespace

int command_runs_cancel(const Invocation& invocation) {
  Interrupts::block();  // before there is a second thread
  if (invocation.arguments.files.size() != 1)
    return bad_usage(invocation, "runs cancel takes one run id (leeward runs cancel --help)");
  const std::string& run_id = invocation.arguments.files.front();
  int status = kSuccess;
  {
    const auto runs = open_runs(invocation, status);
    if (!runs && status != kSuccess) return status;
    if (!runs) return refuse(invocation, nothing_recorded(run_id));
    const Result<RunState> state = runs->state(run_id);
    if (!state) return refuse(invocation, state.error());
    if (has_ended(*state)) {
      print_errors(invocation,
                   {{"run.ended", "run " + run_id + " has ended already: " + std::string{to_string(*state)}}});
      return kBadInput;
    }
    if (runs->owner(run_id)) {
      const Status asked = cancel_in_process(runs->home().path(), run_id);
      if (asked) return tell(invocation, run_id, *state, "is being canceled; its teardowns still run");
      if (asked.error().code != "input.unknown_run") return refuse(invocation, asked.error());
    }
  }
  const auto console = console_of(invocation);
  Stopper stopper{*console};
  const auto app = open_to_run(invocation, *console, status);
  if (!app) return status;
  if (stopper.asked()) return stopped_early(*console);
  return cancel_here(invocation, *app, *console, run_id, stopper);
}

}  // namespace leeward
