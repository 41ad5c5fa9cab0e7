#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <leeward/cpp/task.hpp>

#include "output_collector.hpp"
#include "posix_command_run.hpp"

namespace bash_plugin {

/// Passes on what a command prints: streamed to the host as it comes, line by line to the task's log, and collected for
/// the result. Bytes that are no UTF-8 become U+FFFD. Used on the thread that runs the command; `stop` must outlive it.
class TaskOutput : public OutputListener {
 public:
  TaskOutput(leeward::sdk::Task task, const WakeUp& stop, std::size_t result_limit_bytes)
      : task_(task), stop_(stop), output_("stdout", result_limit_bytes), error_output_("stderr", kErrorLimitBytes) {}

  void on_output(std::string_view bytes) override { take(output_, bytes); }
  void on_error_output(std::string_view bytes) override { take(error_output_, bytes); }
  /// Passes on what was held back: the start of a character, the last line without an end. Once, after the last piece.
  void finish();

  [[nodiscard]] const OutputCollector& output() const { return output_.collected; }
  [[nodiscard]] const OutputCollector& error_output() const { return error_output_.collected; }

 private:
  static constexpr std::size_t kErrorLimitBytes = 64 * 1024;  // only its last words are of use

  struct Channel {
    Channel(const char* channel_name, std::size_t limit_bytes) : name(channel_name), collected(limit_bytes) {}
    const char* name;
    std::string begun_character;
    std::string begun_line;
    OutputCollector collected;
    bool dropped = false;
  };

  void take(Channel& channel, std::string_view bytes);
  void pass_on(Channel& channel, const std::string& text);
  void emit(Channel& channel, std::string_view text);
  void log_lines(Channel& channel, std::string_view text);
  void log_line(std::string_view line);

  leeward::sdk::Task task_;
  const WakeUp& stop_;
  Channel output_;
  Channel error_output_;
  std::size_t logged_lines_ = 0;
};

}  // namespace bash_plugin
