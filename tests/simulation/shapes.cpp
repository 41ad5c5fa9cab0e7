#include "tests/simulation/shapes.hpp"

#include <algorithm>

namespace leeward::test {
namespace {

Edges chain(std::uint32_t size) {
  Edges edges;
  for (std::uint32_t i = 1; i < size; ++i) edges.emplace(i - 1, i);
  return edges;
}

Edges fan(std::uint32_t size, bool out) {
  Edges edges;
  for (std::uint32_t i = 1; i < size; ++i) edges.emplace(out ? 0 : i - 1, out ? i : size - 1);
  return edges;
}

Edges layers(Dice& dice, std::uint32_t size) {
  Edges edges;
  std::uint32_t first = 0;
  for (std::uint32_t begin = 1 + dice.below(3); begin < size;) {
    const std::uint32_t end = std::min(size, begin + 1 + dice.below(3));
    for (std::uint32_t from = first; from < begin; ++from) {
      for (std::uint32_t to = begin; to < end; ++to) {
        if (!dice.one_in(4)) edges.emplace(from, to);
      }
    }
    first = begin;
    begin = end;
  }
  return edges;
}

Edges tree(std::uint32_t size) {
  Edges edges;
  for (std::uint32_t i = 1; i < size; ++i) edges.emplace((i - 1) / 2, i);
  return edges;
}

/// 0 -> 1, 2 -> 3 -> 4, 5 -> 6 ...
Edges diamonds(std::uint32_t size) {
  Edges edges;
  for (std::uint32_t top = 0; top < size; top += 3) {
    for (const std::uint32_t side : {top + 1, top + 2}) {
      if (side < size) edges.emplace(top, side);
      if (top + 3 < size) edges.emplace(side, top + 3);
    }
  }
  return edges;
}

Edges anything(Dice& dice, std::uint32_t size) {
  Edges edges;
  const std::uint32_t sparseness = 1 + dice.below(5);
  for (std::uint32_t to = 1; to < size; ++to) {
    for (std::uint32_t from = 0; from < to; ++from) {
      if (dice.one_in(sparseness)) edges.emplace(from, to);
    }
  }
  return edges;
}

}  // namespace

Edges random_shape(Dice& dice, std::uint32_t size) {
  switch (dice.below(8)) {
    case 0: return chain(size);
    case 1: return fan(size, true);
    case 2: return fan(size, false);
    case 3: return layers(dice, size);
    case 4: return tree(size);
    case 5: return diamonds(size);
    default: return anything(dice, size);
  }
}

}  // namespace leeward::test
