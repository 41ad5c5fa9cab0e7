#include "tests/support/interrupted_run.hpp"

#include <utility>

#include "core/model/instance_name.hpp"

namespace leeward::test {
namespace {

class BatchCounter final : public Observer {
 public:
  explicit BatchCounter(std::vector<std::size_t>& batches) : batches_(batches) {}
  void on_events(const RunInfo&, const Dag&, std::span<const Event> events) override {
    batches_.push_back(events.back().sequence + 1);
  }

 private:
  std::vector<std::size_t>& batches_;
};

}  // namespace

InterruptedRun::InterruptedRun(std::shared_ptr<const Dag> dag, SimulatedExecutor::Script script,
                               RunEngine::Options options)
    : dag_(std::move(dag)), script_(std::move(script)), options_(options) {
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  info->dag_id = dag_->id();
  info->logical_date = FakeClock::kStart;
  info->params = dag_->header().params;
  info_ = std::move(info);
}

void InterruptedRun::at(Duration since_start, std::function<void(RunEngine&)> action) {
  actions_.push_back({since_start, std::move(action)});
}

Result<RunState> InterruptedRun::go_on() {
  MemoryRunStore store(MemoryRunStore::Keep::events);
  if (!events_.empty()) {
    if (Status begun = store.begin(info_, dag_); !begun) return std::move(begun).error();
    if (Status kept = store.append(*info_, events_); !kept) return std::move(kept).error();
  }
  FakeClock clock(wall_);
  SimulatedExecutor executor(clock, script_);
  RecordingObserver observer;
  batches_.clear();
  BatchCounter counter(batches_);
  RunEngine engine(dag_, info_, clock, executor, store, {&observer, &counter}, options_);
  for (const Action& action : std::exchange(actions_, {})) {
    executor.at(action.at, [&engine, run = action.run] { run(engine); });
  }
  Result<RunState> ended = events_.empty() ? engine.run() : engine.resume(events_);
  events_ = store.history(info_->run_id).value().events;
  started_ = executor.started();
  told_ = observer.events();
  took_ = clock.now().since_start;
  wall_ = clock.wall();
  return ended;
}

void InterruptedRun::forget_after(std::size_t events) {
  events_.resize(events);
  wall_ = events_.back().at;
}

void InterruptedRun::record(std::vector<Event> events) {
  for (Event& event : events) {
    event.sequence = events_.size();
    event.at = wall_;
    events_.push_back(std::move(event));
  }
}

RunRecord InterruptedRun::shown() const {
  RunProjection projection(info_, shape_of(dag_));
  for (const Event& event : events_) projection.apply(event);
  return projection.record();
}

std::string InterruptedRun::states() const {
  std::string text;
  for (const TaskRecord& task : shown().tasks) {
    text += (text.empty() ? "" : ", ") + instance_name(task.task_id, task.map_index) + " " +
            std::string(to_string(task.state)) + " after " + std::to_string(task.attempts);
  }
  return text;
}

std::string InterruptedRun::starts() const {
  std::string text;
  for (const TaskCall& call : started_) {
    text += (text.empty() ? "" : " ") + instance_name(call.task->id, call.map_index) + "#" +
            std::to_string(call.try_number);
  }
  return text;
}

}  // namespace leeward::test
