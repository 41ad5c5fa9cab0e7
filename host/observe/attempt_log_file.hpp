#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "host/observe/attempt_log_files.hpp"

namespace leeward {

/// The log of one attempt on its way to the disk: makes lines of what it is given, and appends them to its file, up to
/// a limit, which holds for what waits as well: a short text may make many lines. Private to AttemptLogWriter, whose
/// thread uses it.
///
/// An operator may log what it also puts out, as `bash` does for people who watch: such a line is written once.
class AttemptLogFile final {
 public:
  AttemptLogFile(AttemptLogName name, std::string first_line, std::uint64_t max_bytes);
  ~AttemptLogFile();
  AttemptLogFile(const AttemptLogFile&) = delete;
  AttemptLogFile& operator=(const AttemptLogFile&) = delete;

  void add(Timestamp at, std::string_view level, std::string_view text);
  void add_output(Timestamp at, const std::string& channel, std::string_view piece);
  /// Lines that were lost before this place.
  void add_dropped(Timestamp at, std::uint64_t lines);
  /// Nothing more comes on any channel.
  void end_output();

  /// Bytes to be written.
  [[nodiscard]] std::size_t waiting() const noexcept { return text_.size(); }
  /// Appends what waits to the file, which is opened, with its folders, if it has to be. Why it could not be, and then
  /// its lines are counted and lost; empty if it was.
  [[nodiscard]] std::string write(const std::filesystem::path& home);
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  void close();

 private:
  [[nodiscard]] std::string open(const std::filesystem::path& home);
  [[nodiscard]] bool is_echo(std::string_view line);
  void line(Timestamp at, std::string_view level, std::string_view text, std::string_view before = {});
  void put(Timestamp at, std::string_view level, std::string_view text, std::string_view before);
  void cut();

  const AttemptLogName name_;
  const std::string first_line_;
  const std::uint64_t max_bytes_;
  int fd_ = -1;
  std::uint64_t bytes_ = 0;  ///< in the file
  bool full_ = false;
  std::string text_;                          ///< whole lines, to be written; a line past the limit at most
  std::uint64_t left_out_ = 0;                ///< lines that came when so much waited
  std::uint64_t lost_ = 0;                    ///< lines that could not be
  Timestamp last_at_;                         ///< of a line
  Timestamp last_output_;                     ///< of a piece
  std::map<std::string, std::string> begun_;  ///< the last line of each channel, without its end
  std::deque<std::size_t> echoes_;            ///< hashes of lines that were put out and not logged
};

}  // namespace leeward
