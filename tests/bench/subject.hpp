#pragma once

#include <cstddef>

#include "tests/bench/shapes.hpp"

namespace leeward::bench {

/// What one round of one subject took, in nanoseconds, and the heap it held after its run.
struct Measured {
  double build_ns = 0;
  double run_ns = 0;
  double destroy_ns = 0;
  std::size_t bytes = 0;
  [[nodiscard]] double total_ns() const { return build_ns + run_ns + destroy_ns; }
};

/// The whole engine: state machine, an event for every transition, the memory store, an observer that counts, and the
/// executor that runs a no-op inline operator.
[[nodiscard]] Measured run_engine_once(const Shape& shape);
/// oneTBB's flow graph of continue_nodes with an empty body, on `threads` threads.
[[nodiscard]] Measured run_tbb_once(const Shape& shape, int threads);

/// Bytes that malloc has handed out.
[[nodiscard]] std::size_t heap_bytes();

}  // namespace leeward::bench
