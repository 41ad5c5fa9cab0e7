#pragma once

#include <cstdint>
#include <set>
#include <utility>

#include "tests/simulation/dice.hpp"

namespace leeward::test {

/// Edges of a graph; every edge leads from a smaller number to a larger one.
using Edges = std::set<std::pair<std::uint32_t, std::uint32_t>>;

/// A graph of the given size in one of the shapes that workflows have: a chain, a fan out or in, layers, a tree,
/// diamonds one after the other, or no shape at all.
[[nodiscard]] Edges random_shape(Dice& dice, std::uint32_t size);

}  // namespace leeward::test
