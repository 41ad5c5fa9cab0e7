#include "core/load/task_graph.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

namespace leeward {

namespace {

constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();

}  // namespace

TaskGraph::TaskGraph(std::size_t tasks, std::vector<Edge> edges) : tasks_(tasks), edges_(std::move(edges)) {
  const auto by_ends = [](const Edge& a, const Edge& b) { return std::pair{a.from, a.to} < std::pair{b.from, b.to}; };
  const auto same_ends = [](const Edge& a, const Edge& b) { return a.from == b.from && a.to == b.to; };
  std::stable_sort(edges_.begin(), edges_.end(), by_ends);
  edges_.erase(std::unique(edges_.begin(), edges_.end(), same_ends), edges_.end());
  first_edge_.assign(tasks_ + 1, 0);
  for (const Edge& edge : edges_) ++first_edge_[edge.from + 1];
  std::partial_sum(first_edge_.begin(), first_edge_.end(), first_edge_.begin());
  order_ = sorted();
  position_.assign(tasks_, kNowhere);
  for (std::uint32_t i = 0; i < order_.size(); ++i) position_[order_[i]] = i;
}

std::vector<std::uint32_t> TaskGraph::sorted() const {
  std::vector<std::uint32_t> waiting(tasks_, 0);
  for (const Edge& edge : edges_) ++waiting[edge.to];
  std::vector<std::uint32_t> order;
  order.reserve(tasks_);
  for (std::uint32_t t = 0; t < tasks_; ++t) {
    if (waiting[t] == 0) order.push_back(t);
  }
  for (std::size_t done = 0; done < order.size(); ++done) {
    for (std::uint32_t e = first_edge_[order[done]]; e < first_edge_[order[done] + 1]; ++e) {
      if (--waiting[edges_[e].to] == 0) order.push_back(edges_[e].to);
    }
  }
  return order;
}

bool TaskGraph::has_edge(std::uint32_t from, std::uint32_t to) const noexcept {
  const auto last = edges_.begin() + first_edge_[from + 1];
  const auto found = std::lower_bound(edges_.begin() + first_edge_[from], last, to,
                                      [](const Edge& edge, std::uint32_t end) { return edge.to < end; });
  return found != last && found->to == to;
}

std::vector<std::uint32_t> TaskGraph::positions() const { return position_; }

namespace {

/// Tarjan's strongly connected components, with a stack of its own: a chain of 100,000 tasks is no reason to overflow
/// ours.
class KnotFinder {
 public:
  KnotFinder(const std::vector<TaskGraph::Edge>& edges, const std::vector<std::uint32_t>& first_edge, std::size_t tasks)
      : edges_(edges), first_edge_(first_edge), number_(tasks, kNowhere), low_(tasks, 0), knot_(tasks, kNowhere) {}

  void search_from(std::uint32_t start) {
    if (number_[start] != kNowhere) return;
    enter(start);
    while (!path_.empty()) {
      const std::uint32_t task = path_.back().task;
      if (path_.back().next_edge == first_edge_[task + 1]) {
        leave(task);
        continue;
      }
      const std::uint32_t to = edges_[path_.back().next_edge++].to;
      if (number_[to] == kNowhere) {
        enter(to);
      } else if (knot_[to] == kNowhere) {
        low_[task] = std::min(low_[task], number_[to]);
      }
    }
  }

  /// Which knot each task is in; tasks that are in one alone count as well.
  [[nodiscard]] const std::vector<std::uint32_t>& knots() const { return knot_; }

 private:
  struct Step {
    std::uint32_t task;
    std::uint32_t next_edge;
  };

  void enter(std::uint32_t task) {
    number_[task] = low_[task] = entered_++;
    open_.push_back(task);
    path_.push_back({task, first_edge_[task]});
  }

  void leave(std::uint32_t task) {
    path_.pop_back();
    if (!path_.empty()) low_[path_.back().task] = std::min(low_[path_.back().task], low_[task]);
    if (low_[task] != number_[task]) return;
    std::uint32_t member = kNowhere;
    do {
      member = open_.back();
      open_.pop_back();
      knot_[member] = knots_;
    } while (member != task);
    ++knots_;
  }

  const std::vector<TaskGraph::Edge>& edges_;
  const std::vector<std::uint32_t>& first_edge_;
  std::vector<std::uint32_t> number_, low_, knot_, open_;
  std::vector<Step> path_;
  std::uint32_t entered_ = 0;
  std::uint32_t knots_ = 0;
};

}  // namespace

std::vector<TaskGraph::Edge> TaskGraph::shortest_cycle(std::uint32_t start, const std::vector<std::uint32_t>& knots,
                                                       std::vector<std::uint32_t>& arrived_by) const {
  std::vector<std::uint32_t> reached{start};
  for (std::size_t i = 0; i < reached.size(); ++i) {
    for (std::uint32_t e = first_edge_[reached[i]]; e < first_edge_[reached[i] + 1]; ++e) {
      const std::uint32_t to = edges_[e].to;
      if (to == start) {
        std::vector<Edge> cycle{edges_[e]};
        while (cycle.back().from != start) cycle.push_back(edges_[arrived_by[cycle.back().from]]);
        std::reverse(cycle.begin(), cycle.end());
        return cycle;
      }
      if (knots[to] != knots[start] || arrived_by[to] != kNowhere) continue;
      arrived_by[to] = e;
      reached.push_back(to);
    }
  }
  return {};
}

std::vector<std::vector<TaskGraph::Edge>> TaskGraph::cycles() const {
  if (order_.size() == tasks_) return {};
  KnotFinder finder{edges_, first_edge_, tasks_};
  for (std::uint32_t t = 0; t < tasks_; ++t) {
    if (position_[t] == kNowhere) finder.search_from(t);
  }
  const auto& knots = finder.knots();
  std::vector<std::vector<Edge>> cycles;
  std::vector<bool> told(tasks_, false);  // by knot
  std::vector<std::uint32_t> arrived_by(tasks_, kNowhere);
  for (std::uint32_t start = 0; start < tasks_; ++start) {
    if (knots[start] == kNowhere || told[knots[start]]) continue;
    // A knot of one task has no cycle: it is only downstream of one.
    if (auto cycle = shortest_cycle(start, knots, arrived_by); !cycle.empty()) cycles.push_back(std::move(cycle));
    told[knots[start]] = true;
  }
  return cycles;
}

std::vector<bool> TaskGraph::are_upstream(const std::vector<Pair>& pairs) const {
  std::vector<bool> answers(pairs.size(), false);
  std::vector<std::uint32_t> by_upstream(pairs.size());
  std::iota(by_upstream.begin(), by_upstream.end(), 0u);
  std::erase_if(by_upstream, [&](std::uint32_t p) { return position_[pairs[p].upstream] >= position_[pairs[p].task]; });
  std::sort(by_upstream.begin(), by_upstream.end(), [&](std::uint32_t a, std::uint32_t b) {
    return position_[pairs[a].upstream] < position_[pairs[b].upstream];
  });
  std::vector<std::uint64_t> reached_by(tasks_, 0);  // by position, a bit for each ancestor of a sweep
  for (std::span<const std::uint32_t> rest{by_upstream}; !rest.empty();) {
    const Sweep sweep = next_sweep(pairs, rest);
    spread(sweep, reached_by);
    for (const std::uint32_t p : rest.first(sweep.pairs)) {
      const auto bit = std::find(sweep.ancestors.begin(), sweep.ancestors.end(), position_[pairs[p].upstream]);
      answers[p] = (reached_by[position_[pairs[p].task]] >> (bit - sweep.ancestors.begin()) & 1) != 0;
    }
    std::fill(reached_by.begin() + sweep.ancestors.front(), reached_by.begin() + sweep.last + 1, 0);
    rest = rest.subspan(sweep.pairs);
  }
  return answers;
}

TaskGraph::Sweep TaskGraph::next_sweep(const std::vector<Pair>& pairs, std::span<const std::uint32_t> rest) const {
  Sweep sweep;
  for (const std::uint32_t p : rest) {
    const std::uint32_t ancestor = position_[pairs[p].upstream];
    if (sweep.ancestors.empty() || sweep.ancestors.back() != ancestor) {
      if (sweep.ancestors.size() == 64) break;
      sweep.ancestors.push_back(ancestor);
    }
    sweep.last = std::max(sweep.last, position_[pairs[p].task]);
    ++sweep.pairs;
  }
  return sweep;
}

void TaskGraph::spread(const Sweep& sweep, std::vector<std::uint64_t>& reached_by) const {
  std::size_t next_ancestor = 0;
  for (std::uint32_t at = sweep.ancestors.front(); at < sweep.last; ++at) {
    std::uint64_t passed_on = reached_by[at];
    if (next_ancestor < sweep.ancestors.size() && sweep.ancestors[next_ancestor] == at) {
      passed_on |= std::uint64_t{1} << next_ancestor++;
    }
    if (passed_on == 0) continue;
    const std::uint32_t task = order_[at];
    for (std::uint32_t e = first_edge_[task]; e < first_edge_[task + 1]; ++e) {
      const std::uint32_t to = position_[edges_[e].to];
      if (to <= sweep.last) reached_by[to] |= passed_on;
    }
  }
}

}  // namespace leeward
