#include "core/engine/priority_weights.hpp"

#include <catch2/catch.hpp>

#include "tests/support/dag_of.hpp"

using namespace leeward;
using leeward::test::dag_of;

TEST_CASE("Downstream counts every task once, however many ways lead to it", "[engine]") {
  const auto dag = dag_of("a; b <- a; c <- a; d <- b c", [](Task& t) { t.priority_weight = t.id == "d" ? 10 : 1; });
  CHECK(priority_weights(*dag) == std::vector{13, 11, 11, 10});
}

TEST_CASE("Upstream and absolute weights, side by side with downstream ones", "[engine]") {
  const auto dag = dag_of("a; b <- a; c <- b; d <- a b", [](Task& t) {
    if (t.id == "b" || t.id == "d") t.weight_rule = WeightRule::upstream;
    if (t.id == "c") t.weight_rule = WeightRule::absolute;
    t.priority_weight = 2;
  });
  CHECK(priority_weights(*dag) == std::vector{8, 4, 2, 6});
}

TEST_CASE("Weights that outgrow an int stay at its ends", "[engine]") {
  const auto dag = dag_of("a; b <- a", [](Task& t) { t.priority_weight = INT32_MAX; });
  CHECK(priority_weights(*dag) == std::vector{INT32_MAX, INT32_MAX});
}

TEST_CASE("More tasks than are followed at once have the same weights as in a chain", "[engine]") {
  // A chain in which every task also leads to the one after the next: many ways, the same descendants.
  std::string text = "t0; t1 <- t0";
  for (int i = 2; i < 1300; ++i) {
    text += "; t" + std::to_string(i) + " <- t" + std::to_string(i - 1) + " t" + std::to_string(i - 2);
  }
  SECTION("each weighs one") {
    const auto weights = priority_weights(*dag_of(text));
    for (int i = 0; i < 1300; ++i) {
      INFO(i);
      CHECK(weights[static_cast<std::size_t>(i)] == 1300 - i);
    }
  }
  SECTION("each weighs something else, also less than nothing") {
    const auto own = [](int i) { return i % 37 - 20; };
    int next = 0;
    const auto weights = priority_weights(*dag_of(text, [&](Task& t) { t.priority_weight = own(next++); }));
    int expected = 0;
    for (int i = 1299; i >= 0; --i) {
      INFO(i);
      expected += own(i);
      CHECK(weights[static_cast<std::size_t>(i)] == expected);
    }
  }
}
