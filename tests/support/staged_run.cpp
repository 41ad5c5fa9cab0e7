#include "tests/support/staged_run.hpp"

#include <stdexcept>
#include <utility>

#include "core/model/instance_name.hpp"

namespace leeward::test {
namespace {

std::shared_ptr<const RunInfo> shared_info(RunInfo info, const Dag& dag) {
  info.dag_id = dag.id();
  if (info.params.json() == "{}") info.params = dag.header().params;
  return std::make_shared<const RunInfo>(std::move(info));
}

bool is_decision(const Event& event) { return event.from == TaskState::none && event.to != TaskState::none; }

}  // namespace

StagedRun::StagedRun(Stage& stage, std::shared_ptr<const Dag> dag, RunInfo info, SimulatedExecutor::Script script,
                     RunEngine::Options options)
    : stage_(stage),
      dag_(std::move(dag)),
      executor_(stage.clock, std::move(script)),
      engine_(dag_, shared_info(std::move(info), *dag_), stage.clock, executor_, stage.store, {&observer_}, options) {}

void StagedRun::run(Duration cut_off) {
  std::optional<std::size_t> known;
  executor_.at(cut_off, [&] {
    known = observer_.events().size();
    engine_.cancel();
  });
  const auto ended = engine_.run();
  if (!ended) throw std::runtime_error("a staged run: " + to_string(ended.error()));
  events_ = observer_.events();
  if (known) events_.resize(*known);
  state_ = known ? RunState::running : *ended;
  for (const Event& event : events_) {
    if (event.kind != EventKind::task_transition) continue;
    histories_[instance_name(dag_->task(event.task).id, event.map_index)].push_back(event);
  }
}

TaskState StagedRun::state(std::string_view instance) const {
  const auto found = histories_.find(instance);
  return found == histories_.end() ? TaskState::none : found->second.back().to;
}

std::string StagedRun::decision(std::string_view instance) const {
  for (const Event& event : history(instance)) {
    if (is_decision(event)) return event.to == TaskState::scheduled ? "run" : std::string(to_string(event.to));
  }
  return "wait";
}

std::optional<Duration> StagedRun::decided_at(std::string_view instance) const {
  for (const Event& event : history(instance)) {
    if (is_decision(event)) return since_start(event);
  }
  return std::nullopt;
}

std::optional<Duration> StagedRun::reached_at(std::string_view instance, TaskState state) const {
  for (const Event& event : history(instance)) {
    if (event.to == state) return since_start(event);
  }
  return std::nullopt;
}

std::vector<Event> StagedRun::history(std::string_view instance) const {
  const auto found = histories_.find(instance);
  return found == histories_.end() ? std::vector<Event>{} : found->second;
}

Duration StagedRun::since_start(const Event& event) { return Duration{event.at.unix_ns - FakeClock::kStart.unix_ns}; }

RunInfo run_info(std::string run_id, Timestamp logical_date) {
  RunInfo info;
  info.run_id = std::move(run_id);
  info.logical_date = logical_date;
  return info;
}

}  // namespace leeward::test
