#include "core/store/run_invariants.hpp"

#include <functional>
#include <string>

#include <catch2/catch.hpp>

#include "tests/core/store/event_script.hpp"

using namespace leeward;
using leeward::test::EventScript;

namespace {

/// Two tasks: one expanded to two instances, one with a retry. Cleared after its end.
std::vector<Event> sound_history() {
  EventScript s;
  s.add(EventKind::run_started, 1);                                                            // 0
  s.expand(TaskIndex{0}, InstanceIndex{2}, 2, 1);                                              // 1
  s.success(TaskIndex{0}, InstanceIndex{2}, 2, "1", 0);                                        // 2-5
  s.success(TaskIndex{0}, InstanceIndex{3}, 2, "2", 1);                                        // 6-9
  s.start(TaskIndex{1}, InstanceIndex{1}, 3);                                                  // 10-12
  s.step(TaskIndex{1}, InstanceIndex{1}, 4, TaskState::running, TaskState::up_for_retry, 1);   // 13
  s.step(TaskIndex{1}, InstanceIndex{1}, 4, TaskState::up_for_retry, TaskState::canceled, 1);  // 14
  s.finish(RunState::canceled, 5);                                                             // 15
  s.add(EventKind::run_reopened, 6);                                                           // 16
  s.add(EventKind::task_cleared, 6).task = TaskIndex{0};                                       // 17
  s.add(EventKind::run_started, 7);                                                            // 18
  s.step(TaskIndex{0}, InstanceIndex{0}, 8, TaskState::none, TaskState::skipped, 0);           // 19
  s.finish(RunState::success, 9);                                                              // 20
  return s.events;
}

}  // namespace

TEST_CASE("A sound history breaks no invariant", "[store]") {
  CHECK(broken_invariants(2, sound_history()).empty());
  CHECK(broken_invariants(2, {}).empty());
}

TEST_CASE("Each broken invariant is said in words", "[store]") {
  using Break = std::function<void(std::vector<Event>&)>;
  const auto [says, damage] = GENERATE(table<std::string, Break>({
      {"event 5: its number is 6", [](auto& e) { e.erase(e.begin() + 5); }},
      {"event 10: task 1 leaves queued, and was none", [](auto& e) { e[10].from = TaskState::queued; }},
      {"from none to running, which is not allowed", [](auto& e) { e[10].to = TaskState::running; }},
      {"event 5: task 0[0] succeeds without an outcome", [](auto& e) { e[5].outcome = nullptr; }},
      {"event 5: task 0[0] succeeds, and its outcome is another",
       [](auto& e) { e[5].outcome = std::make_shared<const TaskOutcome>(TaskOutcome::failed("c", "m")); }},
      {"event 13: task 1 has fewer tries than before", [](auto& e) { e[13].try_number = 0; }},
      {"event 12: task 1 runs, and this is no try", [](auto& e) { e[12].try_number = 0; }},
      {"event 10: it is of another task's instance", [](auto& e) { e[10].map_index = 0; }},
      {"event 10: it is of a task that there is not", [](auto& e) { e[10].task = TaskIndex{2}; }},
      {"event 10: it is of an instance that there is not", [](auto& e) { e[10].instance = InstanceIndex{}; }},
      {"event 1: its instances do not come after all others", [](auto& e) { e[1].instance = InstanceIndex{3}; }},
      {"event 1: so many instances cannot be", [](auto& e) { e[1].count = 4'000'000'000; }},
      {"event 10: task 0 changes, and others stand for it",
       [](auto& e) { e[10].task = TaskIndex{0}, e[10].instance = InstanceIndex{0}; }},
      {"event 15: the run ends, and task 1 is up_for_retry", [](auto& e) { e[14].kind = EventKind::run_stopping; }},
      {"event 15: the run ends as running, which is no end", [](auto& e) { e[15].run_state = RunState::running; }},
      {"event 16: it comes after the run's end", [](auto& e) { e[16].kind = EventKind::run_stopping; }},
      {"event 17: the run is opened again, and neither had begun nor was to stop",
       [](auto& e) { e[17].kind = EventKind::run_reopened; }},
      {"event 14: the run starts, and runs already", [](auto& e) { e[14].kind = EventKind::run_started; }},
      {"event 19: a task changes before the run has started", [](auto& e) { e[18].kind = EventKind::run_stopping; }},
      {"event 19: task 0 changes, and others stand for it", [](auto& e) { e[17].task = TaskIndex{1}; }},
  }));
  auto events = sound_history();
  damage(events);
  std::string found;
  for (const std::string& finding : broken_invariants(2, events)) found += finding + "\n";
  INFO(found);
  CHECK(found.find(says) != std::string::npos);
}

TEST_CASE("Of a history without end the first findings are enough", "[store]") {
  std::vector<Event> events(1'000);
  for (std::size_t i = 0; i < events.size(); ++i) events[i].sequence = i;
  CHECK(broken_invariants(1, events).size() == 20);
}
