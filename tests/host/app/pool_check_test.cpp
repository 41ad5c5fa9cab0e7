#include "host/app/pool_check.hpp"

#include <catch2/catch.hpp>

#include "tests/support/dag_of.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

Dag dag_with(std::vector<std::pair<std::string, int>> pools_and_slots) {
  Dag::Header header;
  header.id = "d";
  std::vector<Task> tasks;
  for (const auto& [pool, slots] : pools_and_slots) {
    Task task;
    task.id = "t" + std::to_string(tasks.size());
    task.op = &scripted_info();
    task.pool_slots = slots;
    if (pool != "default_pool") {
      task.pool = static_cast<std::uint16_t>(header.pools.size());
      header.pools.push_back(pool);
    }
    tasks.push_back(std::move(task));
  }
  return Dag{std::move(header), std::move(tasks), {}};
}

std::vector<std::string> mistakes(const Dag& dag) {
  const PoolTable pools{{{"llm", {4, true}}, {"gpu", {1, true}}}};
  Errors errors;
  check_pools(dag, pools, {"gpu", "llm"}, errors);
  std::vector<std::string> messages;
  for (const Error& error : errors) messages.push_back(error.code + " " + error.message);
  return messages;
}

}  // namespace

TEST_CASE("A DAG whose pools are there and large enough has no mistakes", "[host][app]") {
  CHECK(mistakes(dag_with({{"default_pool", 1000}, {"llm", 4}, {"gpu", 1}})).empty());
}

TEST_CASE("A pool that the configuration lacks is told with the nearest guess and the key to add", "[host][app]") {
  const auto told = mistakes(dag_with({{"lmm", 1}}));
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("run.pool task \"t0\"") == 0);
  CHECK(told[0].find("did you mean \"llm\"?") != std::string::npos);
  CHECK(told[0].find(R"({"pools": {"lmm": 4}})") != std::string::npos);
}

TEST_CASE("Each task that asks for more slots than its pool has is told", "[host][app]") {
  const auto told = mistakes(dag_with({{"gpu", 2}, {"nowhere", 1}, {"llm", 5}}));
  REQUIRE(told.size() == 3);
  CHECK(told[0].find("run.pool_slots task \"t0\" asks for 2 slots of pool \"gpu\", which has 1") == 0);
  CHECK(told[1].find("\"nowhere\"") != std::string::npos);
  CHECK(told[2].find("\"t2\" asks for 5 slots") != std::string::npos);
}
