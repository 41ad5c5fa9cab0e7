#include <ostream>

#include "host/cli/common.hpp"
#include "host/cli/watched_run.hpp"

namespace leeward {

int command_runs_show(const Invocation& invocation) {
  if (invocation.arguments.files.size() != 1)
    return bad_usage(invocation, "runs show takes one run id (leeward runs show --help)");
  const std::string& run_id = invocation.arguments.files.front();
  int status = kSuccess;
  const auto runs = open_runs(invocation, status);
  if (!runs && status != kSuccess) return status;
  const Result<RunRecord> record = runs ? runs->record(run_id) : Result<RunRecord>{nothing_recorded(run_id)};
  if (!record) {
    print_errors(invocation, {record.error()});
    return status_of(record.error());
  }
  SummaryStyle style;
  style.width = static_cast<std::size_t>(console_of(invocation)->style().width);
  style.interrupted = record->state == RunState::running && !runs->owner(run_id);
  print_report(invocation, *record, style);
  return kSuccess;
}

}  // namespace leeward
