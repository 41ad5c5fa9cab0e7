#include "core/model/setup_scopes.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "core/model/dag.hpp"

using leeward::Dag;
using leeward::Task;
using leeward::TaskIndex;

namespace {

using Ids = std::vector<std::string>;

/// From lines like "s1 >> w1 >> t1": `s...` is a setup, `t...` a teardown, `t..._` one with on_failure_fail_dagrun.
Dag dag_of(const Ids& lines) {
  std::vector<Task> tasks;
  std::vector<Dag::Edge> edges;
  const auto index_of = [&](const std::string& id) {
    const auto found = std::find_if(tasks.begin(), tasks.end(), [&](const Task& task) { return task.id == id; });
    const auto index = static_cast<std::uint32_t>(found - tasks.begin());
    if (found == tasks.end()) {
      Task& task = tasks.emplace_back();
      task.id = id;
      task.is_setup = id.front() == 's';
      task.is_teardown = id.front() == 't';
      task.on_failure_fail_dagrun = id.back() == '_';
    }
    return TaskIndex{index};
  };
  for (const std::string& line : lines) {
    std::istringstream words{line};
    TaskIndex last;
    for (std::string word; words >> word;) {
      if (word == ">>") continue;
      const TaskIndex task = index_of(word);
      if (last.valid()) edges.push_back({last, task});
      last = task;
    }
  }
  return Dag{{"d", "", {}, {}, {}}, std::move(tasks), edges};
}

Ids ids(const Dag& dag, std::span<const TaskIndex> tasks) {
  Ids out;
  for (const TaskIndex t : tasks) out.push_back(dag.task(t).id);
  return out;
}

Ids setups_of(const Dag& dag, const std::string& id) { return ids(dag, dag.setups_of(dag.find(id))); }
Ids guarded_by(const Dag& dag, const std::string& id) { return ids(dag, dag.guarded_by(dag.find(id))); }

Ids deciding(const Dag& dag) {
  Ids out;
  for (TaskIndex t{0}; t.value < dag.size(); ++t.value) {
    if (dag.decides_run(t)) out.push_back(dag.task(t).id);
  }
  return out;
}

}  // namespace

TEST_CASE("A setup without a teardown guards all that is downstream of it, but for its direct downstreams", "[model]") {
  const Dag dag = dag_of({"s1 >> w1 >> w2 >> w3", "w2 >> t9", "x"});
  CHECK(setups_of(dag, "w1").empty());
  CHECK(setups_of(dag, "w2") == Ids{"s1"});
  CHECK(setups_of(dag, "w3") == Ids{"s1"});
  CHECK(setups_of(dag, "x").empty());
  CHECK(setups_of(dag, "t9").empty());
  CHECK(guarded_by(dag, "s1") == Ids{"w2", "w3"});
  CHECK(guarded_by(dag, "w1").empty());
}

TEST_CASE("A setup guards what lies between it and its teardowns only", "[model]") {
  //  s1 --> w1 --> w2 --> t1 --> w3 --> w4
  //   |             '---> w5      |
  //   '---------------------------'  (s1 >> t1)
  const Dag dag = dag_of({"s1 >> w1 >> w2 >> t1 >> w3 >> w4", "s1 >> t1", "w2 >> w5"});
  CHECK(setups_of(dag, "w2") == Ids{"s1"});
  CHECK(setups_of(dag, "w3").empty());
  CHECK(setups_of(dag, "w4").empty());
  CHECK(setups_of(dag, "w5").empty());
  CHECK(guarded_by(dag, "s1") == Ids{"w2"});
}

TEST_CASE("A teardown further down that is not a setup's own does not end what it guards", "[model]") {
  const Dag dag = dag_of({"s1 >> w1 >> w2 >> t1 >> w3"});
  CHECK(guarded_by(dag, "s1") == Ids{"w2", "w3"});
}

TEST_CASE("Setups within each other guard the innermost tasks together, in spec order", "[model]") {
  const Dag dag = dag_of({"s1 >> s2 >> w1 >> w2 >> t2 >> t1", "s2 >> t2", "s1 >> t1"});
  CHECK(setups_of(dag, "s2").empty());
  CHECK(setups_of(dag, "w1") == Ids{"s1"});
  CHECK(setups_of(dag, "w2") == Ids{"s1", "s2"});
  CHECK(guarded_by(dag, "s1") == Ids{"w1", "w2"});
  CHECK(guarded_by(dag, "s2") == Ids{"w2"});
}

TEST_CASE("A task directly downstream of a setup is not its indirect downstream as well", "[model]") {
  const Dag dag = dag_of({"s1 >> w1 >> w2", "s1 >> w2"});
  CHECK(setups_of(dag, "w2").empty());
}

TEST_CASE("A run ends as its leaves end, teardowns left out unless they say otherwise", "[model]") {
  const std::vector<std::pair<Ids, Ids>> cases{
      {{"s1 >> w1 >> t1"}, {"w1"}},
      {{"s1 >> w1 >> t1", "s1 >> t1"}, {"w1"}},
      {{"s1 >> w1"}, {"w1"}},
      {{"s1 >> w1 >> t1_"}, {"t1_"}},
      {{"s1 >> w1 >> t1_", "s1 >> t1_"}, {"t1_"}},
      {{"s1 >> w1 >> t1_ >> w2", "s1 >> t1_"}, {"w2"}},
      {{"s1 >> w1 >> t1 >> w2"}, {"w1", "w2"}},
      {{"w1 >> t1_ >> t2"}, {"t1_"}},
      {{"w1 >> t1 >> t2_"}, {"w1", "t2_"}},
      {{"w1 >> w2", "w3"}, {"w2", "w3"}},
      {{"t1 >> t2"}, {"t2"}},
  };
  for (const auto& [lines, expected] : cases) {
    CAPTURE(lines);
    CHECK(deciding(dag_of(lines)) == expected);
  }
}
