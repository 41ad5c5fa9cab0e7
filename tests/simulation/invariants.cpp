#include "tests/simulation/invariants.hpp"

#include <algorithm>

#include "core/model/run_projection.hpp"
#include "core/store/run_invariants.hpp"
#include "tests/simulation/decision_watch.hpp"
#include "tests/simulation/limit_watch.hpp"
#include "tests/support/recording_observer.hpp"

namespace leeward::test {
namespace {

class Checker {
 public:
  Checker(const RandomScenario& scenario, const RunRecord& stored, Times times)
      : dag_(*scenario.dag),
        is_timed_(times == Times::exact),
        graph_(dag_),
        standing_(dag_),
        decisions_(scenario, graph_, broken_),
        limits_(scenario, graph_, broken_),
        told_(std::make_shared<RunInfo>(stored.info), shape_of(scenario.dag)),
        stored_(stored) {}

  std::vector<std::string> check(const std::vector<Event>& events) {
    for (const Event& event : events) on(event);
    for (const std::string& broken : broken_invariants(dag_.size(), events)) breaks(broken);
    check_end(events);
    return std::move(broken_);
  }

 private:
  void on(const Event& event) {
    if (event.sequence != told_.next_sequence()) return breaks("an event is missing");
    check_transition(event);
    if (is_timed_) decisions_.before(event, standing_);
    if (is_timed_) limits_.before(event, standing_);
    standing_.apply(event);
    told_.apply(event);
    if (is_timed_) decisions_.after(event, standing_);
    if (is_timed_) limits_.after(event, standing_);
  }

  void check_transition(const Event& event) {
    const bool clears = event.kind == EventKind::run_reopened || event.kind == EventKind::task_cleared;
    if (clears) cleared_ = event.sequence;
    if (told_.state() != RunState::running && event.kind != EventKind::run_started && !clears)
      breaks("an event after the end");
    if (event.kind == EventKind::task_expanded && standing_.at(InstanceIndex{event.task.value}).ends > 0) {
      breaks(summary(dag_, event) + ": after it had ended");
    }
    if (event.kind != EventKind::task_transition) return;
    const Standing::Instance& instance = standing_.at(event.instance);
    if (instance.state != event.from || !may_become(event.from, event.to)) breaks(summary(dag_, event) + ": unlawful");
    if (event.try_number > instance.tries_before + dag_.task(event.task).retry.retries + 1)
      breaks(summary(dag_, event) + ": one try too many");
    const bool waited = waits_for_its_time(event.from) && event.to == TaskState::scheduled;
    const bool in_time = event.at.unix_ns == instance.since.unix_ns + instance.delay.count();
    if (is_timed_ && waited && !in_time) breaks(summary(dag_, event) + ": not when its time had come");
    const bool new_try = event.to == TaskState::running && event.try_number > instance.tries;
    const bool keeps = event.try_number == instance.tries;
    if (!new_try && !keeps && event.to != TaskState::running) breaks(summary(dag_, event) + ": another try");
  }

  void check_end(const std::vector<Event>& events) {
    if (events.empty() || events.back().kind != EventKind::run_finished) breaks("the run's end is not the last event");
    for (const auto& [index, instance] : standing_.all()) {
      if (instance.ends != 1)
        breaks(dag_.task(instance.task).id + " ended " + std::to_string(instance.ends) + " times");
    }
    for (TaskIndex task{0}; task.value < dag_.size(); ++task.value) {
      if (dag_.task(task).is_teardown) check_teardown(task);
    }
    check_run_state();
    compare_with_stored();
  }

  void check_run_state() {
    bool leaf_broke = false;
    for (const auto& [index, instance] : standing_.all()) {
      const bool broke = instance.state == TaskState::failed || instance.state == TaskState::upstream_failed ||
                         instance.state == TaskState::lost ||
                         (cleared_ > 0 && instance.state == TaskState::canceled);  // before, and it was not cleared
      leaf_broke = leaf_broke || (broke && graph_.decides_run(instance.task));
    }
    RunState should_be = leaf_broke ? RunState::failed : RunState::success;
    switch (stored_.end_reason) {
      case RunEndReason::none: break;
      case RunEndReason::canceled: should_be = RunState::canceled; break;
      case RunEndReason::timed_out:
      case RunEndReason::fail_fast: should_be = RunState::failed; break;
      case RunEndReason::deadlock: breaks("a deadlock, where every rule can be decided"); break;
    }
    if (stored_.state != should_be) breaks("the run should be " + std::string{to_string(should_be)});
  }

  void check_teardown(TaskIndex task) {
    const auto instances = standing_.instances_of(task);
    for (const Standing::Instance& teardown : instances) {
      bool has_setup = false;
      bool setup_succeeded = false;
      const bool in_group = dag_.task(task).mapped_group.valid();
      for (const TaskIndex up : dag_.upstream(task)) {
        if (!dag_.task(up).is_setup) continue;
        for (const Standing::Instance& setup : standing_.seen_by(task, in_group ? teardown.map_index : -1, up)) {
          has_setup = true;
          setup_succeeded = setup_succeeded || setup.state == TaskState::success;
        }
      }
      if (teardown.decided < cleared_) continue;  // what was above it then may be another now
      const bool ran = teardown.tries > teardown.tries_before;
      if (ran && has_setup && !setup_succeeded) breaks(dag_.task(task).id + " ran, and no setup had succeeded");
      // A cancel or fail_fast lets teardowns go on, the timeout does not, also when it comes after one of those.
      const auto limit = dag_.header().dagrun_timeout;
      const bool was_stopped =
          limit && (!is_timed_ || stored_.ended_at->unix_ns - stored_.started_at->unix_ns >= limit->count());
      // Mapped over nothing, or over what nobody published, there is nothing to run.
      const bool has_items = teardown.map_index >= 0 || !(dag_.task(task).mapping || in_group);
      if (!ran && setup_succeeded && has_items && !was_stopped) breaks(dag_.task(task).id + " did not run");
    }
  }

  void compare_with_stored() {
    const RunRecord told = told_.record();
    bool same = told.state == stored_.state && told.end_reason == stored_.end_reason &&
                told.tasks.size() == stored_.tasks.size() && told.context.size() == stored_.context.size();
    for (std::size_t i = 0; same && i < told.tasks.size(); ++i) {
      const TaskRecord& a = told.tasks[i];
      const TaskRecord& b = stored_.tasks[i];
      same = a.task_id == b.task_id && a.map_index == b.map_index && a.state == b.state && a.attempts == b.attempts;
    }
    for (std::size_t i = 0; same && i < told.context.size(); ++i) {
      same = told.context[i].first == stored_.context[i].first &&
             told.context[i].second.json() == stored_.context[i].second.json();
    }
    if (!same) breaks("what was told is not what was stored");
  }

  void breaks(std::string what) { broken_.push_back(std::move(what)); }

  const Dag& dag_;
  const bool is_timed_;
  std::vector<std::string> broken_;
  const Graph graph_;
  Standing standing_;
  DecisionWatch decisions_;
  LimitWatch limits_;
  RunProjection told_;
  const RunRecord& stored_;
  std::uint64_t cleared_ = 0;  ///< the sequence of the last event that cleared something
};

}  // namespace

std::vector<std::string> broken_promises(const RandomScenario& scenario, const std::vector<Event>& events,
                                         const RunRecord& stored, Times times) {
  return Checker{scenario, stored, times}.check(events);
}

}  // namespace leeward::test
