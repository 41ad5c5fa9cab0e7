#include "host/observe/run_summary.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/base/json.hpp"
#include "core/model/instance_name.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

constexpr std::size_t kShownErrors = 10;
constexpr std::size_t kMaxTaskColumn = 40;

/// A line of the table: a task, with all instances of an expanded one together.
struct Row {
  std::string task;
  std::string state;
  std::string tries;
  std::string time;
  std::string model;
};

std::string label_of(const TaskRecord& task) { return instance_name(printable(task.task_id), task.map_index); }

std::string states_of(const std::vector<const TaskRecord*>& instances) {
  std::map<TaskState, std::size_t> counts;
  for (const TaskRecord* task : instances) ++counts[task->state];
  if (counts.size() == 1) {
    const std::string word{to_string(counts.begin()->first)};
    return instances.size() == 1 ? word : std::to_string(instances.size()) + " " + word;
  }
  std::string text;
  for (const auto& [state, count] : counts) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string{to_string(state)};
  }
  return text;
}

/// The models that answered, or that were asked in vain, in the order of their first call.
std::string models_of(const std::vector<const TaskRecord*>& instances) {
  std::vector<std::string> names;
  for (const TaskRecord* task : instances) {
    for (const ModelCall& call : task->model_calls) {
      std::string name = call.model;
      if (!call.error.empty()) name += " (" + call.error + ")";
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    }
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return printable(text);
}

std::string time_of(const std::vector<const TaskRecord*>& instances) {
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
  for (const TaskRecord* task : instances) {
    if (!task->started_at || !task->ended_at) continue;
    from = from ? std::min(*from, *task->started_at) : *task->started_at;
    to = to ? std::max(*to, *task->ended_at) : *task->ended_at;
  }
  return from ? elapsed_text(Duration{to->unix_ns - from->unix_ns}) : std::string{"-"};
}

Row row_of(const std::vector<const TaskRecord*>& instances) {
  Row row;
  row.task = instances.size() == 1 ? label_of(*instances.front()) : printable(instances.front()->task_id);
  row.state = states_of(instances);
  int tries = 0;
  for (const TaskRecord* task : instances) tries = std::max(tries, task->attempts);
  row.tries = std::to_string(tries);
  row.time = time_of(instances);
  row.model = models_of(instances);
  return row;
}

std::vector<Row> rows_of(const RunRecord& record) {
  std::vector<Row> rows;
  std::vector<const TaskRecord*> instances;
  for (const TaskRecord& task : record.tasks) {
    if (!instances.empty() && instances.back()->task_id != task.task_id) {
      rows.push_back(row_of(instances));
      instances.clear();
    }
    instances.push_back(&task);
  }
  if (!instances.empty()) rows.push_back(row_of(instances));
  return rows;
}

std::string table(std::vector<Row> rows, std::size_t width) {
  rows.insert(rows.begin(), Row{"task", "state", "tries", "time", "model"});
  std::size_t task = 0;
  std::size_t state = 0;
  std::size_t time = 0;
  for (const Row& row : rows) {
    task = std::max(task, columns_of(row.task));
    state = std::max(state, columns_of(row.state));
    time = std::max(time, columns_of(row.time));
  }
  task = std::min(task, kMaxTaskColumn);
  std::string text;
  for (const Row& row : rows) {
    std::string line = "  " + padded(row.task, task) + "  " + padded(row.state, state) + "  " + padded(row.tries, 5) +
                       "  " + padded(row.time, time) + "  " + row.model;
    line = shortened(line, width);
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  return text;
}

/// The same error of the same task, told once: ten thousand instances tend to fail alike.
struct Failure {
  const TaskRecord* first = nullptr;
  std::size_t tasks = 0;
};

std::vector<Failure> failures_of(const RunRecord& record) {
  std::vector<Failure> failures;
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::size_t> known;
  for (const TaskRecord& task : record.tasks) {
    if (task.state != TaskState::failed || !task.outcome || !task.outcome->error) continue;
    const TaskError& error = *task.outcome->error;
    const auto [at, is_new] = known.try_emplace({task.task_id, error.code, error.message}, failures.size());
    if (is_new) failures.push_back({&task, 0});
    ++failures[at->second].tasks;
  }
  return failures;
}

std::string told(const Failure& failure) {
  const TaskError& error = *failure.first->outcome->error;
  std::string text = "  " + label_of(*failure.first);
  if (failure.tasks > 1) text += " and " + std::to_string(failure.tasks - 1) + " more";
  text += ": " + printable(error.code) + ": " + shortened(printable(error.message), 400);
  if (failure.first->attempts > 1) text += " (tried " + std::to_string(failure.first->attempts) + " times)";
  return text + "\n";
}

std::string not_run(const RunRecord& record) {
  std::vector<std::string> ids;
  for (const TaskRecord& task : record.tasks) {
    if (task.state == TaskState::upstream_failed && (ids.empty() || ids.back() != task.task_id))
      ids.push_back(task.task_id);
  }
  if (ids.empty()) return {};
  std::string text = "  not run because of that: ";
  for (std::size_t i = 0; i < std::min(ids.size(), kShownErrors); ++i) text += (i == 0 ? "" : ", ") + printable(ids[i]);
  if (ids.size() > kShownErrors) text += " and " + std::to_string(ids.size() - kShownErrors) + " more";
  return text + "\n";
}

/// Last of all, where eyes are when a run has ended.
std::string errors(const RunRecord& record) {
  const std::vector<Failure> failures = failures_of(record);
  if (failures.empty()) return {};
  std::string text = "\nfailed\n";
  for (std::size_t i = 0; i < std::min(failures.size(), kShownErrors); ++i) text += told(failures[i]);
  if (failures.size() > kShownErrors)
    text += "  ... and " + std::to_string(failures.size() - kShownErrors) + " other errors\n";
  return text + not_run(record) + "  --json prints every error whole, --log-level debug what the tasks said\n";
}

/// A value as people want to see it: a text without its quotes.
std::string shown_value(const Value& value) {
  if (value.json().size() < 65536 && value.json().starts_with('"')) {
    return printable(JsonDocument::of(value)->root().string());
  }
  return printable(value.json().substr(0, 4096));
}

std::string context(const RunRecord& record, std::size_t width) {
  std::string text;
  for (const auto& [key, value] : record.context)
    text += shortened("  " + printable(key) + " = " + shown_value(value), width) + "\n";
  return text.empty() ? text : "\ncontext\n" + text;
}

std::string usage(const RunRecord& record) {
  std::int64_t requests = 0;
  std::int64_t in = 0;
  std::int64_t out = 0;
  std::int64_t twice = 0;
  for (const TaskRecord& task : record.tasks) {
    twice += task.possible_duplicates;
    for (const ModelCall& call : task.model_calls) {
      ++requests;
      in += std::max<std::int64_t>(call.input_tokens, 0);
      out += std::max<std::int64_t>(call.output_tokens, 0);
    }
  }
  if (requests == 0 && twice == 0) return {};
  std::string text = "\n" + std::to_string(requests) + (requests == 1 ? " model call, " : " model calls, ") +
                     std::to_string(in) + " tokens in, " + std::to_string(out) + " tokens out";
  if (twice > 0) text += "; " + std::to_string(twice) + " possibly made twice, after a crash";
  return text + "\n";
}

/// Null: because its tasks did.
const char* why_it_ended(RunEndReason reason) {
  switch (reason) {
    case RunEndReason::timed_out: return "its dagrun_timeout was over";
    case RunEndReason::fail_fast: return "fail_fast: a task failed";
    case RunEndReason::deadlock: return "deadlock: what is left waits for what can never be";
    case RunEndReason::canceled:  // the state says it
    case RunEndReason::none: return nullptr;
  }
  return nullptr;
}

}  // namespace

std::string elapsed_text(Duration elapsed) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
  char text[48];
  if (ms < 1000) {
    std::snprintf(text, sizeof text, "%lld ms", static_cast<long long>(ms));
  } else if (ms < 120'000) {
    std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(ms) / 1000);
  } else {
    std::snprintf(text, sizeof text, "%lld min %lld s", static_cast<long long>(ms / 60'000),
                  static_cast<long long>(ms / 1000 % 60));
  }
  return text;
}

std::string run_summary(const RunRecord& record, const SummaryStyle& style) {
  const std::string_view state = style.interrupted ? "interrupted" : to_string(record.state);
  std::string text = printable(record.info.dag_id) + "  " + std::string{state};
  if (style.resumed) text += " (resumed)";
  if (const char* why = why_it_ended(record.end_reason)) text += std::string{" ("} + why + ")";
  if (record.started_at && record.ended_at)
    text += "  " + elapsed_text(Duration{record.ended_at->unix_ns - record.started_at->unix_ns});
  text += "  run " + printable(record.info.run_id) + "\n\n";
  text += table(rows_of(record), style.width) + context(record, style.width) + usage(record);
  if (style.simulated) text += "\nanswers were simulated by mock-llm\n";
  return text + errors(record);
}

}  // namespace leeward
