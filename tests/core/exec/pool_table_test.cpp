#include "core/exec/pool_table.hpp"

#include <catch2/catch.hpp>

using namespace leeward;

TEST_CASE("Slots are taken all or none, and come back", "[exec]") {
  PoolTable pools({{"llm", {3, true}}});
  CHECK(pools.take("llm", 2));
  CHECK_FALSE(pools.take("llm", 2));
  CHECK(pools.take("llm", 1));
  pools.give_back("llm", 2);
  CHECK(pools.take("llm", 2));
}

TEST_CASE("A pool that is not configured limits nothing", "[exec]") {
  PoolTable pools;
  CHECK(pools.find("default_pool") == nullptr);
  for (int i = 0; i < 1000; ++i) REQUIRE(pools.take("default_pool", 100));
  pools.give_back("default_pool", 1);
}

TEST_CASE("Who listens is told of freed slots until it stops listening", "[exec]") {
  PoolTable pools({{"llm", {1, true}}});
  int told = 0;
  const std::size_t listener = pools.listen([&] { ++told; });
  REQUIRE(pools.take("llm", 1));
  CHECK(told == 0);
  pools.give_back("llm", 1);
  CHECK(told == 1);
  pools.stop_listening(listener);
  REQUIRE(pools.take("llm", 1));
  pools.give_back("llm", 1);
  CHECK(told == 1);
}
