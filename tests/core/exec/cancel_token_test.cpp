#include "core/exec/cancel_token.hpp"

#include <memory>

#include <catch2/catch.hpp>

using namespace leeward;

TEST_CASE("A cancel token runs its callback once", "[exec]") {
  CancelToken token;
  int calls = 0;
  token.on_cancel([&] { ++calls; });
  CHECK_FALSE(token.cancelled());
  token.cancel();
  token.cancel();
  CHECK(token.cancelled());
  CHECK(calls == 1);
}

TEST_CASE("A callback that comes after the cancel runs at once", "[exec]") {
  CancelToken token;
  token.cancel();
  int calls = 0;
  token.on_cancel([&] { ++calls; });
  CHECK(calls == 1);
}

TEST_CASE("A replaced callback does not run", "[exec]") {
  CancelToken token;
  int first = 0;
  int second = 0;
  token.on_cancel([&] { ++first; });
  token.on_cancel([&] { ++second; });
  token.cancel();
  CHECK(first == 0);
  CHECK(second == 1);
}

TEST_CASE("A callback may replace itself and is freed with what it holds", "[exec]") {
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> watch = held;
  CancelToken token;
  token.on_cancel([&token, held = std::move(held)] { token.on_cancel(nullptr); });
  token.cancel();
  CHECK(watch.expired());
}
