#include "core/store/run_invariants.hpp"

#include <cstdint>
#include <unordered_map>
#include <utility>

namespace leeward {
namespace {

constexpr std::size_t kMostOfARun = 20;
/// More instances than this are a damaged number, not a run.
constexpr std::uint64_t kMostInstances = std::uint64_t{1} << 26;

class HistoryCheck {
 public:
  explicit HistoryCheck(std::size_t tasks) : tasks_(tasks), instances_(tasks) {
    for (std::uint32_t i = 0; i < tasks; ++i) instances_[i].task = TaskIndex{i};
  }

  std::vector<std::string> check(std::span<const Event> events) {
    for (std::size_t i = 0; i < events.size() && found_.size() < kMostOfARun; ++i) {
      sequence_ = i;
      if (events[i].sequence != i) {
        says("its number is " + std::to_string(events[i].sequence));
        break;  // whatever comes after a gap looks wrong
      }
      look_at(events[i]);
    }
    return std::move(found_);
  }

 private:
  struct Instance {
    TaskIndex task;
    std::int32_t map_index = -1;
    TaskState state = TaskState::none;
    std::uint16_t try_number = 0;
    bool replaced = false;  ///< others stand for its task
  };
  struct Expansion {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  void says(std::string what) { found_.push_back("event " + std::to_string(sequence_) + ": " + std::move(what)); }
  [[nodiscard]] bool ended() const { return run_ != RunState::queued && run_ != RunState::running; }

  void look_at(const Event& event) {
    if (ended() && event.kind != EventKind::run_reopened) says("it comes after the run's end");
    switch (event.kind) {
      case EventKind::run_started:
        if (run_ == RunState::running) says("the run starts, and runs already");
        run_ = RunState::running;
        break;
      case EventKind::run_finished: return finish_run(event);
      case EventKind::run_stopping: stopping_ = true; break;
      case EventKind::run_reopened:
        if (run_ == RunState::queued && !stopping_)
          says("the run is opened again, and neither had begun nor was to stop");
        run_ = RunState::queued;
        stopping_ = false;
        break;
      case EventKind::task_expanded: return expand(event);
      case EventKind::task_transition: return change(event);
      case EventKind::task_cleared: return clear(event);
    }
  }

  void finish_run(const Event& event) {
    run_ = event.run_state;
    if (!ended()) says("the run ends as " + std::string{to_string(event.run_state)} + ", which is no end");
    for (const Instance& instance : instances_) {
      if (!instance.replaced && !is_finished(instance.state)) {
        return says("the run ends, and " + name(instance) + " is " + std::string{to_string(instance.state)});
      }
    }
  }

  void expand(const Event& event) {
    if (!is_task(event)) return;
    if (event.count == 0) return;
    Instance& whole = instances_[event.task.value];
    if (whole.replaced) says(name(whole) + " is expanded a second time");
    if (whole.state != TaskState::none) says(name(whole) + " is expanded after it had begun");
    if (event.instance.value != instances_.size()) return says("its instances do not come after all others");
    if (instances_.size() + event.count > kMostInstances) return says("so many instances cannot be");
    expansions_[event.task] = {event.instance.value, event.count};
    whole.replaced = true;
    for (std::uint32_t k = 0; k < event.count; ++k) {
      instances_.push_back({event.task, static_cast<std::int32_t>(k), TaskState::none, 0, false});
    }
  }

  void change(const Event& event) {
    if (!is_task(event)) return;
    if (event.instance.value >= instances_.size()) return says("it is of an instance that there is not");
    if (run_ != RunState::running && !ended()) says("a task changes before the run has started");
    Instance& instance = instances_[event.instance.value];
    const std::string_view from = to_string(event.from);
    const std::string_view to = to_string(event.to);
    if (instance.task != event.task || instance.map_index != event.map_index) says("it is of another task's instance");
    if (instance.replaced) says(name(instance) + " changes, and others stand for it");
    if (instance.state != event.from) {
      says(name(instance) + " leaves " + std::string{from} + ", and was " + std::string{to_string(instance.state)});
    }
    if (!may_become(event.from, event.to)) {
      says(name(instance) + " goes from " + std::string{from} + " to " + std::string{to} + ", which is not allowed");
    }
    check_attempt(event, instance);
    instance.state = event.to;
    instance.try_number = event.try_number;
  }

  void check_attempt(const Event& event, const Instance& instance) {
    if (event.try_number < instance.try_number) says(name(instance) + " has fewer tries than before");
    if (event.to == TaskState::running && event.try_number == 0) says(name(instance) + " runs, and this is no try");
    if (event.to != TaskState::success) return;
    if (!event.outcome) {
      says(name(instance) + " succeeds without an outcome");
    } else if (event.outcome->kind != OutcomeKind::success) {
      says(name(instance) + " succeeds, and its outcome is another");
    }
  }

  void clear(const Event& event) {
    if (!is_task(event)) return;
    if (const auto expansion = expansions_.extract(event.task)) {
      const Expansion gone = expansion.mapped();
      for (std::uint32_t k = 0; k < gone.count; ++k) instances_[gone.first + k].replaced = true;
    }
    Instance& whole = instances_[event.task.value];
    whole.state = TaskState::none;
    whole.replaced = false;
  }

  bool is_task(const Event& event) {
    if (event.task.value < tasks_) return true;
    says("it is of a task that there is not");
    return false;
  }

  static std::string name(const Instance& instance) {
    std::string name = "task " + std::to_string(instance.task.value);
    if (instance.map_index >= 0) name += "[" + std::to_string(instance.map_index) + "]";
    return name;
  }

  const std::size_t tasks_;
  std::vector<Instance> instances_;
  std::unordered_map<TaskIndex, Expansion> expansions_;
  RunState run_ = RunState::queued;
  bool stopping_ = false;
  std::size_t sequence_ = 0;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> broken_invariants(std::size_t tasks, std::span<const Event> events) {
  return HistoryCheck{tasks}.check(events);
}

}  // namespace leeward
