#include "core/engine/run_plan.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/dag_of.hpp"

using namespace leeward;
using leeward::test::dag_of;
using leeward::test::Names;

namespace {

/// What the plan decided since the last call, "a run", in order.
Names decided(RunPlan& plan, const Dag& dag) {
  static constexpr const char* kWords[] = {"wait", "run", "skip", "upstream_failed"};
  Names result;
  for (RunPlan::Decision d; plan.take(d);) {
    result.push_back(dag.task(d.task).id + " " + kWords[static_cast<int>(d.decision)]);
  }
  return result;
}

}  // namespace

TEST_CASE("RunPlan releases a task when its last upstream succeeds", "[engine]") {
  //  a --+--> c
  //  b --'
  const auto dag = dag_of("a; b; c <- a b");
  RunPlan plan{*dag};
  CHECK(decided(plan, *dag) == Names{"a run", "b run"});
  plan.finish(dag->find("a"), TaskState::success);
  CHECK(decided(plan, *dag).empty());
  plan.finish(dag->find("b"), TaskState::success);
  CHECK(decided(plan, *dag) == Names{"c run"});
  CHECK_FALSE(plan.all_finished());
  plan.finish(dag->find("c"), TaskState::success);
  CHECK(plan.all_finished());
  CHECK(plan.outcome() == RunState::success);
}

TEST_CASE("RunPlan decides a task once, however many upstreams would decide it again", "[engine]") {
  const auto dag = dag_of("a; b; c <- a b [one_success]; d <- a b");
  RunPlan plan{*dag};
  (void)decided(plan, *dag);
  plan.finish(dag->find("a"), TaskState::failed);
  CHECK(decided(plan, *dag) == Names{"d upstream_failed"});
  plan.finish(dag->find("b"), TaskState::success);
  CHECK(decided(plan, *dag) == Names{"c run"});
  plan.finish(dag->find("d"), TaskState::upstream_failed);
  CHECK(decided(plan, *dag).empty());
}

TEST_CASE("RunPlan starts a task under 'always' before its upstreams have ended", "[engine]") {
  const auto dag = dag_of("a; b <- a [always]");
  RunPlan plan{*dag};
  CHECK(decided(plan, *dag) == Names{"a run", "b run"});
}

TEST_CASE("RunPlan skips the ways that a branch did not choose", "[engine]") {
  //  choose -+-> left
  //          '-> right
  const auto dag = dag_of("choose; left <- choose; right <- choose");
  RunPlan plan{*dag};
  (void)decided(plan, *dag);
  const TaskIndex chosen[] = {dag->find("left")};
  plan.choose(dag->find("choose"), chosen);
  plan.finish(dag->find("choose"), TaskState::success);
  CHECK(decided(plan, *dag) == Names{"right skip", "left run"});
}

TEST_CASE("RunPlan does not skip what a chosen way leads to", "[engine]") {
  //  choose -+-> first --> second
  //          '-------------^
  const auto dag = dag_of("choose; first <- choose; second <- choose first");
  SECTION("the chosen task leads to the other") {
    RunPlan plan{*dag};
    (void)decided(plan, *dag);
    const TaskIndex chosen[] = {dag->find("first")};
    plan.choose(dag->find("choose"), chosen);
    plan.finish(dag->find("choose"), TaskState::success);
    CHECK(decided(plan, *dag) == Names{"first run"});
  }
  SECTION("the chosen task is led to by the other") {
    RunPlan plan{*dag};
    (void)decided(plan, *dag);
    const TaskIndex chosen[] = {dag->find("second")};
    plan.choose(dag->find("choose"), chosen);
    plan.finish(dag->find("choose"), TaskState::success);
    CHECK(decided(plan, *dag) == Names{"first skip"});
  }
  SECTION("nothing is chosen") {
    RunPlan plan{*dag};
    (void)decided(plan, *dag);
    plan.choose(dag->find("choose"), {});
    CHECK(decided(plan, *dag) == Names{"first skip", "second skip"});
  }
}

TEST_CASE("RunPlan waits for every instance of an expanded upstream, and for none once one has failed", "[engine]") {
  const auto dag = dag_of("each; after <- each; report <- each [all_done]");
  RunPlan plan{*dag};
  (void)decided(plan, *dag);
  const TaskIndex each = dag->find("each");
  plan.expand(each, 3);
  plan.finish(each, TaskState::success);
  CHECK(decided(plan, *dag).empty());
  plan.finish(each, TaskState::failed);
  CHECK(decided(plan, *dag) == Names{"after upstream_failed"});
  plan.finish(each, TaskState::success);
  CHECK(decided(plan, *dag) == Names{"report run"});
  plan.finish(dag->find("after"), TaskState::upstream_failed);
  CHECK_FALSE(plan.all_finished());
  plan.finish(dag->find("report"), TaskState::success);
  CHECK(plan.all_finished());
}

TEST_CASE("A run is told by its leaves: a failed task in the middle does not fail it", "[engine]") {
  const auto dag = dag_of("work; clean <- work [all_done]");
  RunPlan plan{*dag};
  plan.finish(dag->find("work"), TaskState::failed);
  SECTION("the leaf succeeds") {
    plan.finish(dag->find("clean"), TaskState::success);
    CHECK(plan.outcome() == RunState::success);
  }
  SECTION("the leaf fails") {
    plan.finish(dag->find("clean"), TaskState::failed);
    CHECK(plan.outcome() == RunState::failed);
  }
  SECTION("the leaf is upstream_failed") {
    plan.finish(dag->find("clean"), TaskState::upstream_failed);
    CHECK(plan.outcome() == RunState::failed);
  }
  SECTION("the leaf is skipped") {
    plan.finish(dag->find("clean"), TaskState::skipped);
    CHECK(plan.outcome() == RunState::success);
  }
}
