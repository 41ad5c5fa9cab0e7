#include "tests/simulation/simulated_run.hpp"

#include <algorithm>

#include "core/base/json.hpp"

namespace leeward::test {

SimulatedRun::SimulatedRun(const RandomScenario& scenario)
    : scenario_(scenario),
      outcomes_(scenario),
      executor_(
          clock_, [this](const TaskCall& call) { return step(call); }, scenario.seed),
      pools_(scenario.pools) {
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  info->dag_id = scenario.dag->id();
  RunEngine::Options options;
  options.max_active_tasks = scenario.max_active_tasks;
  options.pools = &pools_;
  RunEngine engine(scenario.dag, info, clock_, executor_, store_, {&observer_}, options);
  engine_ = &engine;
  if (scenario.cancels_at) executor_.at(*scenario.cancels_at, [&engine] { engine.cancel(); });
  const RunState ended = engine.run().value();
  engine_ = nullptr;
  record_ = store_.load(info->run_id).value();
  if (ended != record_.state) mistakes_.emplace_back("the engine says another end than it recorded");
  for (const auto& [name, pool] : scenario.pools) {
    if (!pools_.take(name, pool.slots)) mistakes_.push_back("the pool " + name + " did not get all its slots back");
  }
}

SimulatedExecutor::Step SimulatedRun::step(const TaskCall& call) {
  const TaskIndex task = scenario_.dag->find(call.task->id);
  const auto acts = outcomes_.acts(task, call.map_index, call.try_number);
  const std::size_t place = calls_[{call.instance, call.try_number}]++;
  check_call(call, acts, place);
  const Act& act = acts[std::min(place, acts.size() - 1)];
  SimulatedExecutor::Step step = act.step;
  if (step.outcome.kind == OutcomeKind::reschedule) ++reschedules_[call.instance];
  if (act.answered_after) answer_later(call, step.takes + *act.answered_after);
  if (step.outcome.kind == OutcomeKind::success) {
    step.outcome.value = JsonDocument::of(call.params)->root()["give"].value();
  }
  return step;
}

void SimulatedRun::check_call(const TaskCall& call, const std::vector<Act>& acts, std::size_t place) {
  const auto mistaken = [&](const std::string& what) {
    mistakes_.push_back(call.task->id + "[" + std::to_string(call.map_index) + "]: " + what);
  };
  if (place >= acts.size()) return mistaken("called once more than its try takes");
  if (call.reschedules != reschedules_[call.instance]) mistaken("told another number of reschedules");
  if (call.max_tries != call.task->retry.retries + 1) mistaken("told another number of tries");
  if (place == 0 || acts[place - 1].step.outcome.kind != OutcomeKind::awaiting_input) return;
  if (!call.answer) return mistaken("called again without an answer");
  const auto answer = JsonDocument::of(*call.answer);
  const bool answered = acts[place - 1].answered_after.has_value();
  if (answer->root()["timed_out"].boolean() == answered) mistaken("the answer says wrongly whether it came in time");
  if (answer->root()["chosen_options"].at(0).string() != (answered ? "yes" : "no")) mistaken("another answer");
}

void SimulatedRun::answer_later(const TaskCall& call, Duration after) {
  executor_.at(clock_.now().since_start + after, [this, id = call.task->id, map_index = call.map_index] {
    engine_->answer(id, map_index, Value{std::string{R"({"chosen_options":["yes"]})"}}, "somebody",
                    [this, id](const Status& status) {
                      // A run that stops awaits nothing any more.
                      if (!status && !scenario_.may_stop()) mistakes_.push_back(id + ": " + status.error().message);
                    });
  });
}

}  // namespace leeward::test
