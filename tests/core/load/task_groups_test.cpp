#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/core/load/sample_catalog.hpp"

using leeward::Dag;
using leeward::GroupIndex;
using leeward::Task;
using leeward::TaskIndex;
using leeward::TriggerRule;
using leeward::test::good;
using leeward::test::load;
using leeward::test::task;
using Names = std::vector<std::string>;

namespace {

Names ids(const Dag& dag, std::span<const TaskIndex> tasks) {
  Names names;
  for (const TaskIndex t : tasks) names.push_back(dag.task(t).id);
  return names;
}

Names upstream(const Dag& dag, std::string_view id) {
  REQUIRE(dag.find(id).valid());
  return ids(dag, dag.upstream(dag.find(id)));
}

/// An empty task, and more of its members.
std::string empty(const std::string& id, const std::string& group = "", const std::string& rest = "") {
  return R"({"task_id": ")" + id + R"(", "operator": "empty")" +
         (group.empty() ? "" : R"(, "group": ")" + group + '"') + (rest.empty() ? "" : ", ") + rest + "}";
}

std::string after(const std::string& id) { return R"("depends_on": [")" + id + "\"]"; }

/// A DAG of these tasks, and more of its members.
std::string dag_of(const std::vector<std::string>& tasks, const std::string& rest = "") {
  std::string text = R"({"dag_id": "d", "tasks": [)";
  for (const std::string& one : tasks) text += (text.back() == '[' ? "" : ",\n") + one;
  return text + "]" + (rest.empty() ? "" : ", ") + rest + "}";
}

Names groups(const Dag& dag) {
  Names names;
  for (const auto& group : dag.header().groups) {
    names.push_back(group.id + (group.parent.valid() ? " in " + dag.group(group.parent).id : ""));
  }
  return names;
}

}  // namespace

TEST_CASE("Tasks and groups have the ids of the groups around them in front", "[load]") {
  const auto dag = good(dag_of({empty("a", "inner"), empty("b", "outer"), empty("c", "flat"), empty("d", "nested")},
                               R"("groups": {"inner": {"group": "outer", "doc": "Within"}, "outer": {},
                                  "nested": {"group": "flat"}, "flat": {"group": "outer", "prefix_group_id": false}})"));
  CHECK(groups(*dag) == Names{"outer", "outer.inner in outer", "outer.flat in outer", "nested in outer.flat"});
  CHECK(ids(*dag, dag->topological_order()) == Names{"outer.inner.a", "outer.b", "c", "nested.d"});
  CHECK(dag->group(dag->find_group("outer.inner")).doc == "Within");
  CHECK(task(*dag, "outer.inner.a").group == dag->find_group("outer.inner"));
  CHECK(task(*dag, "c").group == dag->find_group("outer.flat"));
  CHECK(ids(*dag, dag->tasks_of(dag->find_group("outer"))) == Names{"outer.inner.a", "outer.b", "c", "nested.d"});
}

TEST_CASE("Groups may be named by their tasks alone where none is declared", "[load]") {
  const auto dag = good(dag_of({empty("a", "g"), empty("b", "x.y"), empty("a", "g.h"), empty("a")}));
  CHECK(groups(*dag) == Names{"g", "g.h in g", "x", "x.y in x"});
  CHECK(ids(*dag, dag->topological_order()) == Names{"g.a", "x.y.b", "g.h.a", "a"});
}

TEST_CASE("A declared group whose name is a path stands where the path says", "[load]") {
  const auto dag = good(dag_of({empty("t", "a.x"), empty("t", "b.x")}, R"("groups": {"a.x": {}, "a": {}, "b": {},
                                                                          "b.x": {"group": "b"}})"));
  CHECK(groups(*dag) == Names{"a", "a.x in a", "b", "b.x in b"});
  CHECK(ids(*dag, dag->topological_order()) == Names{"a.x.t", "b.x.t"});
}

TEST_CASE("default_args hold from the DAG inwards, key by key, and a task's own word is the last", "[load]") {
  const auto dag = good(
      dag_of({empty("a"), empty("b", "outer"), empty("c", "inner"), empty("d", "inner", R"("priority_weight": 9)")},
             R"("default_args": {"retries": 1, "priority_weight": 1, "retry_delay": 1},
                                  "groups": {"outer": {"default_args": {"retries": 2, "priority_weight": 2}},
                                             "inner": {"group": "outer", "default_args": {"priority_weight": 3}}})"));
  const auto told = [&](std::string_view id) {
    const Task& t = task(*dag, id);
    return std::vector<long>{t.retry.retries, t.priority_weight, long(t.retry.delay / std::chrono::seconds{1})};
  };
  CHECK(told("a") == std::vector<long>{1, 1, 1});
  CHECK(told("outer.b") == std::vector<long>{2, 2, 1});
  CHECK(told("outer.inner.c") == std::vector<long>{2, 3, 1});
  CHECK(told("outer.inner.d") == std::vector<long>{2, 9, 1});
}

TEST_CASE("An arrow to a group ends at its roots, and one from it begins at its leaves", "[load]") {
  //            g
  //  a --> [ b --> c ] --> e
  //        [   d     ]
  const auto dag = good(dag_of({empty("a"), empty("b", "g"), empty("c", "g", after("b")), empty("d", "g"), empty("e")},
                               R"("dependencies": ["a >> g >> e"])"));
  CHECK(upstream(*dag, "g.b") == Names{"a"});
  CHECK(upstream(*dag, "g.c") == Names{"g.b"});
  CHECK(upstream(*dag, "g.d") == Names{"a"});
  CHECK(upstream(*dag, "e") == Names{"g.c", "g.d"});
}

TEST_CASE("What a group begins and ends with takes the arrows of inner groups into account", "[load]") {
  //  outer: [ x: [ a b ] --> y: [ c d ] --> last ]      the arrow x >> y is written after those of outer
  const auto dag =
      good(dag_of({empty("z", "", after("outer")), empty("a", "outer.x"), empty("b", "outer.x"), empty("c", "outer.y"),
                   empty("d", "outer.y"), empty("last", "outer", after("y")), empty("first")},
                  R"("dependencies": ["first >> outer", "outer.x >> outer.y"])"));
  CHECK(upstream(*dag, "outer.x.a") == Names{"first"});
  CHECK(upstream(*dag, "outer.x.b") == Names{"first"});
  CHECK(upstream(*dag, "outer.y.c") == Names{"outer.x.a", "outer.x.b"});
  CHECK(upstream(*dag, "outer.y.d") == Names{"outer.x.a", "outer.x.b"});
  CHECK(upstream(*dag, "outer.last") == Names{"outer.y.c", "outer.y.d"});
  CHECK(upstream(*dag, "z") == Names{"outer.last"});
}

TEST_CASE("An arrow that leaves a group has no say in where the group ends", "[load]") {
  //  g: [ a --> b ]     b --> out --> back (in h, which g waits for nowhere)
  const auto dag = good(dag_of(
      {empty("a", "g"), empty("b", "g", after("a")), empty("out", "", after("g.a")), empty("end", "", after("g"))}));
  CHECK(upstream(*dag, "out") == Names{"g.a"});
  CHECK(upstream(*dag, "end") == Names{"g.b"});
}

TEST_CASE("depends_on looks for a name in the task's own group first, then outwards", "[load]") {
  const auto dag = good(dag_of({empty("a"), empty("a", "g"), empty("a", "g.h"), empty("b", "g.h", after("a")),
                                empty("c", "g", after("a")), empty("d", "", after("a")), empty("e", "g.h", after("c")),
                                empty("f", "g.h", after("g.a")), empty("x", "k.l"), empty("y", "k", after("l"))}));
  CHECK(upstream(*dag, "g.h.b") == Names{"g.h.a"});
  CHECK(upstream(*dag, "g.c") == Names{"g.a"});
  CHECK(upstream(*dag, "d") == Names{"a"});
  CHECK(upstream(*dag, "g.h.e") == Names{"g.c"});
  CHECK(upstream(*dag, "g.h.f") == Names{"g.a"});
  CHECK(upstream(*dag, "k.y") == Names{"k.l.x"});
}

TEST_CASE("A group depends on tasks and groups as a task does", "[load]") {
  const auto dag = good(dag_of({empty("a", "g"), empty("b", "h"), empty("c")},
                               R"("groups": {"g": {"depends_on": ["c"]}, "h": {"depends_on": ["g"]}})"));
  CHECK(upstream(*dag, "g.a") == Names{"c"});
  CHECK(upstream(*dag, "h.b") == Names{"g.a"});
}

TEST_CASE("A teardown is no leaf of its group: what it cleans up after is", "[load]") {
  const auto dag =
      good(dag_of({empty("s", "g"), empty("w", "g", after("s")), empty("v", "g", after("s")),
                   empty("t", "g", R"("teardown": "s", "depends_on": ["w", "v"])"),
                   empty("t2", "g", R"("teardown": true, "depends_on": ["t"])"), empty("end", "", after("g"))}));
  CHECK(upstream(*dag, "end") == Names{"g.w", "g.v"});
  CHECK(upstream(*dag, "g.t") == Names{"g.s", "g.w", "g.v"});
}

TEST_CASE("What has work after it in its group is no leaf, even if a teardown that is one follows it", "[load]") {
  //  g: [ a --> b,  a --> t (teardown) ]
  const auto dag =
      good(dag_of({empty("a", "g"), empty("b", "g", after("a")),
                   empty("t", "g", R"("teardown": true, "depends_on": ["a"])"), empty("end", "", after("g"))}));
  CHECK(upstream(*dag, "end") == Names{"g.b"});
}

TEST_CASE("A branch may choose a group whose roots are directly downstream", "[load]") {
  const auto dag = good(dag_of({R"({"task_id": "choose", "operator": "branch", "with": {"cases": [], "else": "g"}})",
                                empty("a", "g"), empty("b", "g", after("a")), empty("c", "g")},
                               R"("dependencies": ["choose >> g"])"));
  CHECK(ids(*dag, dag->roots_of(dag->find_group("g"))) == Names{"g.a", "g.c"});
  CHECK(upstream(*dag, "g.c") == Names{"choose"});
}

TEST_CASE("The tasks of a mapped group know its items, and the group knows who makes its lists", "[load]") {
  const auto echo = [](const std::string& id, const std::string& value, const std::string& rest) {
    return R"({"task_id": ")" + id + R"(", "operator": "echo", "with": {"value": ")" + value + "\"}" + rest + "}";
  };
  const auto dag = good(dag_of(
      {echo("list", "x", R"(, "output_key": "items")"),
       echo("a", "{item} {n}", R"(, "group": "in", "depends_on": ["list"], "output_key": "half")"),
       echo("b", "{half} {n}", R"(, "group": "g", "depends_on": ["in"])"),
       echo("all", "{half}", R"(, "depends_on": ["g"])")},
      R"("groups": {"g": {"expand": {"item": "{items}", "n": [1, 2]}, "max_map_length": 5}, "in": {"group": "g"}})"));
  const GroupIndex g = dag->find_group("g");
  const auto& mapping = dag->group(g).mapping;
  REQUIRE(mapping != nullptr);
  REQUIRE(mapping->keys.size() == 2);
  CHECK(mapping->keys[0].name == "item");
  CHECK(mapping->keys[1].name == "n");
  CHECK(mapping->max_length == 5);
  REQUIRE(mapping->reads.size() == 1);
  CHECK(mapping->reads[0].name == "items");
  CHECK(ids(*dag, mapping->reads[0].producers) == Names{"list"});
  CHECK(task(*dag, "g.in.a").mapped_group == g);
  CHECK(task(*dag, "g.b").mapped_group == g);
  CHECK_FALSE(task(*dag, "all").mapped_group.valid());
  CHECK(dag->group(dag->find_group("g.in")).mapping == nullptr);
  CHECK(ids(*dag, task(*dag, "g.b").reads[0].producers) == Names{"g.in.a"});
}

TEST_CASE("The members of expand_kwargs are a group's items; of objects that a run will know any may be", "[load]") {
  const std::string tasks = R"({"task_id": "a", "operator": "echo", "group": "g", "with": {"value": "{x} {y}"}})";
  CHECK(good(dag_of({tasks}, R"("groups": {"g": {"expand_kwargs": [{"x": 1, "y": 2}, {"x": 3}]}})"))->size() == 1);
  CHECK(good(dag_of({tasks}, R"("groups": {"g": {"expand_kwargs": "{params.list}"}})"))->size() == 1);
  CHECK(load(dag_of({tasks}, R"("groups": {"g": {"expand_kwargs": [{"x": 1}]}})")).errors.size() == 1);
}

TEST_CASE("Arrows between groups count as what they stand for", "[load]") {
  std::vector<std::string> tasks;
  for (int i = 0; i < 3'000; ++i) tasks.push_back(empty("t" + std::to_string(i), i % 2 == 0 ? "g" : "h"));
  const auto loaded = load(dag_of(tasks, R"("dependencies": ["g >> h"])"));
  REQUIRE(loaded.errors.size() == 1);
  CHECK(loaded.errors.front().code == "spec.limit");
}

TEST_CASE("Arrows from a large group to many tasks are refused together, at the first that is too many", "[load]") {
  std::vector<std::string> tasks;
  for (int i = 0; i < 10'000; ++i) tasks.push_back(empty("t" + std::to_string(i), "g"));
  for (int i = 0; i < 10'000; ++i) tasks.push_back(empty("d" + std::to_string(i), "", after("g")));
  const auto loaded = load(dag_of(tasks));
  REQUIRE(loaded.errors.size() == 1);
  CHECK(loaded.errors.front().code == "spec.limit");
  CHECK(loaded.errors.front().where.pointer == "/tasks/10100/depends_on/0");
}

TEST_CASE("Where a group ends is found out once, however many tasks come after it", "[load]") {
  //  g: [ c0 --> c1 --> ... ] --> d0, d1, ...
  constexpr int kTasks = 20'000;
  std::vector<std::string> tasks;
  for (int i = 0; i < kTasks; ++i) {
    tasks.push_back(empty("c" + std::to_string(i), "g", i == 0 ? "" : after("c" + std::to_string(i - 1))));
    tasks.push_back(empty("d" + std::to_string(i), "", after("g")));
  }
  const auto dag = good(dag_of(tasks));
  CHECK(upstream(*dag, "d0") == Names{"g.c19999"});
  CHECK(dag->downstream(dag->find("g.c19999")).size() == kTasks);
}

TEST_CASE("A branch may choose one large group in many cases", "[load]") {
  std::string cases;
  for (int i = 0; i < 5'000; ++i) cases += R"({"if": {"value": "{ds}", "equals": "x"}, "then": "g"}, )";
  std::vector<std::string> tasks{R"({"task_id": "choose", "operator": "branch", "with": {"cases": [)" + cases +
                                 R"({"if": {"value": "{ds}", "equals": "y"}, "then": "g"}]}})"};
  for (int i = 0; i < 20'000; ++i) tasks.push_back(empty("t" + std::to_string(i), "g"));
  CHECK(good(dag_of(tasks, R"("dependencies": ["choose >> g"])"))->size() == tasks.size());
  const auto loaded = load(dag_of(tasks, R"("dependencies": ["choose >> g.t0"])"));
  REQUIRE(loaded.errors.size() == 5'001);
  CHECK(loaded.errors.front().code == "spec.not_downstream");
}
