#pragma once

#include <set>
#include <vector>

#include "tests/simulation/rule_table.hpp"

namespace leeward::test {

/// How one of the instances that a task looks at ended, or several in the same way.
struct Ending {
  TaskState state = TaskState::success;
  bool is_upstream = false;  ///< counts for the rule
  bool is_setup = false;     ///< counts as a setup of a teardown
  bool is_guard = false;     ///< counts as a setup in whose scope the task stands
  bool in_time = true;       ///< may come before the decision; else it comes after
  int times = 1;
};

/// What may become of a task, given how everybody it looks at ended in the end but not in which order: every order is
/// tried, and a rule that can be decided is, before anybody else ends. `may_run` false: running is held back, all other
/// decisions are not. Empty: not decided, whatever the order.
[[nodiscard]] std::set<Fate> possible_fates(TriggerRule rule, const std::vector<Ending>& endings, bool may_run = true);

}  // namespace leeward::test
