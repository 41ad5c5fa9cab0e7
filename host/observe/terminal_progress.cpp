#include "host/observe/terminal_progress.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/time_format.hpp"
#include "core/model/instance_name.hpp"
#include "host/observe/printable.hpp"
#include "host/observe/run_log.hpp"

namespace leeward {
namespace {

/// Of more instances than this only counts are told.
constexpr std::uint32_t kFewInstances = 10;
constexpr std::uint32_t kToldFailures = 5;
constexpr std::uint32_t kToldWarnings = 5;
constexpr std::size_t kNoteBytes = 240;
constexpr std::chrono::milliseconds kRedrawEvery{100};

bool is_worth_a_line(TaskState state) {
  switch (state) {
    case TaskState::none:
    case TaskState::scheduled:
    case TaskState::queued:
    case TaskState::deferred: return false;  // to who waits, still running
    default: return true;
  }
}

std::string detail_of(const Event& event) {
  std::string text;
  const bool waits = event.to == TaskState::awaiting_input || event.to == TaskState::up_for_reschedule;
  if (event.outcome && event.outcome->error && event.to != TaskState::success && !waits) {
    text =
        ": " + printable(event.outcome->error->code) + ": " + shortened(printable(event.outcome->error->message), 300);
  }
  const bool again = event.to == TaskState::up_for_retry || event.to == TaskState::up_for_reschedule;
  if (again) text += " (again in " + format_duration(event.delay) + ")";
  if (event.to == TaskState::running && event.try_number > 1) text += " (try " + std::to_string(event.try_number) + ")";
  return text;
}

std::string clock_text(Timestamp at) { return format_timestamp(at).substr(11, 8); }

/// The last line that has something in it: a text that is being written is read at its end.
std::string last_line(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  return printable(text.substr(text.find_last_of('\n') + 1));
}

const char* mark_of(TaskState state) {
  switch (state) {
    case TaskState::success: return "\x1b[32m✓\x1b[0m";
    case TaskState::failed:
    case TaskState::upstream_failed:
    case TaskState::lost: return "\x1b[31m✗\x1b[0m";
    case TaskState::running:
    case TaskState::deferred: return "\x1b[36m●\x1b[0m";
    case TaskState::up_for_retry:
    case TaskState::up_for_reschedule: return "\x1b[33m↻\x1b[0m";
    case TaskState::awaiting_input: return "\x1b[35m?\x1b[0m";
    case TaskState::skipped:
    case TaskState::removed:
    case TaskState::canceled: return "\x1b[33m-\x1b[0m";
    default: return "·";
  }
}

}  // namespace

TerminalProgress::TerminalProgress(Console& console, Log& log) : console_(console), log_(log) {
  if (console_.style().live) redraw_ = std::thread{[this] { redraw_until_closed(); }};
}

TerminalProgress::~TerminalProgress() { close(); }

void TerminalProgress::close() {
  {
    const std::lock_guard lock{mutex_};
    closing_ = true;
  }
  wake_.notify_all();
  if (redraw_.joinable()) redraw_.join();
  console_.block({});
}

void TerminalProgress::restore(const Dag& dag, std::span<const Event> so_far) {
  const std::lock_guard lock{mutex_};
  know(dag);
  for (const Event& event : so_far) static_cast<void>(take(event));
  changed_ = true;
}

void TerminalProgress::on_events(const RunInfo&, const Dag& dag, std::span<const Event> events) {
  const std::lock_guard lock{mutex_};
  know(dag);
  for (const Event& event : events) {
    Line* line = take(event);
    if (line == nullptr || console_.style().live) continue;
    line->total <= kFewInstances ? tell(*line, event) : tell_many(*line, event);
  }
  changed_ = true;
}

/// REQUIRES: mutex_ is held.
void TerminalProgress::know(const Dag& dag) {
  if (!lines_.empty()) return;
  for (const Task& task : dag.tasks()) {
    Line line;
    line.id = printable(task.id);
    line.counts[static_cast<std::size_t>(TaskState::none)] = 1;
    by_id_.emplace(task.id, lines_.size());
    lines_.push_back(std::move(line));
  }
}

void TerminalProgress::on_callback_failed(const RunInfo& run, std::string_view task_id, CallbackMoment moment,
                                          const TaskError& error) {
  log_failed_callback(log_, task_id.empty() ? std::string_view{run.dag_id} : task_id, moment, error);
}

TerminalProgress::Line* TerminalProgress::take(const Event& event) {
  if (!event.task.valid() || event.task.value >= lines_.size()) return nullptr;
  Line& line = lines_[event.task.value];
  const bool cleared = event.kind == EventKind::task_cleared;
  if (cleared || event.kind == EventKind::task_expanded) {
    line.total = cleared ? 1 : event.count;
    line.finished = 0;
    line.told_tenths = 0;
    line.counts = {};
    line.counts[static_cast<std::size_t>(TaskState::none)] = line.total;
    return nullptr;
  }
  if (event.kind != EventKind::task_transition) return nullptr;
  std::uint32_t& from = line.counts[static_cast<std::size_t>(event.from)];
  if (from > 0) --from;
  ++line.counts[static_cast<std::size_t>(event.to)];
  if (is_finished(event.to)) ++line.finished;
  return &line;
}

/// A sensor looks again and again, for hours: it is told once that it waits, and then how that ended.
bool TerminalProgress::is_another_look(Line& line, const Event& event) {
  if (event.to == TaskState::up_for_reschedule) return !line.looking.insert(event.map_index).second;
  if (event.to == TaskState::running) return line.looking.contains(event.map_index);
  if (is_worth_a_line(event.to)) line.looking.erase(event.map_index);
  return false;
}

void TerminalProgress::tell(Line& line, const Event& event) {
  if (!is_worth_a_line(event.to) || is_another_look(line, event)) return;
  const std::string who = instance_name(line.id, event.map_index);
  console_.line(clock_text(event.at) + " " + who + " " + std::string{to_string(event.to)} + detail_of(event));
}

void TerminalProgress::tell_many(Line& line, const Event& event) {
  if (event.to == TaskState::failed && line.told_failures < kToldFailures) {
    ++line.told_failures;
    tell(line, event);
  }
  const auto tenths = static_cast<std::uint32_t>(std::uint64_t{line.finished} * 10 / line.total);
  if (tenths <= line.told_tenths) return;
  line.told_tenths = tenths;
  std::string text =
      clock_text(event.at) + " " + line.id + " " + std::to_string(line.finished) + "/" + std::to_string(line.total);
  const std::uint32_t failed = line.counts[static_cast<std::size_t>(TaskState::failed)];
  if (failed > 0) text += ", " + std::to_string(failed) + " failed";
  console_.line(text);
}

/// What each of thousands of instances says would bury everything else: of those only the first warnings are told.
TerminalProgress::Telling TerminalProgress::telling(const TaskCall& call, LogLevel level) {
  if (call.map_index < 0 || call.task == nullptr || log_.enabled(LogLevel::debug)) return Telling::told;
  const std::lock_guard lock{mutex_};
  const auto at = by_id_.find(call.task->id);
  if (at == by_id_.end() || lines_[at->second].total <= kFewInstances) return Telling::told;
  std::uint32_t& told = lines_[at->second].told_warnings;
  if (level <= LogLevel::info || told >= kToldWarnings) return Telling::untold;
  return ++told == kToldWarnings ? Telling::last : Telling::told;
}

void TerminalProgress::on_log(const TaskCall& call, LogLevel level, std::string_view message,
                              std::string_view fields_json) {
  if (!log_.enabled(level)) return;
  const Telling telling = this->telling(call, level);
  if (telling == Telling::untold) return;
  const std::string who = instance_name(call.task != nullptr ? call.task->id : "task", call.map_index);
  log_.line(level, who, message, fields_json);
  if (telling == Telling::last)
    log_.line(level, call.task->id, "further warnings of its instances are not shown; --log-level debug shows all");
}

void TerminalProgress::on_progress(const TaskCall& call, double fraction, std::string_view text) {
  if (!console_.style().live) return;
  std::string shown = printable(text.substr(0, kNoteBytes));
  if (fraction >= 0 && fraction <= 1) shown = std::to_string(static_cast<int>(fraction * 100)) + " % " + shown;
  const std::lock_guard lock{mutex_};
  Line* line = line_of(call);
  if (line == nullptr) return;
  line->note = std::move(shown);
  line->output.clear();
  changed_ = true;
}

bool TerminalProgress::on_output(const TaskCall& call, std::string_view, std::string_view chunk) {
  if (!console_.style().live) return true;
  const std::lock_guard lock{mutex_};
  Line* line = line_of(call);
  if (line == nullptr) return true;
  line->output += chunk;
  // A character that is cut in two shows as one mark, far from the end that is looked at.
  if (line->output.size() > kNoteBytes) line->output.erase(0, line->output.size() - kNoteBytes);
  changed_ = true;
  return true;
}

/// Null if the call belongs to no task that is shown. REQUIRES: mutex_ is held.
TerminalProgress::Line* TerminalProgress::line_of(const TaskCall& call) {
  if (call.task == nullptr) return nullptr;
  const auto at = by_id_.find(call.task->id);
  return at == by_id_.end() ? nullptr : &lines_[at->second];
}

std::string TerminalProgress::drawn(const Line& line, std::size_t id_columns) const {
  TaskState shown = TaskState::none;
  for (const TaskState state :
       {TaskState::awaiting_input, TaskState::running, TaskState::deferred, TaskState::up_for_retry,
        TaskState::up_for_reschedule, TaskState::failed, TaskState::upstream_failed, TaskState::canceled,
        TaskState::queued, TaskState::scheduled, TaskState::skipped, TaskState::success, TaskState::removed}) {
    if (line.counts[static_cast<std::size_t>(state)] > 0) {
      shown = state;
      break;
    }
  }
  std::string text = padded(line.id, id_columns) + "  ";
  if (line.total != 1) text += std::to_string(line.finished) + "/" + std::to_string(line.total) + " ";
  if (shown != TaskState::none) text += to_string(shown);
  const std::uint32_t failed = line.counts[static_cast<std::size_t>(TaskState::failed)];
  if (line.total != 1 && failed > 0 && shown != TaskState::failed) text += ", " + std::to_string(failed) + " failed";
  const auto columns = static_cast<std::size_t>(std::max(20, console_.style().width - 4));
  if (is_in_flight(shown) && !(line.note.empty() && line.output.empty())) {
    text += "  ";
    const std::size_t used = columns_of(text);
    text += line.output.empty() ? line.note : end_of(last_line(line.output), columns - std::min(columns, used));
  }
  return std::string{mark_of(shown)} + " " + shortened(text, columns);
}

/// REQUIRES: mutex_ is held.
void TerminalProgress::draw() {
  std::size_t id_columns = 0;
  for (const Line& line : lines_) id_columns = std::max(id_columns, columns_of(line.id));
  id_columns = std::min<std::size_t>(id_columns, 40);
  const auto room = static_cast<std::size_t>(std::max(4, console_.style().height - 3));
  std::vector<std::string> block;
  std::size_t left = 0;
  for (const Line& line : lines_) {
    const bool quiet = lines_.size() > room && (line.finished >= line.total || line.counts[0] == line.total);
    if (quiet || block.size() >= room) {
      ++left;
    } else {
      block.push_back(drawn(line, id_columns));
    }
  }
  if (left > 0) block.push_back("  ... " + std::to_string(left) + " more tasks waiting or done");
  console_.block(std::move(block));
}

void TerminalProgress::redraw_until_closed() {
  std::unique_lock lock{mutex_};
  while (!closing_) {
    wake_.wait_for(lock, kRedrawEvery, [this] { return closing_; });
    if (closing_ || !std::exchange(changed_, false)) continue;
    draw();
  }
}

}  // namespace leeward
