#include "core/base/bounded_queue.hpp"

#include <atomic>
#include <memory>
#include <thread>

#include <catch2/catch.hpp>

using namespace leeward;
using namespace std::chrono_literals;

TEST_CASE("A BoundedQueue hands over in order and never holds more than its limit", "[base]") {
  BoundedQueue<int> queue(2);
  CHECK(queue.push(1));
  CHECK(queue.try_push(2));
  CHECK_FALSE(queue.try_push(3));
  CHECK(queue.size() == 2);
  CHECK(queue.pop() == 1);
  CHECK(queue.try_push(3));
  CHECK(queue.try_pop() == 2);
  CHECK(queue.try_pop() == 3);
  CHECK_FALSE(queue.try_pop());
}

TEST_CASE("A closed BoundedQueue lets out what is in it and nothing new in", "[base]") {
  BoundedQueue<std::unique_ptr<int>> queue(3);
  CHECK(queue.push(std::make_unique<int>(1)));
  queue.close();
  queue.close();
  CHECK(queue.closed());
  CHECK_FALSE(queue.push(std::make_unique<int>(2)));
  auto kept = std::make_unique<int>(3);
  CHECK_FALSE(queue.try_push(std::move(kept)));
  CHECK(kept);
  CHECK(**queue.pop() == 1);
  CHECK_FALSE(queue.pop());
  CHECK_FALSE(queue.pop_for(1h));
  CHECK(queue.pop_batch(10, 1h).empty());
}

TEST_CASE("A BoundedQueue stops waiting when the time is over", "[base]") {
  BoundedQueue<int> queue(1);
  CHECK_FALSE(queue.pop_for(1us));
  CHECK_FALSE(queue.pop_for(-1s));
  CHECK(queue.pop_batch(10, 1us).empty());
}

TEST_CASE("A BoundedQueue gives up many at once", "[base]") {
  BoundedQueue<int> queue(10);
  for (int i = 0; i < 5; ++i) queue.push(i);
  CHECK(queue.pop_batch(3, 1h) == std::vector{0, 1, 2});
  CHECK(queue.pop_batch(3, 1h) == std::vector{3, 4});
  CHECK(queue.size() == 0);
}

TEST_CASE("Closing a BoundedQueue wakes producers and consumers", "[base]") {
  BoundedQueue<int> full(1);
  BoundedQueue<int> empty(1);
  full.push(0);
  std::atomic<int> woken{0};
  std::thread producer([&] { woken += full.push(1) ? 0 : 1; });
  std::thread consumer([&] { woken += empty.pop() ? 0 : 1; });
  std::thread batcher([&] { woken += empty.pop_batch(4, 1h).empty() ? 1 : 0; });
  full.close();
  empty.close();
  producer.join(), consumer.join(), batcher.join();
  CHECK(woken == 3);
}

TEST_CASE("A BoundedQueue loses and doubles nothing between many threads", "[base]") {
  constexpr int kEach = 2000;
  BoundedQueue<int> queue(8);
  std::atomic<long> sum{0};
  std::atomic<int> taken{0};
  std::vector<std::thread> producers, consumers;
  for (int p = 0; p < 3; ++p) {
    producers.emplace_back([&, p] {
      for (int i = 0; i < kEach; ++i) queue.push(p * kEach + i);
    });
  }
  consumers.emplace_back([&] {
    while (const auto item = queue.pop()) sum += *item, ++taken;
  });
  consumers.emplace_back([&] {
    for (auto batch = queue.pop_batch(5, 1h); !batch.empty(); batch = queue.pop_batch(5, 1h)) {
      for (const int item : batch) sum += item, ++taken;
    }
  });
  for (auto& thread : producers) thread.join();
  queue.close();
  for (auto& thread : consumers) thread.join();
  constexpr long kCount = 3 * kEach;
  CHECK(taken == kCount);
  CHECK(sum == kCount * (kCount - 1) / 2);
}
