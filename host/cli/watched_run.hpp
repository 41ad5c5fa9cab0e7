#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/exec/cancel_token.hpp"
#include "host/app/application.hpp"
#include "host/app/interrupts.hpp"
#include "host/cli/verb.hpp"
#include "host/observe/run_summary.hpp"
#include "host/observe/terminal_progress.hpp"

namespace leeward {

/// Ctrl-C and its like, from the first moment of a command that runs something: the first puts its runs off until they
/// are resumed, the second ends the process at once. REQUIRES: Interrupts::block() was called.
class Stopper {
 public:
  explicit Stopper(Console& console);

  [[nodiscard]] bool asked() const noexcept { return asked_.cancelled(); }
  /// Calls back when it is asked, or at once if it was. Empty: no longer.
  void on_ask(std::function<void()> callback) { asked_.on_cancel(std::move(callback)); }

 private:
  CancelToken asked_;
  const Interrupts interrupts_;
};

/// A command that was stopped before a run of its began: says so. The exit status.
[[nodiscard]] int stopped_early(Console& console);

/// Runs what the session holds, with live progress, and all that it leads to; prints its report. The exit status.
[[nodiscard]] int run_and_report(const Invocation& invocation, Application& app, Console& console, RunSession& session,
                                 TerminalProgress& progress, Stopper& stopper);

/// Goes on with a run that was recorded before; behaves like run_and_report(). Of one that has ended it prints the
/// report.
[[nodiscard]] int resume_run(const Invocation& invocation, Application& app, Console& console,
                             const std::string& run_id, Stopper& stopper);

/// What the launcher still has to do is part of what the user asked for.
void wait_for_triggered(Application& app, Console& console);
/// Puts off all runs of the launcher; their ids.
[[nodiscard]] std::vector<std::string> suspend_all(Application& app);

/// Says of those of the runs that have not ended that they are stored, and how to go on with them.
void tell_stored(const Application& app, const StoredRuns& runs, Console& console,
                 const std::vector<std::string>& run_ids);
/// "leeward runs resume ID --home DIR", fit for a terminal.
[[nodiscard]] std::string resume_command(const Settings& settings, const std::vector<std::string>& run_ids);

/// An operator that neither ends nor heeds a cancellation still uses what the destructors are about to take away: then
/// the process ends as it stands, with everything told.
void leave_if_stuck(const Invocation& invocation, const Application& app, Console& console, int status);

/// As JSON where that was asked for, else for people.
void print_report(const Invocation& invocation, const RunRecord& record, SummaryStyle style);

}  // namespace leeward
