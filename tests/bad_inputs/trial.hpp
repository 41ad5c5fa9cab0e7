#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

namespace leeward::bad_inputs {

/// What the program made of one bad input.
struct Outcome {
  test::Ended ended;
  std::shared_ptr<const JsonDocument> report;  ///< null if stdout was no JSON

  [[nodiscard]] Json task(std::string_view task_id) const;
  [[nodiscard]] std::string state(std::string_view task_id) const;
  /// The code of a task's error; empty without one.
  [[nodiscard]] std::string code(std::string_view task_id) const;
  /// Everything that was written, to both sides.
  [[nodiscard]] std::string all() const { return ended.out + ended.err; }
};

/// One bad input given to the built program, in a folder and a home of its own, beside a canary: a DAG that does
/// something simple, checks its own result and must not notice. After each step the invariants that can be seen from
/// outside are checked: the program ended by itself, said nothing that only a crash says, left no process behind, and
/// took neither hours nor gigabytes. For one thread.
class Trial {
 public:
  Trial();

  [[nodiscard]] const test::TempDir& dir() const noexcept { return dir_; }
  [[nodiscard]] std::string home() const { return (dir_.path() / "home").string(); }
  /// Of every command from here on.
  test::Program::Environment environment;

  /// What a plugin's own process said before it ended may be repeated, even if it sounds like a crash.
  bool quotes_last_words = false;

  /// Runs the program, and checks the invariants.
  [[nodiscard]] test::Ended leeward(std::vector<std::string> words) const;

  /// A DAG file that `validate` must refuse with this code, and the message must hold each of the words; the canary
  /// beside it is found right. `run` must refuse it too, before anything runs.
  void refuses(std::string_view text, const std::string& code, const std::vector<std::string>& words = {}) const;
  void refuses_file(const std::string& file, const std::string& code, const std::vector<std::string>& words = {}) const;
  /// A DAG file that `validate` must find nothing wrong with.
  void accepts(std::string_view text) const;

  /// Runs a DAG of these tasks, with its canary as a run of its own in the same process, which must succeed.
  [[nodiscard]] Outcome run(std::string_view tasks, std::vector<std::string> options = {}) const;

  /// The bytes that a command over an ordinary file takes at most: what a bad one takes is compared to it.
  [[nodiscard]] long usual_rss_kb() const;

 private:
  test::TempDir dir_;
  std::string canary_;
};

/// A DAG's text with this one task member, or these tasks.
[[nodiscard]] std::string dag_of_tasks(std::string_view tasks);
[[nodiscard]] std::string task_with(std::string_view members);

/// True, and SKIP was said: a sanitizer takes memory and signals into its own hands.
[[nodiscard]] bool skips_under_sanitizers();

/// Fails if the program took more; does not look under a sanitizer.
void check_memory(const test::Ended& ended, long most_kb);

/// Fails if the code is not one that stands for what the catalogue proposes for the case of the running test.
void check_code(const std::string& code);

}  // namespace leeward::bad_inputs
