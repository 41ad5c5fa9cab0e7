#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/dag_of.hpp"

using namespace leeward;
using leeward::test::dag_of;
using leeward::test::names;
using leeward::test::Names;

namespace {

TaskGroup group(std::string id, GroupIndex parent = {}) { return {std::move(id), "", parent, {}}; }

/// outer { inner { deep } empty } other
std::shared_ptr<const Dag> nested() {
  Dag::Header header;
  header.groups = {group("outer"), group("inner", GroupIndex{0}), group("other"), group("empty", GroupIndex{0}),
                   group("deep", GroupIndex{1})};
  const std::vector<std::pair<std::string, std::string>> stands_in = {
      {"a", "deep"}, {"b", "outer"}, {"d", "inner"}, {"e", "other"}, {"f", "deep"}};
  const auto put = [&](Task& task) {
    for (const auto& [id, where] : stands_in) {
      for (std::uint32_t g = 0; g < header.groups.size(); ++g) {
        if (task.id == id && header.groups[g].id == where) task.group = GroupIndex{g};
      }
    }
  };
  return dag_of("a; b; c; d <- c a; e; f <- b", put, header);
}

}  // namespace

TEST_CASE("A group's tasks are those of the groups in it as well, in spec order", "[model]") {
  const auto dag = nested();
  const auto tasks = [&](std::string_view id) { return names(*dag, dag->tasks_of(dag->find_group(id))); };
  CHECK(tasks("outer") == Names{"a", "b", "d", "f"});
  CHECK(tasks("inner") == Names{"a", "d", "f"});
  CHECK(tasks("deep") == Names{"a", "f"});
  CHECK(tasks("other") == Names{"e"});
  CHECK(tasks("empty").empty());
}

TEST_CASE("A task is in a group if it stands in it or in one within it", "[model]") {
  const auto dag = nested();
  for (const TaskGroup& group : dag->header().groups) {
    const GroupIndex index = dag->find_group(group.id);
    const Names members = names(*dag, dag->tasks_of(index));
    for (TaskIndex t{0}; t.value < dag->size(); ++t.value) {
      const std::string& id = dag->task(t).id;
      INFO(id << " in " << group.id);
      CHECK(dag->is_in(t, index) == (std::count(members.begin(), members.end(), id) == 1));
    }
  }
}

TEST_CASE("The roots of a group are those that wait for nobody in it", "[model]") {
  const auto dag = nested();
  const auto roots = [&](std::string_view id) { return names(*dag, dag->roots_of(dag->find_group(id))); };
  CHECK(roots("outer") == Names{"a", "b"});
  CHECK(roots("inner") == Names{"a", "f"});
  CHECK_FALSE(dag->find_group("nowhere").valid());
}
