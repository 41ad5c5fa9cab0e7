#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace leeward::bench {

/// A graph to run: tasks 0..size-1, each edge from a lower to a higher number.
struct Shape {
  std::string name;
  std::uint32_t size = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
};

/// Each task after the one before.
[[nodiscard]] Shape chain_of(std::uint32_t tasks);
/// One task, then all the others, then one.
[[nodiscard]] Shape fan_of(std::uint32_t tasks);
/// Each task after ten random ones of the layer before. REQUIRES: ten or more in a layer.
[[nodiscard]] Shape layers_of(std::uint32_t width, std::uint32_t layers);

/// About 100,000 tasks each: a chain; one task, then all the others, then one; 1,000 layers of 100 with ten random
/// upstreams a task; a binary tree from its root.
[[nodiscard]] std::vector<Shape> all_shapes();

}  // namespace leeward::bench
