#include "host/secret/pattern_automaton.hpp"

#include <algorithm>

namespace leeward {

PatternAutomaton::PatternAutomaton(const std::vector<std::string>& patterns) : nodes_(1) {
  for (const std::string& pattern : patterns) add(pattern);
  link();
}

void PatternAutomaton::add(std::string_view pattern) {
  State at = kStart;
  for (const char c : pattern) {
    const auto byte = static_cast<unsigned char>(c);
    State below = at == kStart ? first_[byte] : child(at, byte);
    if (below == kStart) {
      below = static_cast<State>(nodes_.size());
      nodes_.push_back({kStart, kStart, nodes_[at].child, nodes_[at].depth + 1, 0, 0, byte});
      nodes_[at].child = below;
      if (at == kStart) first_[byte] = below;
    }
    at = below;
  }
  nodes_[at].matched = nodes_[at].depth;
  longest_ = std::max(longest_, pattern.size());
  if (pattern.size() < 2) return;
  pairs_.set(static_cast<std::size_t>(static_cast<unsigned char>(pattern[0])) << 8 |
             static_cast<unsigned char>(pattern[1]));
}

/// Level by level: what a node falls back to is nearer to the root, and has its own links already.
void PatternAutomaton::link() {
  std::vector<State> level{kStart};
  while (!level.empty()) {
    std::vector<State> below;
    for (const State parent : level) {
      for (State at = nodes_[parent].child; at != kStart; at = nodes_[at].sibling) {
        Node& node = nodes_[at];
        node.fallback = parent == kStart ? kStart : next(nodes_[parent].fallback, node.byte);
        node.begun = node.child == kStart ? nodes_[node.fallback].begun : node.depth;
        node.matched = std::max(node.matched, nodes_[node.fallback].matched);
        below.push_back(at);
      }
    }
    level = std::move(below);
  }
}

}  // namespace leeward
