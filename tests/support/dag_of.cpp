#include "tests/support/dag_of.hpp"

#include <sstream>
#include <unordered_map>
#include <utility>

#include "core/base/assert.hpp"

namespace leeward::test {
namespace {

struct Line {
  Task task;
  std::vector<std::string> upstream;
};

/// What stands in brackets: a trigger rule, or what kind of task it is.
void apply(std::string_view word, Task& task) {
  if (word == "setup") {
    task.is_setup = true;
  } else if (word == "teardown" || word == "teardown!") {
    task.is_teardown = true;
    task.on_failure_fail_dagrun = word.back() == '!';
    task.trigger_rule = TriggerRule::all_done_setup_success;
  } else {
    const auto rule = trigger_rule_of(word);
    LW_ASSERT(rule, "dag_of: a trigger rule, setup, teardown or teardown! stands in brackets");
    task.trigger_rule = *rule;
  }
}

Line parse_line(const std::string& text) {
  Line line;
  std::istringstream words(text);
  words >> line.task.id;
  line.task.op = &scripted_info();
  line.task.with.json_after = "{}";
  for (std::string word; words >> word;) {
    if (word == "<-") continue;
    if (word.front() != '[') {
      line.upstream.push_back(word);
      continue;
    }
    apply(std::string_view(word).substr(1, word.size() - 2), line.task);
  }
  return line;
}

}  // namespace

const OperatorInfo& scripted_info() {
  static const OperatorInfo info = [] {
    OperatorInfo i;
    i.name = "scripted";
    return i;
  }();
  return info;
}

std::shared_ptr<const Dag> dag_of(std::string_view text, const std::function<void(Task&)>& adjust, Dag::Header header) {
  std::vector<Line> lines;
  std::istringstream parts{std::string(text)};
  for (std::string part; std::getline(parts, part, ';');) {
    if (part.find_first_not_of(" \n") != std::string::npos) lines.push_back(parse_line(part));
  }
  std::unordered_map<std::string, TaskIndex> index;
  for (std::uint32_t i = 0; i < lines.size(); ++i) index[lines[i].task.id] = TaskIndex{i};
  std::vector<Task> tasks;
  std::vector<Dag::Edge> edges;
  for (Line& line : lines) {
    for (const std::string& upstream : line.upstream) {
      LW_ASSERT(index.count(upstream) == 1, "dag_of: every upstream is a task");
      edges.push_back({index[upstream], index[line.task.id]});
    }
    if (adjust) adjust(line.task);
    tasks.push_back(std::move(line.task));
  }
  header.id = "test";
  return std::make_shared<const Dag>(std::move(header), std::move(tasks), edges);
}

Names names(const Dag& dag, std::span<const TaskIndex> tasks) {
  Names result;
  for (const TaskIndex task : tasks) result.push_back(dag.task(task).id);
  return result;
}

}  // namespace leeward::test
