#include "core/engine/ready_queue.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

const ReadyQueue::Needs kNothing{};
const ReadyQueue::Needs kThread{0, 1, true, {}};

/// Everything that may start while there are so many threads.
std::vector<std::uint32_t> all_of(ReadyQueue& queue, std::size_t threads) {
  std::vector<std::uint32_t> order;
  queue.unblock();
  const auto admit = [&](const ReadyQueue::Needs& needs) { return !needs.thread || threads-- > 0; };
  while (const auto instance = queue.pop(admit)) order.push_back(instance->value);
  return order;
}

}  // namespace

TEST_CASE("The heaviest go first, and of one weight who came first, whatever they need", "[engine]") {
  ReadyQueue queue;
  queue.push(InstanceIndex{0}, 1, kNothing);
  queue.push(InstanceIndex{1}, 7, kThread);
  queue.push(InstanceIndex{2}, 1, kThread);
  queue.push(InstanceIndex{3}, 5, kNothing);
  queue.push(InstanceIndex{4}, 7, kThread);
  CHECK(all_of(queue, 9) == std::vector<std::uint32_t>{1, 4, 3, 0, 2});
  CHECK(queue.empty());
}

TEST_CASE("Who needs a thread waits for one and keeps nobody else waiting", "[engine]") {
  ReadyQueue queue;
  for (std::uint32_t i = 0; i < 3; ++i) queue.push(InstanceIndex{i}, 9, kThread);
  queue.push(InstanceIndex{3}, 1, kNothing);
  CHECK(all_of(queue, 1) == std::vector<std::uint32_t>{0, 3});
  CHECK_FALSE(queue.empty());
  CHECK(all_of(queue, 2) == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("Once a line was refused it is not asked again until something may have changed", "[engine]") {
  ReadyQueue queue;
  queue.push(InstanceIndex{0}, 1, kThread);
  int asked = 0;
  const auto refuse = [&](const ReadyQueue::Needs&) {
    ++asked;
    return false;
  };
  CHECK_FALSE(queue.pop(refuse));
  CHECK_FALSE(queue.pop(refuse));
  CHECK(asked == 1);
  queue.unblock();
  CHECK_FALSE(queue.pop(refuse));
  CHECK(asked == 2);
}

TEST_CASE("A weight that was used up may come again", "[engine]") {
  ReadyQueue queue;
  for (const int weight : {3, 3, 8, 3}) {
    queue.push(InstanceIndex{static_cast<std::uint32_t>(weight)}, weight, kNothing);
    CHECK(all_of(queue, 0) == std::vector{static_cast<std::uint32_t>(weight)});
  }
}
