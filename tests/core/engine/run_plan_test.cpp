#include "core/engine/run_plan.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "core/model/instance_name.hpp"
#include "tests/support/dag_of.hpp"

using namespace leeward;
using leeward::test::dag_of;
using leeward::test::Names;

namespace {

/// What the plan decided since the last call, "a run", in order.
Names decided(RunPlan& plan, const Dag& dag) {
  static constexpr const char* kWords[] = {"wait", "run", "skip", "upstream_failed", "remove"};
  Names result;
  for (RunPlan::Decision d; plan.take(d);) {
    const std::string who = instance_name(dag.task(d.task).id, d.map_index);
    result.push_back(who + " " + kWords[static_cast<int>(d.decision)]);
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
  plan.finish(dag->find("a"), -1, TaskState::success);
  CHECK(decided(plan, *dag).empty());
  plan.finish(dag->find("b"), -1, TaskState::success);
  CHECK(decided(plan, *dag) == Names{"c run"});
  CHECK_FALSE(plan.all_finished());
  plan.finish(dag->find("c"), -1, TaskState::success);
  CHECK(plan.all_finished());
  CHECK(plan.outcome() == RunState::success);
}

TEST_CASE("RunPlan decides a task once, however many upstreams would decide it again", "[engine]") {
  const auto dag = dag_of("a; b; c <- a b [one_success]; d <- a b");
  RunPlan plan{*dag};
  (void)decided(plan, *dag);
  plan.finish(dag->find("a"), -1, TaskState::failed);
  CHECK(decided(plan, *dag) == Names{"d upstream_failed"});
  plan.finish(dag->find("b"), -1, TaskState::success);
  CHECK(decided(plan, *dag) == Names{"c run"});
  plan.finish(dag->find("d"), -1, TaskState::upstream_failed);
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
  plan.choose(dag->find("choose"), -1, chosen);
  plan.finish(dag->find("choose"), -1, TaskState::success);
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
    plan.choose(dag->find("choose"), -1, chosen);
    plan.finish(dag->find("choose"), -1, TaskState::success);
    CHECK(decided(plan, *dag) == Names{"first run"});
  }
  SECTION("the chosen task is led to by the other") {
    RunPlan plan{*dag};
    (void)decided(plan, *dag);
    const TaskIndex chosen[] = {dag->find("second")};
    plan.choose(dag->find("choose"), -1, chosen);
    plan.finish(dag->find("choose"), -1, TaskState::success);
    CHECK(decided(plan, *dag) == Names{"first skip"});
  }
  SECTION("nothing is chosen") {
    RunPlan plan{*dag};
    (void)decided(plan, *dag);
    plan.choose(dag->find("choose"), -1, {});
    CHECK(decided(plan, *dag) == Names{"first skip", "second skip"});
  }
}

TEST_CASE("RunPlan waits for every instance of an expanded upstream, and for none once one has failed", "[engine]") {
  const auto dag = dag_of("each; after <- each; report <- each [all_done]");
  RunPlan plan{*dag};
  (void)decided(plan, *dag);
  const TaskIndex each = dag->find("each");
  plan.expand(each, 3);
  plan.finish(each, 0, TaskState::success);
  CHECK(decided(plan, *dag).empty());
  plan.finish(each, 1, TaskState::failed);
  CHECK(decided(plan, *dag) == Names{"after upstream_failed"});
  plan.finish(each, 2, TaskState::success);
  CHECK(decided(plan, *dag) == Names{"report run"});
  plan.finish(dag->find("after"), -1, TaskState::upstream_failed);
  CHECK_FALSE(plan.all_finished());
  plan.finish(dag->find("report"), -1, TaskState::success);
  CHECK(plan.all_finished());
}

TEST_CASE("A run is told by its leaves: a failed task in the middle does not fail it", "[engine]") {
  const auto dag = dag_of("work; clean <- work [all_done]");
  RunPlan plan{*dag};
  plan.finish(dag->find("work"), -1, TaskState::failed);
  SECTION("the leaf succeeds") {
    plan.finish(dag->find("clean"), -1, TaskState::success);
    CHECK(plan.outcome() == RunState::success);
  }
  SECTION("the leaf fails") {
    plan.finish(dag->find("clean"), -1, TaskState::failed);
    CHECK(plan.outcome() == RunState::failed);
  }
  SECTION("the leaf is upstream_failed") {
    plan.finish(dag->find("clean"), -1, TaskState::upstream_failed);
    CHECK(plan.outcome() == RunState::failed);
  }
  SECTION("the leaf is skipped") {
    plan.finish(dag->find("clean"), -1, TaskState::skipped);
    CHECK(plan.outcome() == RunState::success);
  }
}

namespace {

/// a -> [x -> y] -> z, with x and y in a group mapped over what `a` publishes.
std::shared_ptr<const Dag> with_mapped_group(const std::string& text, std::vector<TaskIndex> producers) {
  auto mapping = std::make_shared<Mapping>();
  mapping->keys.emplace_back().name = "item";
  if (!producers.empty()) mapping->reads.push_back({"list", std::move(producers)});
  Dag::Header header;
  header.groups.push_back({"g", "", {}, mapping});
  return dag_of(
      text,
      [](Task& t) {
        if (t.id != "x" && t.id != "y") return;
        t.group = t.mapped_group = GroupIndex{0};
      },
      std::move(header));
}

}  // namespace

TEST_CASE("In a mapped group each instance depends on its own index, outside on all", "[engine]") {
  const auto dag = with_mapped_group("a; x <- a; y <- x; z <- y", {TaskIndex{0}});
  const TaskIndex x = dag->find("x");
  const TaskIndex y = dag->find("y");
  RunPlan plan{*dag};
  CHECK(decided(plan, *dag) == Names{"a run"});
  CHECK_FALSE(plan.take_group().valid());
  plan.finish(dag->find("a"), -1, TaskState::success);
  CHECK(decided(plan, *dag).empty());
  REQUIRE(plan.take_group() == GroupIndex{0});
  CHECK(plan.expand_group(GroupIndex{0}, 2) == std::vector{true, true});
  CHECK(decided(plan, *dag) == Names{"x[0] run", "x[1] run"});
  plan.finish(x, 1, TaskState::success);
  CHECK(decided(plan, *dag) == Names{"y[1] run"});
  plan.finish(x, 0, TaskState::failed);
  CHECK(decided(plan, *dag) == Names{"y[0] upstream_failed"});
  plan.finish(y, 1, TaskState::success);
  CHECK(decided(plan, *dag).empty());
  plan.finish(y, 0, TaskState::upstream_failed);
  CHECK(decided(plan, *dag) == Names{"z upstream_failed"});
  plan.finish(dag->find("z"), -1, TaskState::upstream_failed);
  CHECK(plan.all_finished());
}

TEST_CASE("What comes from outside counts for every instance of a mapped group, with its own index", "[engine]") {
  //  a ------> x[k] --> y[k]
  //  b[0..2] -----------^
  const auto dag = with_mapped_group("a; b; x <- a; y <- x b [none_failed_min_one_success]", {TaskIndex{0}});
  const TaskIndex b = dag->find("b");
  const TaskIndex x = dag->find("x");
  RunPlan plan{*dag};
  plan.expand(b, 3);
  plan.finish(b, 0, TaskState::success);  // before there are instances
  plan.finish(dag->find("a"), -1, TaskState::success);
  REQUIRE(plan.take_group() == GroupIndex{0});
  (void)plan.expand_group(GroupIndex{0}, 3);
  (void)decided(plan, *dag);
  plan.finish(x, 0, TaskState::skipped);
  plan.finish(b, 1, TaskState::success);
  CHECK(decided(plan, *dag).empty());
  SECTION("the last from outside releases those whose own index is done") {
    plan.finish(b, 2, TaskState::success);
    CHECK(decided(plan, *dag) == Names{"y[0] run"});
    plan.finish(x, 2, TaskState::success);
    CHECK(decided(plan, *dag) == Names{"y[2] run"});
  }
  SECTION("the first failure outside decides for all") {
    plan.finish(b, 2, TaskState::failed);
    CHECK(decided(plan, *dag) == Names{"y[0] upstream_failed", "y[1] upstream_failed", "y[2] upstream_failed"});
  }
  SECTION("a failure of an own index decides for that one") {
    plan.finish(x, 1, TaskState::failed);
    CHECK(decided(plan, *dag) == Names{"y[1] upstream_failed"});
  }
}

TEST_CASE("A mapped group whose upstream fails ends as a whole, before it is expanded", "[engine]") {
  const auto dag = with_mapped_group("a; b; x <- a b; y <- x; z <- y", {TaskIndex{0}});
  RunPlan plan{*dag};
  (void)decided(plan, *dag);
  plan.finish(dag->find("b"), -1, TaskState::failed);
  CHECK(decided(plan, *dag) == Names{"x upstream_failed"});
  plan.finish(dag->find("x"), -1, TaskState::upstream_failed);
  CHECK(decided(plan, *dag) == Names{"y upstream_failed"});
  plan.finish(dag->find("a"), -1, TaskState::success);
  REQUIRE(plan.take_group().valid());
  CHECK(plan.expand_group(GroupIndex{0}, 3) == std::vector{false, false});
  plan.finish(dag->find("y"), -1, TaskState::upstream_failed);
  CHECK(decided(plan, *dag) == Names{"z upstream_failed"});
}

TEST_CASE("A choice within a mapped group is for its own index there", "[engine]") {
  const auto dag = with_mapped_group("x; y <- x; z <- x", {});
  RunPlan plan{*dag};
  REQUIRE(plan.take_group().valid());
  (void)plan.expand_group(GroupIndex{0}, 2);
  (void)decided(plan, *dag);
  plan.choose(dag->find("x"), 0, {});
  CHECK(decided(plan, *dag) == Names{"y[0] skip"});
  plan.finish(dag->find("x"), 0, TaskState::success);
  plan.choose(dag->find("x"), -1, {});
  CHECK(decided(plan, *dag) == Names{"z skip"});
  plan.finish(dag->find("x"), 1, TaskState::success);
  CHECK(decided(plan, *dag) == Names{"y[1] run"});
}

TEST_CASE("A short circuit skips all it leads to, or the direct ones, and never a teardown", "[engine]") {
  const auto dag = dag_of("a; b <- a; c <- b [all_done]; t <- c", [](Task& t) { t.is_teardown = t.id == "t"; });
  RunPlan plan{*dag};
  (void)decided(plan, *dag);
  SECTION("all") {
    plan.skip_below(dag->find("a"), -1, SkipDownstream::all);
    CHECK(decided(plan, *dag) == Names{"b skip", "c skip"});
  }
  SECTION("direct") {
    plan.skip_below(dag->find("a"), -1, SkipDownstream::direct);
    CHECK(decided(plan, *dag) == Names{"b skip"});
  }
}

TEST_CASE("A choice and a short circuit of one task both apply", "[engine]") {
  const auto dag = dag_of("a; b <- a; c <- a; d <- b [all_done]; e <- c [all_done]");
  RunPlan plan{*dag};
  (void)decided(plan, *dag);
  plan.choose(dag->find("a"), -1, std::vector{dag->find("b")});
  plan.skip_below(dag->find("a"), -1, SkipDownstream::all);
  CHECK(decided(plan, *dag) == Names{"c skip", "b skip", "d skip", "e skip"});
}

TEST_CASE("A setup above fails or skips a task at once, and keeps it waiting until it has succeeded", "[engine]") {
  const auto dag =
      dag_of("s; w1 <- s; w2 <- w1 [all_done]; w3 <- w1 [always]", [](Task& t) { t.is_setup = t.id == "s"; });
  RunPlan plan{*dag};
  CHECK(decided(plan, *dag) == Names{"s run", "w3 run"});  // which asks for nobody
  SECTION("failed") {
    plan.finish(dag->find("s"), -1, TaskState::failed);
    CHECK(decided(plan, *dag) == Names{"w1 upstream_failed", "w2 upstream_failed"});
  }
  SECTION("succeeded") {
    plan.finish(dag->find("s"), -1, TaskState::success);
    CHECK(decided(plan, *dag) == Names{"w1 run"});
    plan.finish(dag->find("w1"), -1, TaskState::failed);
    CHECK(decided(plan, *dag) == Names{"w2 run"});
  }
}
