#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.hpp"

namespace leeward::conformance {

/// What became of one case.
struct Verdict {
  std::string differs;  ///< empty: it came out as expected
  std::string instead;  ///< not by a run of the engine but by this, and why
};

/// Cases of one kind: how one is driven, and which are not.
struct Group {
  std::string name;
  std::function<Verdict(const Json& test_case)> check;
  std::map<std::string, std::string> listed{};  ///< by id: why it is left out. `*`: all that are not driven
  std::string of{};                             ///< what is driven, if it is not what the cases are called by
};

/// What became of a group's cases.
struct Tally {
  std::string group;
  std::size_t passed = 0;
  std::size_t total = 0;
  std::map<std::string, std::vector<std::string>> instead;  ///< how -> ids; they count as passed
  std::map<std::string, std::vector<std::string>> listed;   ///< reason -> ids
  std::vector<std::string> failed;                          ///< "id: what differs"
  [[nodiscard]] std::size_t left_out() const;
};

/// Drives every case of a list. An id that is listed but not there is a failure, too: a list must not go stale.
[[nodiscard]] Tally drive(const Group& group, const Json& cases);

/// One line a group, and below it what was listed and why.
[[nodiscard]] std::string table(const std::string& title, const std::vector<Tally>& tallies);

/// The groups of the shared file, as their cases stand there.
[[nodiscard]] Group shared_trigger_rules();
[[nodiscard]] Group shared_branching();
[[nodiscard]] Group shared_short_circuit();
[[nodiscard]] Group shared_branch_operator();
[[nodiscard]] Group shared_short_circuit_operator();
[[nodiscard]] Group shared_dagrun_state();
[[nodiscard]] Group shared_setup_constraint();
[[nodiscard]] Group shared_mapping();
[[nodiscard]] Group shared_retry_backoff();
[[nodiscard]] Group shared_exceptions();
[[nodiscard]] Group shared_depends_on_past();
[[nodiscard]] Group shared_latest_only();

}  // namespace leeward::conformance
