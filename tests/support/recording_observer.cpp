#include "tests/support/recording_observer.hpp"

#include "core/model/instance_name.hpp"

namespace leeward::test {
namespace {

std::string task_summary(const Dag& dag, const Event& event) {
  const std::string& task_id = dag.task(event.task).id;
  if (event.kind == EventKind::task_expanded) return task_id + " expanded to " + std::to_string(event.count);
  if (event.kind == EventKind::task_cleared) return task_id + " cleared";
  std::string text = instance_name(task_id, event.map_index);
  text += " ";
  text += to_string(event.from);
  text += " -> ";
  text += to_string(event.to);
  return text;
}

}  // namespace

std::string summary(const Dag& dag, const Event& event) {
  switch (event.kind) {
    case EventKind::run_started: return "run started";
    case EventKind::run_finished: return "run " + std::string(to_string(event.run_state));
    case EventKind::run_stopping: return "run stopping: " + std::string(to_string(event.end_reason));
    case EventKind::run_reopened: return "run reopened";
    default: return task_summary(dag, event);
  }
}

}  // namespace leeward::test
