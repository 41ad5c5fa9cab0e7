#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "core/base/json.hpp"
#include "tests/support/has.hpp"

namespace leeward::test {

/// How a program ended, and what it wrote.
struct Ended {
  int status = -1;  ///< its exit status; 128 and the signal if it was killed
  std::string out;
  std::string err;
  long max_rss_kb = 0;

  /// stdout as JSON: a test fails if it is anything else, or anything more.
  [[nodiscard]] std::shared_ptr<const JsonDocument> json() const;
};

/// A program that runs beside the test, with pipes from its stdout and stderr. Killed at the end of the scope.
class Program {
 public:
  using Environment = std::map<std::string, std::string>;

  /// Starts a program with exactly this environment (and PATH). A word without '/' is looked up in PATH.
  Program(std::vector<std::string> words, Environment environment);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// Waits for the next line of its stdout, or of its stderr; without its end. What it is, if the program ends first.
  [[nodiscard]] std::string out_line();
  [[nodiscard]] std::string err_line();
  void signal(int number) const;
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Reads what is left and waits for the end.
  [[nodiscard]] Ended wait();

 private:
  bool pump();
  std::string line_of(int which);

  pid_t pid_ = -1;
  int fds_[2] = {-1, -1};
  std::string text_[2];
  std::size_t told_[2] = {0, 0};
};

/// The command line of the built program.
[[nodiscard]] std::vector<std::string> leeward_words(std::vector<std::string> words);
/// Runs the built program. Its home is a new folder, unless the environment names one, so that no configuration and no
/// run of the user's takes part.
[[nodiscard]] Ended run_leeward(std::vector<std::string> words, Program::Environment environment = {});

/// False if there is no such program in PATH.
[[nodiscard]] bool has_program(const std::string& name);

/// What a string says; anything else as JSON.
[[nodiscard]] std::string text(Json json);

/// The task of a run's report. Absent if there is none.
[[nodiscard]] Json task_of(Json report, std::string_view task_id, int map_index = -1);

}  // namespace leeward::test
