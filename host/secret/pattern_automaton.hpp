#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leeward {

/// Finds any of many byte strings in one pass over a text (Aho and Corasick): a trie of the patterns, in which each
/// node knows where to go on when the next byte fits no child. Linear in the text, whatever the number of patterns.
/// Immutable once built; thread-safe.
class PatternAutomaton {
 public:
  using State = std::uint32_t;
  static constexpr State kStart = 0;

  PatternAutomaton() : PatternAutomaton(std::vector<std::string>{}) {}
  explicit PatternAutomaton(const std::vector<std::string>& patterns);

  [[nodiscard]] bool empty() const noexcept { return nodes_.size() == 1; }
  [[nodiscard]] State next(State state, unsigned char byte) const noexcept {
    while (state != kStart) {
      if (const State found = child(state, byte); found != kStart) return found;
      state = nodes_[state].fallback;
    }
    return first_[byte];
  }
  /// How many of the last bytes are the beginning of a pattern, or the whole of it.
  [[nodiscard]] std::size_t depth(State state) const noexcept { return nodes_[state].depth; }
  /// How many of them are the beginning of one that has not ended yet.
  [[nodiscard]] std::size_t begun(State state) const noexcept { return nodes_[state].begun; }
  /// The length of the longest pattern that ends here; 0: none does.
  [[nodiscard]] std::size_t matched(State state) const noexcept { return nodes_[state].matched; }
  /// Whether a pattern begins with these two bytes.
  [[nodiscard]] bool begins_with(unsigned char first, unsigned char second) const noexcept {
    return pairs_[static_cast<std::size_t>(first) << 8 | second];
  }
  /// The length of the longest pattern.
  [[nodiscard]] std::size_t longest() const noexcept { return longest_; }

 private:
  struct Node {
    State fallback = kStart;  ///< the longest other beginning of a pattern that the same bytes end with
    State child = kStart;     ///< the first of its children; kStart: none
    State sibling = kStart;
    std::uint32_t depth = 0;
    std::uint32_t matched = 0;
    std::uint32_t begun = 0;
    unsigned char byte = 0;
  };

  [[nodiscard]] State child(State state, unsigned char byte) const noexcept {
    for (State at = nodes_[state].child; at != kStart; at = nodes_[at].sibling) {
      if (nodes_[at].byte == byte) return at;
    }
    return kStart;
  }
  void add(std::string_view pattern);
  void link();

  std::vector<Node> nodes_;
  std::array<State, 256> first_{};  ///< the root's children, where nearly every byte of a text is looked up
  std::bitset<65536> pairs_;
  std::size_t longest_ = 0;
};

}  // namespace leeward
