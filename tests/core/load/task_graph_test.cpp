#include "core/load/task_graph.hpp"

#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>

using leeward::TaskGraph;
using Edges = std::vector<TaskGraph::Edge>;

namespace {

/// Repeatable numbers below `limit`.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::uint32_t below(std::uint32_t limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state_ >> 33) % limit;
  }

 private:
  std::uint64_t state_;
};

std::vector<std::uint32_t> path(const Edges& cycle) {
  std::vector<std::uint32_t> tasks;
  for (const auto& edge : cycle) tasks.push_back(edge.from);
  return tasks;
}

}  // namespace

TEST_CASE("Arrows that are there twice count once", "[load]") {
  const TaskGraph graph{3, {{0, 1, 7}, {1, 2, 8}, {0, 1, 9}}};
  REQUIRE(graph.edges().size() == 2);
  CHECK(graph.edges()[0].origin == 7);
}

TEST_CASE("A graph knows its arrows", "[load]") {
  const TaskGraph graph{4, {{0, 3, 1}, {0, 1, 2}, {2, 3, 3}}};
  CHECK(graph.has_edge(0, 1));
  CHECK(graph.has_edge(0, 3));
  CHECK(graph.has_edge(2, 3));
  CHECK_FALSE(graph.has_edge(0, 2));
  CHECK_FALSE(graph.has_edge(1, 0));
  CHECK_FALSE(graph.has_edge(3, 3));
}

TEST_CASE("Each knot of tasks is told as one short cycle", "[load]") {
  //  0 <-> 1    2 -> 3 -> 4 -> 2, 3 -> 2    5 -> 2    4 -> 6
  const TaskGraph graph{7, {{0, 1, 0}, {1, 0, 1}, {2, 3, 2}, {3, 4, 3}, {4, 2, 4}, {3, 2, 5}, {5, 2, 6}, {4, 6, 7}}};
  const auto cycles = graph.cycles();
  REQUIRE(cycles.size() == 2);
  CHECK(path(cycles[0]) == std::vector<std::uint32_t>{0, 1});
  CHECK(path(cycles[1]) == std::vector<std::uint32_t>{2, 3});
  CHECK(cycles[1].back().origin == 5);
}

TEST_CASE("A cycle of 100,000 tasks is found without recursion", "[load]") {
  Edges edges;
  for (std::uint32_t t = 0; t < 100'000; ++t) edges.push_back({t, (t + 1) % 100'000, t});
  const auto cycles = TaskGraph{100'000, edges}.cycles();
  REQUIRE(cycles.size() == 1);
  CHECK(cycles[0].size() == 100'000);
}

TEST_CASE("Who is upstream of whom agrees with a search from each task", "[load]") {
  const auto seed = GENERATE(range(1, 9));
  CAPTURE(seed);
  Numbers numbers{static_cast<std::uint64_t>(seed)};
  constexpr std::uint32_t kTasks = 150;
  Edges edges;
  std::vector<std::vector<bool>> upstream(kTasks, std::vector<bool>(kTasks, false));
  for (std::uint32_t to = 1; to < kTasks; ++to) {
    for (std::uint32_t n = numbers.below(3); n > 0; --n) {
      const std::uint32_t from = numbers.below(to);
      edges.push_back({from, to, 0});
      upstream[from][to] = true;
      for (std::uint32_t t = 0; t < from; ++t) upstream[t][to] = upstream[t][to] || upstream[t][from];
    }
  }
  std::vector<TaskGraph::Pair> pairs;
  for (std::uint32_t a = 0; a < kTasks; ++a) {
    for (std::uint32_t b = 0; b < kTasks; ++b) pairs.push_back({a, b});
  }
  const auto answers = TaskGraph{kTasks, edges}.are_upstream(pairs);
  std::size_t wrong = 0;
  for (std::size_t p = 0; p < pairs.size(); ++p) wrong += answers[p] != upstream[pairs[p].upstream][pairs[p].task];
  CHECK(wrong == 0);
}
