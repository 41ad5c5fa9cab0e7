#include "tests/bench/shapes.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace leeward::bench {
namespace {

constexpr std::uint32_t kTasks = 100'000;

Shape tree() {
  constexpr std::uint32_t kNodes = (1u << 17) - 1;
  Shape shape{"tree", kNodes, {}};
  for (std::uint32_t i = 1; i < kNodes; ++i) shape.edges.emplace_back((i - 1) / 2, i);
  return shape;
}

}  // namespace

Shape chain_of(std::uint32_t tasks) {
  Shape shape{"chain", tasks, {}};
  for (std::uint32_t i = 1; i < tasks; ++i) shape.edges.emplace_back(i - 1, i);
  return shape;
}

Shape fan_of(std::uint32_t tasks) {
  Shape shape{"fan", tasks, {}};
  for (std::uint32_t i = 1; i + 1 < tasks; ++i) {
    shape.edges.emplace_back(0, i);
    shape.edges.emplace_back(i, tasks - 1);
  }
  return shape;
}

Shape layers_of(std::uint32_t width, std::uint32_t layers) {
  constexpr std::uint32_t kUpstreams = 10;
  Shape shape{"layered", width * layers, {}};
  std::mt19937 random(1);  // the same graph every time
  std::vector<std::uint32_t> layer(width);
  for (std::uint32_t first = width; first < shape.size; first += width) {
    for (std::uint32_t i = 0; i < width; ++i) layer[i] = first - width + i;
    for (std::uint32_t i = 0; i < width; ++i) {
      for (std::uint32_t k = 0; k < kUpstreams; ++k) {
        std::swap(layer[k], layer[k + random() % (width - k)]);
        shape.edges.emplace_back(layer[k], first + i);
      }
    }
  }
  return shape;
}

std::vector<Shape> all_shapes() { return {chain_of(kTasks), fan_of(kTasks), layers_of(100, kTasks / 100), tree()}; }

}  // namespace leeward::bench
