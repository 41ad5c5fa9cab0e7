#include <algorithm>
#include <fstream>
#include <ostream>
#include <set>

#include "core/base/suggestion.hpp"
#include "host/cli/common.hpp"
#include "host/observe/attempt_log_files.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

/// Which logs of a run are asked for.
struct WantedLogs {
  std::string task;  ///< as path_part has it; empty: of all
  int map_index = -1;
  int try_number = -1;  ///< -1: of all

  [[nodiscard]] bool fits(const AttemptLogEntry& entry) const {
    if (try_number >= 0 && entry.try_number != try_number) return false;
    if (task.empty()) return true;
    if (map_index >= 0) return entry.instance == task + "." + std::to_string(map_index);
    if (entry.instance == task) return true;
    const bool mapped = entry.instance.size() > task.size() && entry.instance.starts_with(task + ".");
    return mapped && std::all_of(entry.instance.begin() + static_cast<std::ptrdiff_t>(task.size()) + 1,
                                 entry.instance.end(), [](char c) { return c >= '0' && c <= '9'; });
  }
};

Result<WantedLogs> wanted_logs(const Arguments& arguments) {
  WantedLogs wanted;
  if (arguments.files.size() == 2) wanted.task = path_part(arguments.files[1]);
  const Result<int> map_index = number_option(arguments, "map-index", -1);
  if (!map_index) return map_index.error();
  const Result<int> try_number = number_option(arguments, "try", -1);
  if (!try_number) return try_number.error();
  if (*map_index >= 0 && wanted.task.empty()) return Error{"usage.option", "--map-index needs a task id"};
  wanted.map_index = *map_index;
  wanted.try_number = *try_number;
  return wanted;
}

std::string heading(const AttemptLogEntry& entry) {
  const std::string which = entry.try_number == 0 ? "callbacks" : "try " + std::to_string(entry.try_number);
  return "== " + printable(entry.instance) + " " + which + " ==";
}

/// Line by line: what attempts wrote may be no text, and must not drive a terminal.
bool print_log(std::ostream& out, const AttemptLogEntry& entry) {
  std::ifstream in{entry.path};
  if (!in) return false;
  for (std::string line; std::getline(in, line);) out << printable(line) << "\n";
  return true;
}

void print_json(std::ostream& out, const std::vector<AttemptLogEntry>& entries) {
  JsonWriter json;
  json.begin_array();
  for (const AttemptLogEntry& entry : entries) {
    json.begin_object().member("instance", entry.instance).member("try_number", entry.try_number);
    json.member("file", entry.path.string()).member("bytes", static_cast<std::int64_t>(entry.bytes)).end_object();
  }
  json.end_array();
  out << json.text() << "\n";
}

/// Why there are none to show.
int tell_none(const Invocation& invocation, const RunRecord& record, const WantedLogs& wanted) {
  std::vector<std::string> tasks;
  for (const TaskRecord& task : record.tasks) {
    if (tasks.empty() || tasks.back() != task.task_id) tasks.push_back(task.task_id);
  }
  const std::string& asked = invocation.arguments.files.back();
  if (!wanted.task.empty() && std::find(tasks.begin(), tasks.end(), asked) == tasks.end()) {
    print_errors(invocation, {{"run.unknown_task", "run " + record.info.run_id + " has no task \"" + asked + "\"" +
                                                       did_you_mean(asked, tasks)}});
    return kBadInput;
  }
  invocation.err << "nothing was logged there: an attempt that says nothing and does not fail leaves no log\n";
  return kSuccess;
}

}  // namespace

int command_runs_logs(const Invocation& invocation) {
  const auto& operands = invocation.arguments.files;
  if (operands.empty() || operands.size() > 2)
    return bad_usage(invocation, "runs logs takes a run id, and perhaps a task id (leeward runs logs --help)");
  const Result<WantedLogs> wanted = wanted_logs(invocation.arguments);
  if (!wanted) return bad_usage(invocation, wanted.error().message);
  int status = kSuccess;
  const auto runs = open_runs(invocation, status);
  if (!runs && status != kSuccess) return status;
  const Result<RunRecord> record = runs ? runs->record(operands[0]) : Result<RunRecord>{nothing_recorded(operands[0])};
  if (!record) {
    print_errors(invocation, {record.error()});
    return status_of(record.error());
  }
  auto entries = attempt_logs_of(runs->home().path(), record->info.dag_id, record->info.run_id);
  std::erase_if(entries, [&](const AttemptLogEntry& entry) { return !wanted->fits(entry); });
  if (invocation.arguments.has("json")) {
    print_json(invocation.out, entries);
    return kSuccess;
  }
  if (entries.empty()) return tell_none(invocation, *record, *wanted);
  for (const AttemptLogEntry& entry : entries) {
    if (entries.size() > 1) invocation.out << heading(entry) << "\n";
    if (!print_log(invocation.out, entry)) invocation.err << "cannot read " << printable(entry.path.string()) << "\n";
  }
  return kSuccess;
}

}  // namespace leeward
