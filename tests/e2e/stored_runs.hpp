#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

namespace leeward::test {

/// A home folder with DAGs beside it whose tasks tell a witness file what they do, and may wait for a gate.
///
/// In a DAG's text, ENV stands for the environment that the commands need; BEGIN writes the task's id into the witness
/// file, and HOLD does so and then waits for the gate.
class StoredRunsHome {
 public:
  [[nodiscard]] std::string path() const { return (dir_ / "home").string(); }
  /// The DAG's file, named like the DAG.
  std::string dag(std::string text) const;
  std::string file(std::string_view name, std::string_view content) const { return dir_.write(name, content).string(); }

  /// Runs the program with this home.
  [[nodiscard]] Ended leeward(std::vector<std::string> words) const { return start(std::move(words)).wait(); }
  [[nodiscard]] Program start(std::vector<std::string> words) const { return start_by({}, std::move(words)); }
  /// The same by another program, such as `nohup`.
  [[nodiscard]] Program start_by(std::vector<std::string> starter, std::vector<std::string> words) const;

  void open_gate() const { dir_.write("gate", ""); }
  /// Waits until the task has begun so many times.
  void await(const std::string& task, int times = 1) const;
  /// Starts a run, waits until the task has begun so many times, and sends the signal; the run's id when the program
  /// has ended.
  std::string run_until(const std::string& dag, const std::string& task, int signal, int times = 1) const;
  void resume_until(const std::string& run_id, const std::string& task, int times, int signal) const;

  /// What the witness file says, line by line, and how often it names a task.
  [[nodiscard]] std::vector<std::string> witness() const;
  [[nodiscard]] int witnessed(const std::string& task) const;

  /// The run of `runs list --json`; absent if there is none.
  [[nodiscard]] Json listed(const std::string& run_id);
  /// The id of the one run there is, of all DAGs or of this one; a test fails if there are more.
  [[nodiscard]] std::string only_run(const std::string& dag_id = "") const;
  [[nodiscard]] std::string newest_run() const;

 private:
  void stop_when(Program program, const std::string& task, int times, int signal) const;

  const TempDir dir_;
  std::shared_ptr<const JsonDocument> list_;
};

/// A report without what differs between two runs that went the same way: ids and times.
[[nodiscard]] std::string comparable(Json report);
/// The same, and without the count of possible duplicates, which only a run has that a crash has disturbed.
[[nodiscard]] std::string undisturbed_part(Json report);

/// The calls of all runs of a home that cost money.
struct PaidCalls {
  std::set<std::string> answered;  ///< those whose answers are recorded, named as their idempotency keys are
  int on_their_way = 0;            ///< those that were sent, or may have been, and have no answer
};
/// REQUIRES: a run was recorded there.
[[nodiscard]] PaidCalls paid_calls(const std::string& home);
/// How many times calls were asked beyond the first; `asked`: how often each was.
[[nodiscard]] int asked_twice(const std::map<std::string, int>& asked);
/// What is wrong with the possible duplicates that a run counts, if `twice` calls were asked again and so many were on
/// their way when it was killed; empty: nothing.
[[nodiscard]] std::string miscount(int counted, int twice, int on_their_way);

}  // namespace leeward::test
