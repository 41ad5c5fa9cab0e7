// Every combination of one to three upstreams, in every order in which they may end.
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <numeric>
#include <string>

#include <catch2/catch.hpp>

#include "core/model/trigger_rule.hpp"
#include "tests/conformance/rule_case.hpp"

using namespace leeward;
using namespace leeward::conformance;

namespace {

std::string text_of(const RuleCase& c) {
  std::string text = c.rule + " of";
  for (const std::string& state : c.upstreams) text += state.empty() ? " unfinished" : " " + state;
  if (c.mapped != Mapped::no) text += c.mapped == Mapped::task ? ", mapped" : ", in a mapped group";
  text += ", ending in the order";
  for (const std::size_t i : c.ending) text += " " + std::to_string(i);
  return text;
}

/// What the book says, read again after each upstream that ends: the first answer that is not "wait" is the decision,
/// and it falls at that moment, whatever still runs.
RuleAnswer expected(const RuleCase& c) {
  Upstreams so_far(c.upstreams.size());
  Duration now{};
  for (std::size_t ended = 0;; ++ended) {
    const std::string decision = decision_by_the_book(c.rule, so_far);
    if (decision != "wait") return {decision, now};
    if (ended == c.ending.size()) return {"wait", std::nullopt};
    const std::size_t next = c.ending[ended];
    so_far[next] = c.upstreams[next];
    now += std::chrono::seconds{1};
  }
}

/// Calls with each combination of `count` states, in each order of ending. Who never ends comes last.
void for_each_case(const std::string& rule, std::size_t count, const std::function<void(const RuleCase&)>& call) {
  static const Upstreams kStates{"success", "failed", "skipped", "upstream_failed", ""};
  std::size_t combinations = 1;
  for (std::size_t i = 0; i < count; ++i) combinations *= kStates.size();
  for (std::size_t number = 0; number < combinations; ++number) {
    RuleCase c;
    c.rule = rule;
    for (std::size_t i = 0, rest = number; i < count; ++i, rest /= kStates.size()) {
      c.upstreams.push_back(kStates[rest % kStates.size()]);
    }
    c.ending.resize(count);
    std::iota(c.ending.begin(), c.ending.end(), std::size_t{0});
    do {
      const auto ends = [&](std::size_t i) { return !c.upstreams[i].empty(); };
      if (std::is_partitioned(c.ending.begin(), c.ending.end(), ends)) call(c);
    } while (std::next_permutation(c.ending.begin(), c.ending.end()));
  }
}

}  // namespace

TEST_CASE("Each rule decides over one to three upstreams what the book says, as soon as it can", "[conformance]") {
  int cases = 0;
  const auto check_one = [&cases](const RuleCase& c) {
    const RuleAnswer actual = decide_in_a_run(c);
    const RuleAnswer book = expected(c);
    ++cases;
    if (actual.decision == book.decision && actual.when == book.when) return;
    INFO(text_of(c));
    CHECK(actual.decision == book.decision);
    CHECK(actual.when == book.when);
  };
  for (const std::string_view rule : trigger_rule_words()) {
    if (rule == "all_done_setup_success") continue;  // a teardown's; cases/trigger_rules.json has it
    for (std::size_t count = 1; count <= 3; ++count) {
      for_each_case(std::string(rule), count, [&](RuleCase c) {
        check_one(c);
        if (count == 3) return;
        for (const Mapped mapped : {Mapped::task, Mapped::group}) {  // the same for an instance
          c.mapped = mapped;
          check_one(c);
        }
      });
    }
  }
  std::cout << cases << " combinations of upstreams and orders of ending ran in the engine\n";
  CHECK(cases > 5'000);
}
