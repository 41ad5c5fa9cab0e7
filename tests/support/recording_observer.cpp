#include "tests/support/recording_observer.hpp"

#include "core/model/instance_name.hpp"

namespace leeward::test {

std::string summary(const Dag& dag, const Event& event) {
  if (event.kind == EventKind::run_started) return "run started";
  if (event.kind == EventKind::run_finished) return "run " + std::string(to_string(event.run_state));
  const std::string& task_id = dag.task(event.task).id;
  if (event.kind == EventKind::task_expanded) return task_id + " expanded to " + std::to_string(event.count);
  std::string text = instance_name(task_id, event.map_index);
  text += " ";
  text += to_string(event.from);
  text += " -> ";
  text += to_string(event.to);
  return text;
}

}  // namespace leeward::test
