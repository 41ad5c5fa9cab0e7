#include <algorithm>
#include <array>
#include <ostream>

#include "core/base/suggestion.hpp"
#include "core/base/time_format.hpp"
#include "host/cli/common.hpp"
#include "host/observe/printable.hpp"
#include "host/observe/run_summary.hpp"

namespace leeward {
namespace {

constexpr const char* kLeftBehind = "interrupted";

/// What the list is to show; `interrupted` is a word of ours for a run that nobody is at.
struct Wanted {
  RunQuery query;
  bool interrupted = false;
  std::size_t limit = 0;
};

Result<Wanted> wanted_of(const Arguments& arguments) {
  Wanted wanted;
  wanted.query.dag_id = arguments.get("dag").value_or("");
  const Result<int> limit = number_option(arguments, "limit", 0);
  if (!limit) return limit.error();
  wanted.limit = static_cast<std::size_t>(*limit);
  const auto word = arguments.get("state");
  if (word == kLeftBehind) {
    wanted.interrupted = true;
    wanted.query.state = RunState::running;
  } else if (word) {
    std::vector<std::string> words{kLeftBehind};
    for (const RunState state :
         {RunState::queued, RunState::running, RunState::success, RunState::failed, RunState::canceled}) {
      words.emplace_back(to_string(state));
      if (words.back() == *word) wanted.query.state = state;
    }
    if (!wanted.query.state) {
      return Error{"usage.option",
                   "--state is one of queued, running, interrupted, success, failed, canceled, but was \"" + *word +
                       "\"" + did_you_mean(*word, words)};
    }
  }
  if (!wanted.interrupted) wanted.query.limit = wanted.limit;
  return wanted;
}

void write_time(JsonWriter& out, std::string_view name, const std::optional<Timestamp>& at) {
  out.key(name);
  at ? out.string(format_timestamp(*at)) : out.null();
}

void print_json(std::ostream& out, const std::vector<ListedRun>& runs) {
  JsonWriter json;
  json.begin_array();
  for (const ListedRun& listed : runs) {
    const RunSummary& run = listed.run;
    json.begin_object().member("run_id", run.run_id).member("dag_id", run.dag_id);
    json.member("state", to_string(run.state));
    write_time(json, "started_at", run.started_at);
    write_time(json, "ended_at", run.ended_at);
    json.member("logical_date", format_timestamp(run.logical_date)).member("run_type", run.run_type);
    json.key("end_reason");
    run.end_reason == RunEndReason::none ? json.null() : json.string(to_string(run.end_reason));
    json.key("interrupted").boolean(listed.interrupted());
    json.key("process");
    listed.owner&& listed.owner->pid > 0 ? json.integer(listed.owner->pid) : json.null();
    json.end_object();
  }
  json.end_array();
  out << json.text() << "\n";
}

using Row = std::array<std::string, 5>;

Row row_of(const ListedRun& listed) {
  const RunSummary& run = listed.run;
  Row row{printable(run.run_id), printable(run.dag_id),
          std::string{listed.interrupted() ? kLeftBehind : to_string(run.state)}, "-", "-"};
  if (run.started_at) row[3] = format_timestamp(*run.started_at).substr(0, 19) + "Z";
  if (run.started_at && run.ended_at) row[4] = elapsed_text(Duration{run.ended_at->unix_ns - run.started_at->unix_ns});
  return row;
}

void print_table(std::ostream& out, const std::vector<ListedRun>& runs) {
  std::vector<Row> rows{{"run", "dag", "state", "started", "time"}};
  for (const ListedRun& run : runs) rows.push_back(row_of(run));
  std::array<std::size_t, 5> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += (i == 0 ? "" : "  ") + padded(row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
  }
}

}  // namespace

int command_runs_list(const Invocation& invocation) {
  if (!invocation.arguments.files.empty()) return bad_usage(invocation, "runs list takes no operands");
  const Result<Wanted> wanted = wanted_of(invocation.arguments);
  if (!wanted) return bad_usage(invocation, wanted.error().message);
  int status = kSuccess;
  const auto stored = open_runs(invocation, status);
  if (status != kSuccess) return status;
  std::vector<ListedRun> runs;
  if (stored) {
    auto listed = stored->list(wanted->query);
    if (!listed) {
      print_errors(invocation, {listed.error()});
      return status_of(listed.error());
    }
    runs = std::move(listed).value();
  }
  if (wanted->interrupted) std::erase_if(runs, [](const ListedRun& run) { return !run.interrupted(); });
  if (wanted->limit > 0 && runs.size() > wanted->limit) runs.resize(wanted->limit);
  if (invocation.arguments.has("json")) {
    print_json(invocation.out, runs);
  } else if (runs.empty()) {
    invocation.err << "there are no such runs\n";
  } else {
    print_table(invocation.out, runs);
  }
  return kSuccess;
}

}  // namespace leeward
