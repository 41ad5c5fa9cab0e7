#include "core/model/setup_scopes.hpp"

#include <algorithm>
#include <numeric>

#include "core/model/dag.hpp"

namespace leeward {

namespace {

/// Walks the graph once for each setup; what it marked is told apart by the number of the walk, so that nothing is
/// cleared in between and a setup costs no more than what lies between it and its teardowns.
class ScopeFinder {
 public:
  explicit ScopeFinder(const Dag& dag)
      : dag_(dag), position_(dag.size()), before_teardown_(dag.size(), 0), reached_(dag.size(), 0) {
    const auto order = dag.topological_order();
    for (std::uint32_t i = 0; i < order.size(); ++i) position_[order[i].value] = i;
  }

  /// Whether there was an end to the walks.
  [[nodiscard]] bool within_limit() const noexcept { return steps_ <= SetupScopes::kMaxSteps; }
  /// The setup of the longest walk.
  [[nodiscard]] TaskIndex heaviest() const noexcept { return heaviest_; }

  /// Appends what `setup` guards, in spec order.
  void find(TaskIndex setup, std::vector<TaskIndex>& guarded) {
    if (!within_limit()) return;
    ++walk_;
    const std::size_t steps_before = steps_;
    const bool has_teardown = mark_before_teardowns(setup);
    const auto old_size = static_cast<std::ptrdiff_t>(guarded.size());
    for (const TaskIndex t : dag_.downstream(setup)) reach(t, has_teardown);
    while (!open_.empty()) {
      const TaskIndex t = open_.back();
      open_.pop_back();
      for (const TaskIndex next : dag_.downstream(t)) {
        if (reach(next, has_teardown) && !dag_.task(next).is_teardown) guarded.push_back(next);
      }
    }
    std::sort(guarded.begin() + old_size, guarded.end());
    if (steps_ - steps_before <= most_steps_) return;
    most_steps_ = steps_ - steps_before;
    heaviest_ = setup;
  }

 private:
  /// Marks the tasks from which a teardown of `setup` can be reached; false if it has no teardown.
  bool mark_before_teardowns(TaskIndex setup) {
    for (const TaskIndex t : dag_.downstream(setup)) {
      if (dag_.task(t).is_teardown) open_.push_back(t);
    }
    if (open_.empty()) return false;
    while (!open_.empty()) {
      const TaskIndex t = open_.back();
      open_.pop_back();
      for (const TaskIndex before : dag_.upstream(t)) {
        // What comes before the setup is not after it.
        if (position_[before.value] <= position_[setup.value] || before_teardown_[before.value] == walk_) continue;
        before_teardown_[before.value] = walk_;
        ++steps_;
        open_.push_back(before);
      }
    }
    return true;
  }

  /// Whether the walk is there for the first time.
  bool reach(TaskIndex t, bool only_before_teardowns) {
    if (reached_[t.value] == walk_ || (only_before_teardowns && before_teardown_[t.value] != walk_)) return false;
    reached_[t.value] = walk_;
    ++steps_;
    open_.push_back(t);
    return true;
  }

  const Dag& dag_;
  std::vector<std::uint32_t> position_;
  std::vector<std::uint32_t> before_teardown_, reached_;  ///< the walk that was last there
  std::vector<TaskIndex> open_;
  std::uint32_t walk_ = 0;
  std::size_t steps_ = 0, most_steps_ = 0;
  TaskIndex heaviest_;
};

}  // namespace

SetupScopes::SetupScopes(const Dag& dag) {
  const auto tasks = dag.tasks();
  if (std::none_of(tasks.begin(), tasks.end(), [](const Task& task) { return task.is_setup; })) return;
  ScopeFinder finder{dag};
  guarded_.start.assign(tasks.size() + 1, 0);
  for (TaskIndex t{0}; t.value < tasks.size(); ++t.value) {
    if (tasks[t.value].is_setup) finder.find(t, guarded_.members);
    guarded_.start[t.value + 1] = static_cast<std::uint32_t>(guarded_.members.size());
  }
  if (!finder.within_limit()) too_heavy_ = finder.heaviest();
  setups_ = turned(guarded_, tasks.size());
}

SetupScopes::Rows SetupScopes::turned(const Rows& rows, std::size_t tasks) {
  Rows turned{std::vector<std::uint32_t>(tasks + 1, 0), std::vector<TaskIndex>(rows.members.size())};
  for (const TaskIndex member : rows.members) ++turned.start[member.value + 1];
  std::partial_sum(turned.start.begin(), turned.start.end(), turned.start.begin());
  auto next = turned.start;
  for (TaskIndex t{0}; t.value < tasks; ++t.value) {
    for (const TaskIndex member : rows.row(t)) turned.members[next[member.value]++] = t;
  }
  return turned;
}

}  // namespace leeward
