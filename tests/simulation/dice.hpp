#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace leeward::test {

/// Numbers that follow from a seed, the same on every machine (what std's distributions give is not). splitmix64: cheap
/// enough to have dice of one's own for every question, so that no answer depends on who asked before.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  /// Dice that depend on all of the parts.
  [[nodiscard]] static Dice of(std::initializer_list<std::uint64_t> parts) {
    Dice dice{0};
    for (const std::uint64_t part : parts) dice.state_ = dice.next() ^ (part * 0x9e3779b97f4a7c15);
    return dice;
  }

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 to n - 1. REQUIRES: n > 0.
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>((next() >> 32) % n); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace leeward::test
