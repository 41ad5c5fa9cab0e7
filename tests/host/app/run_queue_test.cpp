#include "host/app/run_queue.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

using Ids = std::vector<std::string>;

void add(RunQueue& queue, const std::string& run_id, const std::string& dag_id, std::size_t max_active_runs = 0,
         int depth = 1) {
  REQUIRE(queue.add({run_id, dag_id, depth, max_active_runs}));
}

Ids take_all(RunQueue& queue) {
  Ids ids;
  while (auto id = queue.take_next()) ids.push_back(*std::move(id));
  return ids;
}

}  // namespace

TEST_CASE("RunQueue starts runs in order, and a full DAG keeps nobody else waiting", "[host][app]") {
  RunQueue queue{{32, 100}};
  add(queue, "a1", "a", 1);
  add(queue, "a2", "a", 1);
  add(queue, "b1", "b");
  add(queue, "a3", "a", 1);
  CHECK(take_all(queue) == Ids{"a1", "b1"});
  CHECK(queue.queued() == 2);
  queue.remove("b1");
  CHECK(take_all(queue).empty());
  queue.remove("a1");
  CHECK(take_all(queue) == Ids{"a2"});
  queue.remove("a2");
  CHECK(take_all(queue) == Ids{"a3"});
  queue.remove("a3");
  CHECK_FALSE(queue.contains("a3"));
}

TEST_CASE("RunQueue counts each depth for itself", "[host][app]") {
  RunQueue queue{{2, 100}};
  for (const char* id : {"r1", "r2", "r3"}) add(queue, id, "a");
  for (const char* id : {"s1", "s2", "s3"}) add(queue, id, "a", 0, 2);
  CHECK(take_all(queue) == Ids{"r1", "r2", "s1", "s2"});
  queue.remove("s1");
  CHECK(take_all(queue) == Ids{"s3"});
  queue.remove("r2");
  CHECK(take_all(queue) == Ids{"r3"});
}

TEST_CASE("RunQueue counts a DAG's active runs over all depths, and goes on with the one that came first",
          "[host][app]") {
  RunQueue queue{{32, 100}};
  add(queue, "r1", "a", 1, 1);
  add(queue, "s1", "a", 1, 2);
  add(queue, "r2", "a", 1, 1);
  CHECK(take_all(queue) == Ids{"r1"});
  queue.remove("r1");
  CHECK(take_all(queue) == Ids{"s1"});
  queue.remove("s1");
  CHECK(take_all(queue) == Ids{"r2"});
}

TEST_CASE("RunQueue lets active runs count that never stood in line", "[host][app]") {
  RunQueue queue{{32, 100}};
  queue.set_elsewhere("a", 1);
  add(queue, "r1", "a", 2);
  add(queue, "r2", "a", 2);
  CHECK(take_all(queue) == Ids{"r1"});
  queue.set_elsewhere("a", 0);
  CHECK(take_all(queue) == Ids{"r2"});
}

TEST_CASE("A run that leaves the line is never taken, and the next one moves up", "[host][app]") {
  RunQueue queue{{32, 100}};
  for (const char* id : {"r1", "r2", "r3"}) add(queue, id, "a", 1);
  queue.remove("r1");
  CHECK_FALSE(queue.contains("r1"));
  CHECK(take_all(queue) == Ids{"r2"});
  queue.remove("r3");
  queue.remove("r2");
  CHECK(take_all(queue).empty());
  queue.remove("never here");
}

TEST_CASE("A DAG's max_active_runs is the one that its last trigger has read", "[host][app]") {
  RunQueue queue{{32, 100}};
  add(queue, "r1", "a", 1);
  add(queue, "r2", "a", 1);
  CHECK(take_all(queue) == Ids{"r1"});
  add(queue, "r3", "a", 3);
  CHECK(take_all(queue) == Ids{"r2", "r3"});
}

TEST_CASE("RunQueue has an end, and active runs do not stand in it", "[host][app]") {
  RunQueue queue{{1, 2}};
  add(queue, "r1", "a");
  CHECK(take_all(queue) == Ids{"r1"});
  add(queue, "r2", "a");
  add(queue, "r3", "b");
  const Status refused = queue.add({"r4", "c", 1, 0});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "run.too_many");
  CHECK_FALSE(queue.contains("r4"));
  queue.remove("r2");
  add(queue, "r4", "c");
}

TEST_CASE("RunQueue gives the place of a run that rests to others, and lets it go on in its turn", "[host][app]") {
  RunQueue queue{{2, 100}};
  for (const char* id : {"r1", "r2", "r3", "r4"}) add(queue, id, "a", 4);
  CHECK(take_all(queue) == Ids{"r1", "r2"});
  CHECK(queue.crowded(1));
  queue.rest("r1");
  CHECK_FALSE(queue.crowded(1));
  CHECK(take_all(queue) == Ids{"r3"});
  queue.wake("r1");
  queue.wake("r1");
  queue.wake("r2");  // it does not rest
  queue.rest("r2");
  CHECK(take_all(queue) == Ids{"r4"});
  CHECK(queue.crowded(1));
  queue.rest("r4");
  CHECK(take_all(queue) == Ids{"r1"});
  CHECK_FALSE(queue.crowded(1));
}

TEST_CASE("RunQueue counts a run that rests as an active one of its DAG", "[host][app]") {
  RunQueue queue{{2, 100}};
  for (const char* id : {"r1", "r2"}) add(queue, id, "a", 1);
  CHECK(take_all(queue) == Ids{"r1"});
  queue.rest("r1");
  CHECK(take_all(queue).empty());
  queue.wake("r1");
  queue.remove("r1");
  CHECK(take_all(queue) == Ids{"r2"});
}
