#include "tests/support/recording_observer.hpp"

namespace leeward::test {

std::string summary(const Dag& dag, const Event& event) {
  if (event.kind == EventKind::run_started) return "run started";
  if (event.kind == EventKind::run_finished) return "run " + std::string(to_string(event.run_state));
  std::string text = dag.task(event.task).id;
  if (event.kind == EventKind::task_expanded) return text + " expanded to " + std::to_string(event.count);
  if (event.map_index >= 0) text += "[" + std::to_string(event.map_index) + "]";
  text += " ";
  text += to_string(event.from);
  text += " -> ";
  text += to_string(event.to);
  return text;
}

}  // namespace leeward::test
