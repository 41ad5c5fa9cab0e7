#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "host/plugin/service_context.hpp"

namespace leeward {

/// What a runner prints, line by line into the log, as much as is bearable; and its last words, for when it dies of
/// them. One for each of its two streams; used by one thread.
class RunnerOutput {
 public:
  RunnerOutput(PluginLog& log, LogLevel level, std::string plugin)
      : log_(log), level_(level), plugin_(std::move(plugin)) {}

  /// Reads what is there, a share at a time. False: nothing more will come.
  [[nodiscard]] bool read_from(int fd);
  /// The last lines, well-formed; empty if it said nothing.
  [[nodiscard]] std::string last_words() const;

 private:
  void take(std::string_view bytes);
  void line();

  PluginLog& log_;
  const LogLevel level_;
  const std::string plugin_;
  std::string line_;
  std::string tail_;
  std::size_t logged_ = 0;
  bool told_limit_ = false;
};

}  // namespace leeward
