#include "core/exec/call_counts.hpp"

#include <memory>

#include <catch2/catch.hpp>

#include "core/exec/operator.hpp"
#include "tests/support/scripted_operator.hpp"

using namespace leeward;

namespace {

struct Plain final : Attempt {
  Plain(TaskCall call, CancelToken& cancel, AttemptListener& listener) : Attempt(std::move(call), cancel, listener) {}
  void complete(TaskOutcome) override {}
};

}  // namespace

TEST_CASE("A call's ordinal counts only those before it that ask the same", "[core][exec]") {
  CallCounts counts;
  CHECK(counts.take("a").ordinal() == 0);
  CHECK(counts.take("b").ordinal() == 0);
  CHECK(counts.take("a").ordinal() == 1);
  CHECK(counts.take("a").ordinal() == 2);
  CHECK(counts.take("b").ordinal() == 1);
}

TEST_CASE("The place of a call that was not made is the next one's", "[core][exec]") {
  auto counts = std::make_unique<CallCounts>();
  CallCounts::Place first = counts->take("a");
  CHECK(counts->take("a").ordinal() == 1);
  first.give_back();
  CHECK(counts->take("a").ordinal() == 0);
  CHECK(counts->take("a").ordinal() == 2);
  counts.reset();
  first.give_back();  // whoever still holds a place may outlive the attempt
}

TEST_CASE("What an attempt hands on counts with it", "[core][exec]") {
  CancelToken cancel;
  test::RecordingListener listener;
  const Plain one{{}, cancel, listener};
  const Plain other{{}, cancel, listener};
  const Plain called{one.call(), cancel, listener};
  REQUIRE(one.call().counts != nullptr);
  CHECK(called.call().counts == one.call().counts);
  CHECK(other.call().counts != one.call().counts);
}
