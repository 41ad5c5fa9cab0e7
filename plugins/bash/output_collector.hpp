#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bash_plugin {

/// Keeps of a program's output what can become the task's result: the whole text as long as it is within the limit, and
/// the last line, of which an eighth of the limit is kept: written as a JSON string, it may grow to six times its
/// length. Not thread-safe.
class OutputCollector {
 public:
  explicit OutputCollector(std::size_t limit_bytes) : limit_bytes_(limit_bytes), line_limit_bytes_(limit_bytes / 8) {}

  /// Takes the next piece. REQUIRES: valid UTF-8, whole characters.
  void add(std::string_view text);

  /// Everything that was written, or nothing if that was more than the limit.
  [[nodiscard]] const std::optional<std::string>& whole() const { return whole_; }

  /// The last line without the white space at its end, as Airflow takes it; one that is too long is
  /// cut and says so.
  [[nodiscard]] std::string last_line() const;

  /// The last line that is more than white space, or empty text.
  [[nodiscard]] std::string last_words() const;

 private:
  void add_to_line(std::string_view text);
  void end_line();

  struct Line {
    std::string text;
    bool cut = false;
  };
  static std::string shown(const Line& line);

  std::size_t limit_bytes_;
  std::size_t line_limit_bytes_;
  std::optional<std::string> whole_{std::in_place};
  Line current_;  // not ended yet
  Line ended_;    // the last one that ended
  std::string last_words_;
};

}  // namespace bash_plugin
