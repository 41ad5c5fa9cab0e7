#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/task_arena.h>

#include "tests/bench/subject.hpp"

namespace leeward::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Node = oneapi::tbb::flow::continue_node<oneapi::tbb::flow::continue_msg>;

double ns_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::nano>(to - from).count();
}

Measured measure(const Shape& shape) {
  namespace flow = oneapi::tbb::flow;
  Measured measured;
  const std::size_t before = heap_bytes();
  const auto start = Clock::now();
  auto graph = std::make_unique<flow::graph>();
  auto nodes = std::make_unique<std::deque<Node>>();
  std::vector<bool> has_upstream(shape.size);
  for (std::uint32_t i = 0; i < shape.size; ++i) nodes->emplace_back(*graph, [](const flow::continue_msg&) {});
  for (const auto& [from, to] : shape.edges) {
    flow::make_edge((*nodes)[from], (*nodes)[to]);
    has_upstream[to] = true;
  }
  const auto built = Clock::now();
  for (std::uint32_t i = 0; i < shape.size; ++i) {
    if (!has_upstream[i]) (*nodes)[i].try_put(flow::continue_msg{});
  }
  graph->wait_for_all();
  const auto ran = Clock::now();
  measured.bytes = heap_bytes() - before;
  const auto destroying = Clock::now();
  nodes.reset();
  graph.reset();
  const auto destroyed = Clock::now();
  measured.build_ns = ns_between(start, built);
  measured.run_ns = ns_between(built, ran);
  measured.destroy_ns = ns_between(destroying, destroyed);
  return measured;
}

}  // namespace

Measured run_tbb_once(const Shape& shape, int threads) {
  Measured measured;
  oneapi::tbb::task_arena arena(threads);
  arena.execute([&] { measured = measure(shape); });
  return measured;
}

}  // namespace leeward::bench
