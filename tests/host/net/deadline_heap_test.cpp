#include "host/net/deadline_heap.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using leeward::Deadline;
using leeward::DeadlineHeap;
using leeward::IoTime;

namespace {

IoTime at(int ms) { return IoTime(std::chrono::milliseconds(ms)); }

}  // namespace

TEST_CASE("DeadlineHeap gives deadlines earliest first, whatever was set, moved and erased", "[net]") {
  std::mt19937 random{7};
  const auto pick = [&](int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random); };
  std::vector<Deadline> entries(500);
  DeadlineHeap heap;
  for (auto& entry : entries) heap.set(entry, at(pick(1000)));
  for (int i = 0; i < 1000; ++i) heap.set(entries[static_cast<std::size_t>(pick(500))], at(pick(1000)));
  for (int i = 0; i < 200; ++i) heap.erase(entries[static_cast<std::size_t>(pick(500))]);

  std::vector<IoTime> expected;
  for (const auto& entry : entries) {
    if (entry.armed()) expected.push_back(entry.at);
  }
  std::sort(expected.begin(), expected.end());
  std::vector<IoTime> taken;
  while (!heap.empty()) {
    Deadline& entry = heap.earliest();
    taken.push_back(entry.at);
    heap.erase(entry);
    CHECK_FALSE(entry.armed());
  }
  CHECK(taken == expected);
}

TEST_CASE("DeadlineHeap ignores the erasing of an entry that is not in it", "[net]") {
  DeadlineHeap heap;
  Deadline in;
  Deadline out;
  heap.set(in, at(1));
  heap.erase(out);
  CHECK(heap.size() == 1);
  heap.erase(in);
  heap.erase(in);
  CHECK(heap.empty());
}
