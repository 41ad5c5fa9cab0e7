#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

namespace leeward::test {

/// The Nth system call of a kind that a thread makes.
struct Moment {
  std::string call;
  int number = 0;
};

/// What happens then.
struct Fault {
  std::string what;  ///< as strace takes it
  Moment at;
  bool for_ever = false;
};

/// A home, its DAG of thirty task instances, a witness file that its tasks write, and a model's server that they ask:
/// where the program is disturbed at one of its system calls, and goes on.
class CrashScene {
 public:
  static constexpr int kCallsAtOnce = 3;  ///< of the model

  CrashScene();

  [[nodiscard]] Ended leeward(std::vector<std::string> words) const { return start(leeward_words(std::move(words))); }
  /// The same, with something going wrong on the way.
  [[nodiscard]] Ended disturbed(std::vector<std::string> words, const Fault& fault) const;
  /// The moments of a whole run at which a thread of the host has a file of the home in hand, and no other program
  /// that takes part can be struck: not the tasks' commands, nor the plugins' processes. `for_ever`: for faults that
  /// stay, which then strike the home's files only. Empty: it did not end well.
  [[nodiscard]] std::vector<Moment> moments(bool for_ever) const;

  [[nodiscard]] std::string home() const { return (dir_ / "home").string(); }
  [[nodiscard]] const std::string& dag() const noexcept { return dag_; }
  /// Empty: none was recorded. A test fails if there is more than one.
  [[nodiscard]] std::string only_run() const;
  /// How often each instance has begun, as the witness says.
  [[nodiscard]] std::map<std::string, int> begun() const;
  /// How often the server was asked for each call.
  [[nodiscard]] std::map<std::string, int> asked() const;
  /// The instances that are recorded as ended.
  [[nodiscard]] std::set<std::string> ended(const std::string& run_id) const;
  /// Whether the instance fails the first time it begins.
  [[nodiscard]] static bool fails_once(const std::string& instance) {
    return instance == "flaky/-1" || instance == "each/4";
  }

 private:
  [[nodiscard]] Ended start(std::vector<std::string> words) const;

  const TempDir dir_;
  Program server_{leeward_words({"mock-llm", "--log", (dir_ / "requests").string()}), {}};
  const std::string url_ = server_.out_line();
  std::string dag_;
};

}  // namespace leeward::test
