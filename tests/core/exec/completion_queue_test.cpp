#include "core/exec/completion_queue.hpp"

#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

Completion ended(int try_number) {
  Completion completion;
  completion.try_number = try_number;
  return completion;
}

struct RungQueue {
  RungQueue() {
    queue.on_ring([this] { ++rings; });
    queue.adopt_thread();
  }
  CompletionQueue queue;
  int rings = 0;
};

}  // namespace

TEST_CASE("Who ends on the engine's own thread rings nobody, who ends on another one does", "[core][exec]") {
  RungQueue test;
  test.queue.push(ended(1));
  CHECK(test.rings == 0);
  std::thread{[&] { test.queue.push(ended(2)); }}.join();
  CHECK(test.rings == 1);
  std::vector<Completion> taken;
  REQUIRE(test.queue.take(taken));
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].try_number == 1);
  CHECK(taken[1].try_number == 2);
  CHECK_FALSE(test.queue.take(taken));
}

TEST_CASE("A thread that leaves a queue with something in it rings for whoever comes next", "[core][exec]") {
  RungQueue test;
  test.queue.leave_thread();
  CHECK(test.rings == 0);
  test.queue.adopt_thread();
  test.queue.push(ended(1));
  test.queue.leave_thread();
  CHECK(test.rings == 1);
  std::vector<Completion> taken;
  std::thread{[&] {
    test.queue.adopt_thread();
    test.queue.take(taken);
  }}.join();
  CHECK(taken.size() == 1);
}

TEST_CASE("Once its thread has left, a queue rings for everybody", "[core][exec]") {
  RungQueue test;
  test.queue.leave_thread();
  test.queue.push(ended(1));
  CHECK(test.rings == 1);
}
