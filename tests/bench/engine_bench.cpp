// The engine against oneTBB's flow graph on no-op tasks: nanoseconds a task, in rounds that take turns, and the median
// of the ratios within a round. The engine records and tells four events a task; the flow graph only counts down.
//
//   engine_bench [rounds]      at least 7

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

#include "tests/bench/subject.hpp"

namespace {

using leeward::bench::Measured;
using leeward::bench::Shape;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double median_of(const std::vector<Measured>& rounds, const std::function<double(const Measured&)>& what) {
  std::vector<double> values;
  for (const Measured& round : rounds) values.push_back(what(round));
  return median(values);
}

void print_row(const char* subject, const std::vector<Measured>& rounds, double tasks) {
  std::printf("  %-14s %8.0f %8.0f %8.0f %10.0f %8.0f\n", subject,
              median_of(rounds, [&](const Measured& m) { return m.build_ns / tasks; }),
              median_of(rounds, [&](const Measured& m) { return m.run_ns / tasks; }),
              median_of(rounds, [&](const Measured& m) { return m.destroy_ns / tasks; }),
              median_of(rounds, [&](const Measured& m) { return m.total_ns() / tasks; }),
              median_of(rounds, [&](const Measured& m) { return static_cast<double>(m.bytes) / tasks; }));
}

/// Against the faster of one and two threads, round by round.
double ratio(const std::vector<Measured>& ours, const std::vector<Measured>& one, const std::vector<Measured>& two,
             const std::function<double(const Measured&)>& what) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(what(ours[i]) / std::min(what(one[i]), what(two[i])));
  return median(ratios);
}

void compare(const Shape& shape, std::size_t rounds) {
  std::vector<Measured> ours;
  std::vector<Measured> one;
  std::vector<Measured> two;
  for (std::size_t i = 0; i < rounds; ++i) {
    ours.push_back(leeward::bench::run_engine_once(shape));
    one.push_back(leeward::bench::run_tbb_once(shape, 1));
    two.push_back(leeward::bench::run_tbb_once(shape, 2));
  }
  std::printf("%s: %u tasks, %zu edges; ns a task\n", shape.name.c_str(), shape.size, shape.edges.size());
  std::printf("  %-14s %8s %8s %8s %10s %8s\n", "", "build", "run", "destroy", "all three", "bytes");
  print_row("leeward", ours, shape.size);
  print_row("oneTBB, 1 thr", one, shape.size);
  print_row("oneTBB, 2 thr", two, shape.size);
  std::printf("  leeward / best oneTBB: run %.2f, build+run+destroy %.2f\n\n",
              ratio(ours, one, two, [](const Measured& m) { return m.run_ns; }),
              ratio(ours, one, two, [](const Measured& m) { return m.total_ns(); }));
}

}  // namespace

int main(int argc, char** argv) {
  const int asked = argc > 1 ? std::atoi(argv[1]) : 7;
  const std::size_t rounds = static_cast<std::size_t>(std::max(asked, 7)) | 1u;  // odd: the median is one of them
  std::printf("engine_bench: %zu rounds, medians; %u processors\n\n", rounds, std::thread::hardware_concurrency());
  for (const Shape& shape : leeward::bench::all_shapes()) compare(shape, rounds);
  return 0;
}
