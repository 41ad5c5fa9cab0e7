#include "host/app/trigger_identity.hpp"

#include <catch2/catch.hpp>

#include "core/base/unique_id.hpp"

using namespace leeward;

namespace {

/// One execution of an attempt; a second one of the same, after a crash, is made from the same words.
struct Execution {
  explicit Execution(int try_number = 1, int map_index = -1) {
    task.id = "go";
    RunInfo info;
    info.run_id = unique_id(Timestamp{1'704'067'200'000'000'000}, {});
    call.run = std::make_shared<const RunInfo>(info);
    call.task = &task;
    call.try_number = try_number;
    call.map_index = map_index;
    call.counts = &counts;
  }
  TriggerIdentity ask(const std::string& dag, const std::string& run_id = "") {
    RunTrigger trigger;
    trigger.dag = dag;
    trigger.run_id = run_id;
    return identity_of(call, trigger, clock);
  }

  Task task;
  CallCounts counts;
  SystemClock clock;
  TaskCall call;
};

}  // namespace

TEST_CASE("An attempt that is started again asks for the run that it asked for before", "[host][app]") {
  const TriggerIdentity first = Execution{}.ask("child");
  const TriggerIdentity again = Execution{}.ask("child");
  CHECK(first.run_id == again.run_id);
  CHECK(first.triggered_by == again.triggered_by);
  CHECK(unique_id_time(first.run_id) == Timestamp{1'704'067'200'000'000'000});
}

TEST_CASE("Another try, instance, DAG or call asks for another run", "[host][app]") {
  Execution one;
  const std::string first = one.ask("child").run_id;
  CHECK(first != one.ask("child").run_id);
  CHECK(first != Execution{}.ask("other").run_id);
  CHECK(first != Execution{2}.ask("child").run_id);
  CHECK(first != Execution{1, 0}.ask("child").run_id);
  Execution later;
  later.call.reschedules = 1;
  CHECK(first != later.ask("child").run_id);
  Execution answered;
  answered.call.answer = Value{"1"};
  CHECK(first != answered.ask("child").run_id);
}

TEST_CASE("The order in which an attempt asks for runs of different DAGs does not matter", "[host][app]") {
  Execution one;
  const std::string a = one.ask("a").run_id;
  const std::string b = one.ask("b").run_id;
  Execution other;
  CHECK(other.ask("b").run_id == b);
  CHECK(other.ask("a").run_id == a);
}

TEST_CASE("An id that the DAG chose stays, and whose run it is stands in it", "[host][app]") {
  CHECK(Execution{}.ask("child", "mine").run_id == "mine");
  CHECK(Execution{}.ask("child", "mine").triggered_by == Execution{}.ask("child", "mine").triggered_by);
  CHECK(Execution{1}.ask("child", "mine").triggered_by != Execution{2}.ask("child", "mine").triggered_by);
}

TEST_CASE("A callback's run is always a new one", "[host][app]") {
  Execution callback;
  callback.call.of_run = false;
  const TriggerIdentity one = callback.ask("child");
  CHECK(one.triggered_by.empty());
  CHECK(one.run_id != callback.ask("child").run_id);
}
