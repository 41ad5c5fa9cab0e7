#include "core/engine/ready_queue.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

std::vector<std::uint32_t> all_of(ReadyQueue& queue, std::size_t& free_threads) {
  std::vector<std::uint32_t> order;
  while (queue.has_one(free_threads)) order.push_back(queue.pop(free_threads).value);
  return order;
}

}  // namespace

TEST_CASE("The heaviest go first, and of one weight who came first", "[engine]") {
  ReadyQueue queue;
  std::size_t threads = 9;
  queue.push(InstanceIndex{0}, 1, false);
  queue.push(InstanceIndex{1}, 7, true);
  queue.push(InstanceIndex{2}, 1, false);
  queue.push(InstanceIndex{3}, 5, false);
  queue.push(InstanceIndex{4}, 7, true);
  CHECK(all_of(queue, threads) == std::vector<std::uint32_t>{1, 4, 3, 0, 2});
  CHECK(threads == 7);
  CHECK(queue.empty());
}

TEST_CASE("Who needs a thread waits for one and keeps nobody else waiting", "[engine]") {
  ReadyQueue queue;
  std::size_t threads = 1;
  for (std::uint32_t i = 0; i < 3; ++i) queue.push(InstanceIndex{i}, 9, true);
  queue.push(InstanceIndex{3}, 1, false);
  CHECK(all_of(queue, threads) == std::vector<std::uint32_t>{0, 3});
  CHECK_FALSE(queue.empty());
  threads = 2;
  CHECK(all_of(queue, threads) == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("A weight that was used up may come again", "[engine]") {
  ReadyQueue queue;
  std::size_t threads = 0;
  for (const int weight : {3, 3, 8, 3}) {
    queue.push(InstanceIndex{static_cast<std::uint32_t>(weight)}, weight, false);
    CHECK(queue.pop(threads).value == static_cast<std::uint32_t>(weight));
    CHECK_FALSE(queue.has_one(threads));
  }
}
