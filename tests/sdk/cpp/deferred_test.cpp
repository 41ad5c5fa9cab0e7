#include <catch2/catch.hpp>
#include <leeward/testing/harness.hpp>

using namespace leeward::testing;

namespace {
const lw_plugin* plugin() { return lw_plugin_entry_v1(); }
}  // namespace

TEST_CASE("A deferred task is completed from another thread", "[sdk]") {
  const Result done = run(plugin(), "test.elsewhere");
  CHECK(done.code == LW_OK);
  CHECK(done.result == "\"elsewhere\"");
  CHECK(done.deferred);
  CHECK(done.problems.empty());
}

TEST_CASE("What is thrown in go_on() on a thread of the plugin's own ends the task", "[sdk]") {
  const Result done = run(plugin(), "test.elsewhere", R"({"throws": true})");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "test.thrown");
  CHECK(done.problems.empty());
}

TEST_CASE("A task may be completed before execute() has returned", "[sdk]") {
  const Result done = run(plugin(), "test.elsewhere", R"({"before_return": true})");
  CHECK(done.code == LW_OK);
  CHECK(done.result == "\"elsewhere\"");
  CHECK(done.problems.empty());
}

TEST_CASE("A deferred task that is dropped fails and says so", "[sdk]") {
  const Result done = run(plugin(), "test.drops");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "dropped");
  CHECK(done.problems.empty());
}

TEST_CASE("An exception that takes the Deferred with it is still what the task ends with", "[sdk]") {
  const Result done = run(plugin(), "test.drops", R"({"how": "throwing"})");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "test.thrown");
  CHECK(done.problems.empty());
}

TEST_CASE("A Deferred that is lost to an exception which the operator swallows fails the task", "[sdk]") {
  const Result done = run(plugin(), "test.drops", R"({"how": "swallowing"})");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "dropped");
  CHECK(done.problems.empty());
}

TEST_CASE("Cancelling a deferred task runs its callback, which may end it", "[sdk]") {
  Harness harness(plugin());
  harness.start("test.hangs");
  CHECK_FALSE(harness.is_over());
  harness.cancel();
  CHECK(harness.is_over());
  const Result done = harness.finish();
  CHECK(done.code == LW_CANCELLED);
  CHECK(done.logged("told to stop"));
  CHECK(done.problems.empty());
}

TEST_CASE("A task that is cancelled before it starts is told so at once", "[sdk]") {
  Harness harness(plugin());
  harness.cancel();
  const Result done = harness.run("test.hangs");
  CHECK(done.code == LW_CANCELLED);
}
