#include "core/model/trigger_rule.hpp"

#include <array>
#include <cstddef>

namespace leeward {
namespace {

constexpr std::array<std::string_view, 13> kRuleWords = {"all_success",
                                                         "all_failed",
                                                         "all_done",
                                                         "all_skipped",
                                                         "all_done_min_one_success",
                                                         "one_success",
                                                         "one_failed",
                                                         "one_done",
                                                         "none_failed",
                                                         "none_failed_min_one_success",
                                                         "none_skipped",
                                                         "always",
                                                         "all_done_setup_success"};
static_assert(kRuleWords.size() == static_cast<std::size_t>(TriggerRule::all_done_setup_success) + 1);

/// "Run once `condition` holds, wait until then."
TriggerDecision run_if(bool condition) noexcept { return condition ? TriggerDecision::run : TriggerDecision::wait; }

TriggerDecision decide_all_success(const UpstreamCounts& u, int map_index) noexcept {
  if (u.failed + u.upstream_failed > 0) return TriggerDecision::upstream_failed;
  if (u.skipped > 0) return TriggerDecision::skip;
  if (map_index < 0) return run_if(u.success == u.total);
  // The list became shorter since the instance was made: it has no upstream of its own any more.
  if (u.removed > 0 && u.success > 0 && map_index >= static_cast<int>(u.success)) return TriggerDecision::remove;
  return run_if(u.success + u.removed == u.total);
}

TriggerDecision decide_teardown(const UpstreamCounts& setups) noexcept {
  if (setups.total == 0 || setups.success > 0) return TriggerDecision::run;
  return setups.skipped == setups.total ? TriggerDecision::skip : TriggerDecision::upstream_failed;
}

TriggerDecision decide_one_success(const UpstreamCounts& u) noexcept {
  if (u.success > 0) return TriggerDecision::run;
  if (u.done() < u.total) return TriggerDecision::wait;
  return u.skipped == u.total ? TriggerDecision::skip : TriggerDecision::upstream_failed;
}

TriggerDecision decide_one_done(const UpstreamCounts& u) noexcept {
  if (u.success + u.failed > 0) return TriggerDecision::run;  // an upstream that never ran is not "done" here
  return u.done() == u.total ? TriggerDecision::skip : TriggerDecision::wait;
}

TriggerDecision decide_min_one_success(const UpstreamCounts& u) noexcept {
  if (u.skipped > 0) return TriggerDecision::skip;  // as Airflow decides; its release note says otherwise
  if (u.done() < u.total) return TriggerDecision::wait;
  return u.success > 0 ? TriggerDecision::run : TriggerDecision::upstream_failed;
}

}  // namespace

std::string_view to_string(TriggerRule rule) noexcept { return kRuleWords[static_cast<std::size_t>(rule)]; }

std::optional<TriggerRule> trigger_rule_of(std::string_view word) noexcept {
  for (std::size_t i = 0; i < kRuleWords.size(); ++i) {
    if (kRuleWords[i] == word) return static_cast<TriggerRule>(i);
  }
  return std::nullopt;
}

std::vector<std::string_view> trigger_rule_words() { return {kRuleWords.begin(), kRuleWords.end()}; }

TriggerDecision decide(TriggerRule rule, const UpstreamCounts& u, const UpstreamCounts& setups,
                       int map_index) noexcept {
  if (u.total == 0) return TriggerDecision::run;
  const std::uint32_t broken = u.failed + u.upstream_failed;
  const std::uint32_t gone = map_index >= 0 ? u.removed : 0;
  const bool all_done = u.done() == u.total;
  switch (rule) {
    case TriggerRule::all_success: return decide_all_success(u, map_index);
    case TriggerRule::all_failed:
      return u.success + u.skipped > 0 ? TriggerDecision::skip : run_if(broken + gone == u.total);
    case TriggerRule::all_done: return run_if(all_done);
    case TriggerRule::all_skipped: return u.success + broken > 0 ? TriggerDecision::skip : run_if(u.skipped == u.total);
    case TriggerRule::all_done_min_one_success: return decide_min_one_success(u);
    case TriggerRule::one_success: return decide_one_success(u);
    case TriggerRule::one_failed:
      if (broken > 0) return TriggerDecision::run;
      return all_done ? TriggerDecision::skip : TriggerDecision::wait;
    case TriggerRule::one_done: return decide_one_done(u);
    case TriggerRule::none_failed:
      return broken > 0 ? TriggerDecision::upstream_failed : run_if(u.success + u.skipped + gone == u.total);
    case TriggerRule::none_failed_min_one_success:
      if (broken > 0) return TriggerDecision::upstream_failed;
      if (u.skipped == u.total) return TriggerDecision::skip;
      return run_if(u.success + u.skipped + gone == u.total);
    case TriggerRule::none_skipped: return u.skipped > 0 ? TriggerDecision::skip : run_if(all_done);
    case TriggerRule::always: return TriggerDecision::run;
    case TriggerRule::all_done_setup_success: return all_done ? decide_teardown(setups) : TriggerDecision::wait;
  }
  return TriggerDecision::wait;
}

TriggerDecision decide_by_setups(const UpstreamCounts& setups) noexcept {
  if (setups.failed + setups.upstream_failed > 0) return TriggerDecision::upstream_failed;
  if (setups.skipped > 0) return TriggerDecision::skip;
  return run_if(setups.success == setups.total);
}

}  // namespace leeward
