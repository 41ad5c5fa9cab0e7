#include "host/observe/attempt_log.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "core/base/time_format.hpp"
#include "core/engine/callback_runner.hpp"

namespace leeward {
namespace {

/// A disk that hangs holds up the end of a run no longer than this.
constexpr Duration kPatience = std::chrono::seconds{5};
constexpr const char* kState = "STATE";

const char* word_of(LogLevel level) {
  switch (level) {
    case LogLevel::trace: return "TRACE";
    case LogLevel::debug: return "DEBUG";
    case LogLevel::info: return "INFO";
    case LogLevel::warn: return "WARN";
    case LogLevel::error: return "ERROR";
  }
  return "INFO";
}

std::uint64_t key_of(InstanceIndex instance, int try_number) {
  return static_cast<std::uint64_t>(instance.value) << 32 | static_cast<std::uint32_t>(try_number);
}

/// Callbacks of a task have numbers of their own, and share a file.
bool is_callback(InstanceIndex instance) { return instance.value >= CallbackRunner::kFirst; }

std::string first_line(const Task& task, int try_number) {
  const std::string op = ", operator " + (task.op == nullptr ? std::string{"?"} : task.op->name);
  return try_number == 0 ? "callbacks of " + task.id : "attempt " + std::to_string(try_number) + " of " + task.id + op;
}

std::string end_of_attempt(const Event& event) {
  std::string text{to_string(event.to)};
  if (event.outcome && event.outcome->error && event.to != TaskState::success) {
    text += ": " + event.outcome->error->code + ": " + event.outcome->error->message;
  }
  if (event.delay.count() > 0) text += "; again in " + format_duration(event.delay);
  return text;
}

bool is_worth_a_file(TaskState ended) {
  return ended == TaskState::failed || ended == TaskState::up_for_retry || ended == TaskState::lost;
}

}  // namespace

AttemptLog::AttemptLog(std::filesystem::path home, Limits limits, Log& log, const Clock& clock)
    : home_(std::move(home)),
      limits_(limits),
      clock_(clock),
      writer_(home_, {limits.attempt_bytes}, [&log, folder = home_ / "logs"](const std::string& why) {
        log.line(LogLevel::warn, "logs",
                 "what attempts say cannot be written below " + folder.string() + ": " + why +
                     "; lines are dropped until it can");
      }) {}

void AttemptLog::run_begins(const RunInfo& run) {
  if (!enabled()) return;
  const std::lock_guard lock{mutex_};
  runs_[run.run_id].folder = run_log_folder(home_, run.dag_id, run.run_id);
  if (std::exchange(sweeps_, true)) return;
  writer_.add_work([this] { sweep(); });
}

void AttemptLog::run_ended(const RunInfo& run) {
  std::vector<FilePtr> files;
  {
    const std::lock_guard lock{mutex_};
    const auto found = runs_.find(run.run_id);
    if (found == runs_.end()) return;
    for (auto& [key, file] : found->second.files) files.push_back(std::move(file));
    runs_.erase(found);
  }
  if (!files.empty()) writer_.end_all(files, clock_.wall(), kPatience);
}

/// On the writer's thread. Which runs of other processes go on is not known here: what was written to lately stays
/// longest.
void AttemptLog::sweep() {
  std::vector<std::filesystem::path> active;
  {
    const std::lock_guard lock{mutex_};
    sweeps_ = false;
    for (const auto& [run_id, run] : runs_) active.push_back(run.folder);
  }
  remove_oldest_logs(home_, limits_.total_bytes, [&](const std::filesystem::path& folder) {
    return std::find(active.begin(), active.end(), folder) != active.end();
  });
}

AttemptLog::FilePtr AttemptLog::file_of(const TaskCall& call) {
  if (!enabled() || call.task == nullptr) return nullptr;
  const bool callback = is_callback(call.instance);
  const int try_number = callback ? 0 : call.try_number;
  const std::lock_guard lock{mutex_};
  const auto run = runs_.find(call.run->run_id);
  if (run == runs_.end()) return nullptr;  // an attempt that outlived it
  FilePtr& file = run->second.files[key_of(call.instance, try_number)];
  if (!file) {
    const AttemptLogName name{call.run->dag_id, call.run->run_id, call.task->id, call.map_index, try_number};
    file = writer_.file(name, first_line(*call.task, try_number));
  }
  return file;
}

AttemptLog::FilePtr AttemptLog::find(const RunInfo& run, const Event& event, const Task& task, bool make) {
  const std::lock_guard lock{mutex_};
  const auto files = runs_.find(run.run_id);
  if (files == runs_.end()) return nullptr;
  const std::uint64_t key = key_of(event.instance, event.try_number);
  const auto found = files->second.files.find(key);
  if (found != files->second.files.end()) return found->second;
  if (!make) return nullptr;
  const AttemptLogName name{run.dag_id, run.run_id, task.id, event.map_index, event.try_number};
  return files->second.files[key] = writer_.file(name, first_line(task, event.try_number));
}

void AttemptLog::on_events(const RunInfo& run, const Dag& dag, std::span<const Event> events) {
  if (!enabled()) return;
  for (const Event& event : events) {
    if (event.kind == EventKind::task_transition && event.try_number > 0) tell_end(run, dag, event);
  }
}

void AttemptLog::tell_end(const RunInfo& run, const Dag& dag, const Event& event) {
  if (!is_in_flight(event.from) && !is_worth_a_file(event.to)) return;
  if (is_in_flight(event.to)) return;
  const FilePtr file = find(run, event, dag.task(event.task), is_worth_a_file(event.to));
  if (!file) return;
  writer_.add(file, event.at, kState, end_of_attempt(event));
  writer_.end(file, event.at);
}

void AttemptLog::on_log(const TaskCall& call, LogLevel level, std::string_view message, std::string_view fields_json) {
  const FilePtr file = file_of(call);
  if (!file) return;
  std::string text{message};
  if (!fields_json.empty() && fields_json != "{}") text.append(" ").append(fields_json);
  writer_.add(file, clock_.wall(), word_of(level), std::move(text));
}

void AttemptLog::on_progress(const TaskCall& call, double, std::string_view note) {
  if (note.empty()) return;
  if (const FilePtr file = file_of(call)) writer_.add(file, clock_.wall(), "NOTE", std::string{note});
}

bool AttemptLog::on_output(const TaskCall& call, std::string_view channel, std::string_view chunk) {
  if (const FilePtr file = file_of(call)) {
    writer_.add_output(file, clock_.wall(), std::string{channel}, std::string{chunk});
  }
  return true;
}

}  // namespace leeward
