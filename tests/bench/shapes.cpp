#include "tests/bench/shapes.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace leeward::bench {
namespace {

constexpr std::uint32_t kTasks = 100'000;

Shape chain() {
  Shape shape{"chain", kTasks, {}};
  for (std::uint32_t i = 1; i < kTasks; ++i) shape.edges.emplace_back(i - 1, i);
  return shape;
}

Shape fan() {
  Shape shape{"fan", kTasks, {}};
  for (std::uint32_t i = 1; i + 1 < kTasks; ++i) {
    shape.edges.emplace_back(0, i);
    shape.edges.emplace_back(i, kTasks - 1);
  }
  return shape;
}

Shape layered() {
  constexpr std::uint32_t kWidth = 100;
  constexpr std::uint32_t kUpstreams = 10;
  Shape shape{"layered", kTasks, {}};
  std::mt19937 random(1);  // the same graph every time
  std::vector<std::uint32_t> layer(kWidth);
  for (std::uint32_t first = kWidth; first < kTasks; first += kWidth) {
    for (std::uint32_t i = 0; i < kWidth; ++i) layer[i] = first - kWidth + i;
    for (std::uint32_t i = 0; i < kWidth; ++i) {
      for (std::uint32_t k = 0; k < kUpstreams; ++k) {
        std::swap(layer[k], layer[k + random() % (kWidth - k)]);
        shape.edges.emplace_back(layer[k], first + i);
      }
    }
  }
  return shape;
}

Shape tree() {
  constexpr std::uint32_t kNodes = (1u << 17) - 1;
  Shape shape{"tree", kNodes, {}};
  for (std::uint32_t i = 1; i < kNodes; ++i) shape.edges.emplace_back((i - 1) / 2, i);
  return shape;
}

}  // namespace

std::vector<Shape> all_shapes() { return {chain(), fan(), layered(), tree()}; }

}  // namespace leeward::bench
