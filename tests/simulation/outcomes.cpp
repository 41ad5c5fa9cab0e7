#include "tests/simulation/outcomes.hpp"

#include <algorithm>
#include <utility>

namespace leeward::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Act reschedule(Dice& dice) {
  Act act;
  act.step.takes = milliseconds(dice.below(500));
  act.step.outcome.kind = OutcomeKind::reschedule;
  if (!dice.one_in(4)) act.step.outcome.retry_after = milliseconds(dice.below(4000));
  return act;
}

Act ask(Dice& dice) {
  Act act;
  act.step.takes = milliseconds(dice.below(500));
  act.step.outcome.kind = OutcomeKind::awaiting_input;
  auto request = std::make_shared<InputRequest>();
  request->subject = "go on?";
  request->options = {"yes", "no"};
  request->defaults = {"no"};
  if (dice.one_in(2)) {
    act.answered_after = milliseconds(1 + dice.below(5000));
  } else {
    request->timeout = milliseconds(500 + dice.below(5000));
  }
  act.step.outcome.input = std::move(request);
  return act;
}

}  // namespace

std::vector<Act> Outcomes::acts(TaskIndex task, int map_index, int try_number) const {
  Dice dice = Dice::of({scenario_.seed, 17, task.value, static_cast<std::uint64_t>(map_index + 1),
                        static_cast<std::uint64_t>(try_number)});
  std::vector<Act> acts;
  if (dice.one_in(8)) {
    for (std::uint32_t times = 1 + dice.below(2); times > 0; --times) acts.push_back(reschedule(dice));
  }
  if (scenario_.asks_people && dice.one_in(8)) acts.push_back(ask(dice));
  acts.push_back(last_act(dice, task));
  return acts;
}

Act Outcomes::last_act(Dice& dice, TaskIndex task) const {
  static const std::vector<OutcomeKind> kKinds{
      OutcomeKind::success, OutcomeKind::success, OutcomeKind::success, OutcomeKind::success, OutcomeKind::success,
      OutcomeKind::success, OutcomeKind::success, OutcomeKind::skipped, OutcomeKind::retry,   OutcomeKind::retry,
      OutcomeKind::failed,  OutcomeKind::failed,  OutcomeKind::canceled};
  Act act;
  SimulatedExecutor::Step& step = act.step;
  step.takes = milliseconds(dice.below(4000));
  step.ignores_cancel = dice.one_in(4);
  // Only what will be stopped may hang.
  step.never_ends = scenario_.dag->task(task).execution_timeout && dice.one_in(6);
  step.defers = scenario_.defers && dice.one_in(4);
  step.outcome.kind = dice.pick(kKinds);
  if (step.outcome.kind == OutcomeKind::success) say_where_to_go(dice, task, step.outcome);
  if (step.outcome.kind == OutcomeKind::retry && dice.one_in(4)) step.outcome.retry_after = seconds(dice.below(3));
  return act;
}

void Outcomes::say_where_to_go(Dice& dice, TaskIndex task, TaskOutcome& outcome) const {
  const Dag& dag = *scenario_.dag;
  const Role role = scenario_.roles[task.value];
  if (role == Role::short_circuit) {
    const std::vector<SkipDownstream> kinds{SkipDownstream::none, SkipDownstream::direct, SkipDownstream::all};
    outcome.skip_downstream = dice.pick(kinds);
  }
  if (role != Role::branch) return;
  outcome.branch.emplace();
  for (const TaskIndex next : dag.downstream(task)) {
    if (dice.one_in(3)) outcome.branch->push_back(dag.task(next).id);
  }
  for (const GroupIndex group : groups_below(dag, task)) {
    if (dice.one_in(3)) outcome.branch->push_back(dag.group(group).id);
  }
  if (dice.one_in(30)) outcome.branch->push_back("nobody");
}

std::vector<GroupIndex> groups_below(const Dag& dag, TaskIndex task) {
  const auto downstream = dag.downstream(task);
  const auto is_below = [&](TaskIndex root) {
    return std::find(downstream.begin(), downstream.end(), root) != downstream.end();
  };
  std::vector<GroupIndex> below;
  for (GroupIndex group{0}; group.value < dag.header().groups.size(); ++group.value) {
    const auto roots = dag.roots_of(group);
    if (!roots.empty() && std::all_of(roots.begin(), roots.end(), is_below)) below.push_back(group);
  }
  return below;
}

}  // namespace leeward::test
