#include "core/load/exclusive_ways.hpp"

#include <cstdint>
#include <utility>

namespace leeward {

namespace {

/// Past this many questions the answer is "no": the author is asked for another key rather than the host for a minute.
constexpr std::size_t kMaxQuestions = 4'000'000;

using Pair = TaskGraph::Pair;

std::vector<TaskGraph::Edge> edges_of_branches(const TaskGraph& graph, const std::vector<bool>& branches) {
  std::vector<TaskGraph::Edge> ways;
  for (const TaskGraph::Edge& edge : graph.edges()) {
    if (branches[edge.from]) ways.push_back(edge);
  }
  return ways;
}

}  // namespace

std::vector<bool> are_exclusive(const TaskGraph& graph, const std::vector<bool>& branches,
                                const std::vector<Pair>& pairs) {
  std::vector<bool> answers(pairs.size(), false);
  const auto ways = edges_of_branches(graph, branches);  // those of one branching task stand together
  if (ways.empty() || pairs.size() * ways.size() > kMaxQuestions / 2) return answers;

  std::vector<Pair> questions;
  for (const Pair& pair : pairs) {
    for (const auto& way : ways) {
      questions.push_back({way.to, pair.upstream});
      questions.push_back({way.to, pair.task});
    }
  }
  const std::vector<bool> leads = graph.are_upstream(questions);
  for (std::size_t p = 0, q = 0; p < pairs.size(); ++p) {
    bool to_one = false, to_other = false, to_both = false;
    for (std::size_t w = 0; w < ways.size(); ++w, q += 2) {
      const bool one = leads[q] || ways[w].to == pairs[p].upstream;
      const bool other = leads[q + 1] || ways[w].to == pairs[p].task;
      to_one |= one;
      to_other |= other;
      to_both |= one && other;
      const bool last_way = w + 1 == ways.size() || ways[w + 1].from != ways[w].from;
      if (!last_way) continue;
      if (to_one && to_other && !to_both) answers[p] = true;
      to_one = to_other = to_both = false;
    }
  }
  return answers;
}

}  // namespace leeward
