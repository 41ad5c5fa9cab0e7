#include "core/model/trigger_rule.hpp"

#include <ostream>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

using namespace leeward;

namespace leeward {
std::ostream& operator<<(std::ostream& out, TriggerDecision d) {
  static constexpr const char* kWords[] = {"wait", "run", "skip", "upstream_failed"};
  return out << kWords[static_cast<int>(d)];
}
}  // namespace leeward

namespace {

/// One letter an upstream: s(uccess) f(ailed) u(pstream_failed) k(skipped) r(emoved), '.' is unfinished.
UpstreamCounts counts(std::string_view upstreams) {
  UpstreamCounts c;
  for (const char letter : upstreams) {
    ++c.total;
    if (letter == 's') ++c.success;
    if (letter == 'f') ++c.failed;
    if (letter == 'u') ++c.upstream_failed;
    if (letter == 'k') ++c.skipped;
    if (letter == 'r') ++c.removed;
  }
  return c;
}

struct Row {
  TriggerRule rule;
  const char* upstreams;
  TriggerDecision decision;
};

using enum TriggerRule;
constexpr auto kWait = TriggerDecision::wait;
constexpr auto kRun = TriggerDecision::run;
constexpr auto kSkip = TriggerDecision::skip;
constexpr auto kUpFailed = TriggerDecision::upstream_failed;

constexpr Row kRows[] = {
    {all_success, "ss", kRun},
    {all_success, "s.", kWait},
    {all_success, "f.", kUpFailed},
    {all_success, "u.", kUpFailed},
    {all_success, "k.", kSkip},
    {all_success, "kf", kUpFailed},
    {all_success, "sr", kWait},
    {all_failed, "fu", kRun},
    {all_failed, "f.", kWait},
    {all_failed, "s.", kSkip},
    {all_failed, "k.", kSkip},
    {all_done, "sfk", kRun},
    {all_done, "sr", kRun},
    {all_done, "sf.", kWait},
    {all_skipped, "kk", kRun},
    {all_skipped, "k.", kWait},
    {all_skipped, "s.", kSkip},
    {all_skipped, "u.", kSkip},
    {all_done_min_one_success, "sf", kRun},
    {all_done_min_one_success, "s.", kWait},
    {all_done_min_one_success, "fu", kUpFailed},
    {all_done_min_one_success, "k.", kSkip},
    {all_done_min_one_success, "sk", kSkip},
    {one_success, "s.", kRun},
    {one_success, "f.", kWait},
    {one_success, "fk", kUpFailed},
    {one_success, "kk", kSkip},
    {one_failed, "f.", kRun},
    {one_failed, "u.", kRun},
    {one_failed, "s.", kWait},
    {one_failed, "sk", kSkip},
    {one_done, "s.", kRun},
    {one_done, "f.", kRun},
    {one_done, "u.", kWait},
    {one_done, "uk", kSkip},
    {none_failed, "sk", kRun},
    {none_failed, "kk", kRun},
    {none_failed, "k.", kWait},
    {none_failed, "f.", kUpFailed},
    {none_failed_min_one_success, "sk", kRun},
    {none_failed_min_one_success, "kk", kSkip},
    {none_failed_min_one_success, "k.", kWait},
    {none_failed_min_one_success, "u.", kUpFailed},
    {none_skipped, "sf", kRun},
    {none_skipped, "s.", kWait},
    {none_skipped, "k.", kSkip},
    {always, "..", kRun},
};

}  // namespace

TEST_CASE("Trigger rules decide as Airflow's do, and as early", "[model]") {
  for (const Row& row : kRows) {
    INFO(to_string(row.rule) << " of " << row.upstreams);
    CHECK(decide(row.rule, counts(row.upstreams)) == row.decision);
  }
}

TEST_CASE("A task without upstreams runs under every trigger rule", "[model]") {
  for (const std::string_view word : trigger_rule_words()) {
    INFO(word);
    CHECK(decide(*trigger_rule_of(word), UpstreamCounts{}) == kRun);
  }
}

TEST_CASE("Every trigger rule has a word of its own that reads back", "[model]") {
  const auto words = trigger_rule_words();
  CHECK(words.size() == 13);
  for (const std::string_view word : words) CHECK(to_string(*trigger_rule_of(word)) == word);
  CHECK_FALSE(trigger_rule_of("all_sucess").has_value());
}
