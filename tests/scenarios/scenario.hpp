#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/run_engine.hpp"
#include "tests/support/simulated_executor.hpp"

namespace leeward::test {

/// A DAG, what its tasks' attempts do, and what must come of it, as one JSON file. The format stands in
/// tests/scenarios/README.md.
class Scenario {
 public:
  explicit Scenario(const std::filesystem::path& file);

  /// What the run came to, in words that can be compared with `expected`.
  struct Outcome {
    std::string run;                             ///< "success after 3s"
    std::map<std::string, std::string> tasks;    ///< "a[0]" -> "failed (2 attempts): task.timed_out"
    std::map<std::string, std::string> context;  ///< key -> JSON
    std::vector<std::string> started;            ///< "1s a[0]#2": when, which, try number; "1s notify {...}"
    std::vector<std::string> answers;            ///< "5s ann: recorded", or the code of why not
    std::string end_reason;                      ///< "timed_out"
  };
  [[nodiscard]] Outcome run() const;
  /// Only what the file says; what it does not say is taken from `actual`.
  [[nodiscard]] Outcome expected(const Outcome& actual) const;
  [[nodiscard]] std::string name() const;

 private:
  static void say(RunEngine& engine, const Json& answer, const Clock& clock, Outcome& outcome);

  std::shared_ptr<const JsonDocument> document_;
};

/// Every scenario there is, sorted by name.
[[nodiscard]] std::vector<std::filesystem::path> scenario_files();

}  // namespace leeward::test
