#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/model/task_state.hpp"
#include "core/model/trigger_rule.hpp"

namespace leeward::test {

/// What becomes of a task whose upstreams have decided about it.
enum class Fate : std::uint8_t { runs, is_skipped, is_upstream_failed };
[[nodiscard]] std::string to_string(Fate fate);

/// How many of some instances have ended, and how.
struct Tally {
  int n = 0;
  int success = 0;
  int failed = 0;
  int upstream_failed = 0;
  int skipped = 0;

  void add(TaskState end, int times = 1);
  [[nodiscard]] int done() const { return success + failed + upstream_failed + skipped; }
};

/// What a task knows when its turn to be decided comes.
struct Knowledge {
  Tally upstream;
  Tally setups;  ///< of a teardown: those of its upstreams that are setups
  Tally guards;  ///< of any other task: the setups in whose scope it stands
};

/// Airflow's table of trigger rules, column by column ("upstream_failed when", "skipped when", "run when"), as its
/// documentation tells it and with nothing of the engine in it. Nothing: not decided yet.
[[nodiscard]] std::optional<Fate> fate(TriggerRule rule, const Knowledge& known);

}  // namespace leeward::test
