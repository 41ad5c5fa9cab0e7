#include "core/engine/admission.hpp"

#include <catch2/catch.hpp>

#include "tests/support/dag_of.hpp"
#include "tests/support/simulated_executor.hpp"

using namespace leeward;
using leeward::test::dag_of;
using leeward::test::FakeClock;
using leeward::test::SimulatedExecutor;

namespace {

const OperatorInfo& inline_info() {
  static const OperatorInfo kInfo = [] {
    OperatorInfo info;
    info.name = "inline";
    info.traits.inline_execution = true;
    return info;
  }();
  return kInfo;
}

void needs_no_thread(Task& task) { task.op = &inline_info(); }

void may_run_once(Task& task) {
  needs_no_thread(task);
  task.max_active_tis_per_dagrun = 1;
}

bool may_refuse(const std::shared_ptr<const Dag>& dag, std::size_t max_active = 0) {
  FakeClock clock;
  SimulatedExecutor executor(clock, [](const TaskCall&) { return SimulatedExecutor::Step{}; });
  return Admission(*dag, executor, nullptr, max_active).may_refuse();
}

}  // namespace

TEST_CASE("A task that has one instance is never refused by its own limit", "[engine]") {
  CHECK_FALSE(may_refuse(dag_of("a; b <- a", may_run_once)));
}

TEST_CASE("The instances of a mapped task wait for each other if it limits them", "[engine]") {
  const auto mapping = std::make_shared<Mapping>();
  const auto map = [&](Task& task) { task.mapping = mapping; };
  CHECK_FALSE(may_refuse(dag_of("a", [&](Task& task) { needs_no_thread(task), map(task); })));
  CHECK(may_refuse(dag_of("a", [&](Task& task) { may_run_once(task), map(task); })));
}

TEST_CASE("So do the instances of a task in a mapped group", "[engine]") {
  Dag::Header header;
  header.groups.push_back({"g", "", {}, std::make_shared<Mapping>()});
  const auto into_group = [](Task& task) {
    may_run_once(task);
    task.group = task.mapped_group = GroupIndex{0};
  };
  CHECK(may_refuse(dag_of("a", into_group, header)));
}

TEST_CASE("A limit of the caller's or of the DAG holds for everybody", "[engine]") {
  CHECK_FALSE(may_refuse(dag_of("a", needs_no_thread)));
  CHECK(may_refuse(dag_of("a", needs_no_thread), 1));
  Dag::Header header;
  header.max_active_tasks = 1;
  CHECK(may_refuse(dag_of("a", needs_no_thread, header)));
}
