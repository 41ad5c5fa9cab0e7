#include "core/model/dag.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using leeward::Dag;
using leeward::Task;
using leeward::TaskIndex;

namespace {

std::vector<Task> tasks_named(const std::vector<std::string>& ids) {
  std::vector<Task> tasks(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) tasks[i].id = ids[i];
  return tasks;
}

Dag::Edge edge(std::uint32_t from, std::uint32_t to) { return {TaskIndex{from}, TaskIndex{to}}; }

std::vector<std::uint32_t> numbers(std::span<const TaskIndex> indexes) {
  std::vector<std::uint32_t> out;
  for (const TaskIndex i : indexes) out.push_back(i.value);
  return out;
}

using Numbers = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("A Dag knows the neighbours of every task, in spec order", "[model]") {
  //  0 --+--> 3
  //  1 --+--> 2
  const Dag dag{
      {"d", "", {}, {}, {}}, tasks_named({"a", "b", "c", "d"}), {edge(1, 3), edge(1, 2), edge(0, 3), edge(0, 2)}};
  CHECK(numbers(dag.downstream(TaskIndex{0})) == Numbers{2, 3});
  CHECK(numbers(dag.downstream(TaskIndex{1})) == Numbers{2, 3});
  CHECK(numbers(dag.upstream(TaskIndex{3})) == Numbers{0, 1});
  CHECK(dag.upstream(TaskIndex{0}).empty());
  CHECK(dag.downstream(TaskIndex{3}).empty());
}

TEST_CASE("A Dag's topological order puts upstreams first and keeps spec order otherwise", "[model]") {
  //  3 --> 0      1      2 --> 1
  const Dag dag{{"d", "", {}, {}, {}}, tasks_named({"a", "b", "c", "d"}), {edge(3, 0), edge(2, 1)}};
  CHECK(numbers(dag.topological_order()) == Numbers{2, 1, 3, 0});
}

TEST_CASE("A Dag finds tasks by id, also after it was moved", "[model]") {
  Dag first{{"d", "", {}, {}, {}}, tasks_named({"a", "b"}), {edge(0, 1)}};
  const Dag dag{std::move(first)};
  CHECK(dag.find("b").value == 1);
  CHECK_FALSE(dag.find("c").valid());
  CHECK(dag.task(dag.find("a")).id == "a");
}

TEST_CASE("A Dag may be empty of edges and of tasks", "[model]") {
  const Dag dag{{"d", "", {}, {}, {}}, {}, {}};
  CHECK(dag.size() == 0);
  CHECK(dag.topological_order().empty());
}
