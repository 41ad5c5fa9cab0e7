#include "tests/simulation/rule_table.hpp"

#include <functional>
#include <map>

#include "core/base/assert.hpp"

namespace leeward::test {
namespace {

using Column = std::function<bool(const Tally& u, const Tally& setups)>;

struct Row {
  Column upstream_failed;
  Column skipped;
  Column run;
};

bool never(const Tally&, const Tally&) { return false; }
bool at_once(const Tally&, const Tally&) { return true; }
bool all_done(const Tally& u, const Tally&) { return u.done() == u.n; }
bool any_broken(const Tally& u, const Tally&) { return u.failed + u.upstream_failed >= 1; }
bool any_skipped(const Tally& u, const Tally&) { return u.skipped >= 1; }
bool all_skipped(const Tally& u, const Tally&) { return u.skipped == u.n; }
bool any_success(const Tally& u, const Tally&) { return u.success >= 1; }

/// The columns are tried from left to right.
const std::map<TriggerRule, Row>& table() {
  using T = const Tally&;
  static const std::map<TriggerRule, Row> rows{
      {TriggerRule::all_success, {any_broken, any_skipped, [](T u, T) { return u.success == u.n; }}},
      {TriggerRule::all_failed,
       {never, [](T u, T) { return u.success + u.skipped >= 1; },
        [](T u, T) { return u.failed + u.upstream_failed == u.n; }}},
      {TriggerRule::all_done, {never, never, all_done}},
      {TriggerRule::all_done_min_one_success,
       {[](T u, T) { return u.done() == u.n && u.success == 0 && u.skipped == 0; }, any_skipped,
        [](T u, T) { return u.done() == u.n && u.skipped == 0 && u.success >= 1; }}},
      {TriggerRule::all_skipped,
       {never, [](T u, T) { return u.success + u.failed + u.upstream_failed >= 1; }, all_skipped}},
      {TriggerRule::one_success,
       {[](T u, T) { return u.done() == u.n && u.success == 0 && u.skipped < u.n; }, all_skipped, any_success}},
      {TriggerRule::one_failed,
       {never, [](T u, T) { return u.done() == u.n && u.failed + u.upstream_failed == 0; }, any_broken}},
      {TriggerRule::one_done,
       {never, [](T u, T) { return u.done() == u.n && u.success + u.failed == 0; },
        [](T u, T) { return u.success + u.failed >= 1; }}},
      {TriggerRule::none_failed, {any_broken, never, [](T u, T) { return u.success + u.skipped == u.n; }}},
      {TriggerRule::none_failed_min_one_success,
       {any_broken, all_skipped, [](T u, T) { return u.success + u.skipped == u.n && u.skipped < u.n; }}},
      {TriggerRule::none_skipped, {never, any_skipped, [](T u, T) { return u.done() == u.n && u.skipped == 0; }}},
      {TriggerRule::always, {never, never, at_once}},
      {TriggerRule::all_done_setup_success,
       {[](T u, T s) { return u.done() == u.n && s.n > 0 && s.success == 0 && s.skipped < s.n; },
        [](T u, T s) { return u.done() == u.n && s.n > 0 && s.skipped == s.n; },
        [](T u, T s) { return u.done() == u.n && (s.n == 0 || s.success >= 1); }}},
  };
  return rows;
}

std::optional<Fate> by_rule(TriggerRule rule, const Knowledge& known) {
  if (known.upstream.n == 0) return Fate::runs;
  const Row& row = table().at(rule);
  if (row.upstream_failed(known.upstream, known.setups)) return Fate::is_upstream_failed;
  if (row.skipped(known.upstream, known.setups)) return Fate::is_skipped;
  if (row.run(known.upstream, known.setups)) return Fate::runs;
  return std::nullopt;
}

}  // namespace

std::string to_string(Fate fate) {
  if (fate == Fate::runs) return "runs";
  return fate == Fate::is_skipped ? "is skipped" : "is upstream_failed";
}

void Tally::add(TaskState end, int times) {
  switch (end) {
    case TaskState::success: success += times; return;
    case TaskState::skipped: skipped += times; return;
    case TaskState::upstream_failed: upstream_failed += times; return;
    case TaskState::failed:
    case TaskState::lost:
    case TaskState::canceled: failed += times; return;
    default: LW_ASSERT(false, "the simulation removes nothing");
  }
}

std::optional<Fate> fate(TriggerRule rule, const Knowledge& known) {
  if (rule == TriggerRule::always) return Fate::runs;  // it asks for nobody, setups included
  // Setups come first and without waiting for each other.
  if (known.guards.failed + known.guards.upstream_failed >= 1) return Fate::is_upstream_failed;
  if (known.guards.skipped >= 1) return Fate::is_skipped;
  const auto decided = by_rule(rule, known);
  if (decided == Fate::runs && known.guards.success < known.guards.n) return std::nullopt;
  return decided;
}

}  // namespace leeward::test
