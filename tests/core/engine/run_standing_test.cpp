#include "core/engine/run_standing.hpp"

#include <map>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/dag_of.hpp"
#include "tests/support/fake_clock.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

/// Writes a history, one event a second.
class History {
 public:
  History() { add(EventKind::run_started); }

  Event& add(EventKind kind) {
    Event& event = events_.emplace_back();
    event.sequence = events_.size() - 1;
    event.at.unix_ns = FakeClock::kStart.unix_ns + Duration{1s}.count() * static_cast<std::int64_t>(event.sequence);
    event.kind = kind;
    return event;
  }
  /// Of the instance with that number, by its task and map index.
  Event& to(TaskState state, int try_number, std::uint32_t instance = 0, TaskIndex task = {0}, int map_index = -1) {
    Event& event = add(EventKind::task_transition);
    event.from = std::exchange(states_[instance], state);
    event.to = state;
    event.try_number = static_cast<std::uint16_t>(try_number);
    event.instance = InstanceIndex{instance};
    event.task = task;
    event.map_index = map_index;
    return event;
  }
  void start(int try_number, std::uint32_t instance = 0, int map_index = -1) {
    to(TaskState::scheduled, try_number - 1, instance, {0}, map_index);
    to(TaskState::queued, try_number - 1, instance, {0}, map_index);
    to(TaskState::running, try_number, instance, {0}, map_index);
  }
  void clear(std::uint32_t instance = 0) {
    add(EventKind::task_cleared).task = TaskIndex{0};
    states_[instance] = TaskState::none;
  }
  void expand(std::uint32_t first, std::uint32_t count) {
    Event& event = add(EventKind::task_expanded);
    event.task = TaskIndex{0};
    event.instance = InstanceIndex{first};
    event.count = count;
  }
  [[nodiscard]] RunStanding::Instance first(const Dag& dag) const {
    return RunStanding::of(dag, events_).value().instances().front();
  }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }

 private:
  std::vector<Event> events_;
  std::map<std::uint32_t, TaskState> states_;
};

}  // namespace

TEST_CASE("RunStanding tells of each instance its try, and whether the next start keeps it", "[engine]") {
  const auto dag = dag_of("a; b");
  History history;
  history.start(1);
  CHECK(history.first(*dag).state == TaskState::running);
  CHECK_FALSE(history.first(*dag).keeps_try);
  history.to(TaskState::up_for_retry, 1).delay = 30s;
  CHECK_FALSE(history.first(*dag).keeps_try);
  CHECK(history.first(*dag).delay == 30s);
  CHECK(history.first(*dag).since == history.events().back().at);
  history.start(2);
  history.to(TaskState::up_for_reschedule, 2);
  CHECK(history.first(*dag).keeps_try);
  CHECK(history.first(*dag).reschedules == 1);
  history.to(TaskState::scheduled, 2);
  history.to(TaskState::queued, 2);
  history.to(TaskState::running, 2);
  CHECK_FALSE(history.first(*dag).keeps_try);
  history.to(TaskState::scheduled, 2);  // the process ended
  CHECK(history.first(*dag).keeps_try);
  CHECK(history.first(*dag).try_number == 2);
  CHECK(history.first(*dag).starts == 3);
  CHECK(history.first(*dag).first_start == history.events()[3].at);
}

TEST_CASE("RunStanding keeps an answer for the try that asked, and no longer", "[engine]") {
  const auto dag = dag_of("a");
  History history;
  history.start(1);
  history.to(TaskState::awaiting_input, 1);
  CHECK_FALSE(history.first(*dag).answer);
  const auto answer = std::make_shared<const TaskOutcome>();
  history.to(TaskState::scheduled, 1).outcome = answer;
  CHECK(history.first(*dag).answer == answer);
  history.to(TaskState::queued, 1);
  history.to(TaskState::running, 1);
  history.to(TaskState::scheduled, 1);
  CHECK(history.first(*dag).answer == answer);
  history.to(TaskState::queued, 1);
  history.to(TaskState::running, 1);
  history.to(TaskState::up_for_retry, 1);
  history.start(2);
  CHECK_FALSE(history.first(*dag).answer);
}

TEST_CASE("RunStanding tells whether a stop was asked for, until the run is reopened", "[engine]") {
  const auto dag = dag_of("a");
  History history;
  Event& stop = history.add(EventKind::run_stopping);
  stop.end_reason = RunEndReason::canceled;
  stop.count = 1;
  CHECK(RunStanding::of(*dag, history.events())->stop_reason() == RunEndReason::canceled);
  CHECK(RunStanding::of(*dag, history.events())->teardowns_go_on());
  history.add(EventKind::run_finished).run_state = RunState::canceled;
  CHECK(RunStanding::of(*dag, history.events())->state() == RunState::canceled);
  history.add(EventKind::run_reopened);
  CHECK(RunStanding::of(*dag, history.events())->state() == RunState::queued);
  CHECK(RunStanding::of(*dag, history.events())->stop_reason() == RunEndReason::none);
}

TEST_CASE("What a task did before it was cleared counts no more, but for its tries", "[engine]") {
  const auto dag = dag_of("a; b");
  History history;
  SECTION("as one") {
    history.start(1);
    history.to(TaskState::up_for_reschedule, 1);
    history.clear();
    const RunStanding::Instance stands = history.first(*dag);
    CHECK(stands.state == TaskState::none);
    CHECK(stands.try_number == 1);
    CHECK(stands.tries_before == 1);
    CHECK(stands.starts == 0);
    CHECK(stands.reschedules == 0);
    CHECK_FALSE(stands.keeps_try);
  }
  SECTION("as many, which come back under new numbers") {
    history.expand(2, 2);
    history.start(1, 3, 1);
    history.to(TaskState::success, 1, 3, {0}, 1);
    history.clear();
    history.expand(4, 3);
    const RunStanding standing = RunStanding::of(*dag, history.events()).value();
    const auto instances = standing.instances_of(TaskIndex{0});
    REQUIRE(instances.size() == 3);
    CHECK(instances[0].tries_before == 0);
    CHECK(instances[1].tries_before == 1);
    CHECK(instances[2].tries_before == 0);
    CHECK(standing.instances()[3].replaced);
    CHECK_FALSE(standing.counts(history.events()[2]));
    CHECK(standing.counts(history.events().back()));
  }
}

TEST_CASE("RunStanding refuses what cannot be a history of the DAG", "[engine]") {
  const auto dag = dag_of("a; b");
  History history;
  SECTION("another transition than is allowed") { history.to(TaskState::success, 1); }
  SECTION("an instance of another task") { history.to(TaskState::scheduled, 0, 0, {1}); }
  SECTION("a task that is not there") { history.add(EventKind::task_cleared).task = TaskIndex{7}; }
  SECTION("instances that leave a gap") { history.expand(9, 2); }
  SECTION("events that are missing") { history.add(EventKind::run_reopened).sequence = 9; }
  const auto standing = RunStanding::of(*dag, history.events());
  REQUIRE_FALSE(standing);
  CHECK(standing.error().code == "resume.history");
}
