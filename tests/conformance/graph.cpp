#include "tests/conformance/graph.hpp"

#include <algorithm>
#include <chrono>

#include "tests/support/dag_of.hpp"

namespace leeward::conformance {
namespace {

std::string brackets_of(const Graph& graph, const std::string& task) {
  if (const auto teardown = graph.teardowns.find(task); teardown != graph.teardowns.end()) {
    return teardown->second ? " [teardown!]" : " [teardown]";
  }
  if (const auto rule = graph.rules.find(task); rule != graph.rules.end()) return " [" + rule->second + "]";
  if (graph.setups.contains(task)) return " [setup]";
  return graph.other_rule.empty() ? "" : " [" + graph.other_rule + "]";
}

}  // namespace

Graph graph_in(const Json& test_case) {
  Graph graph;
  for (const Json& edge : test_case["edges"]) {
    graph.edges.emplace_back(edge.at(0).string(), edge.at(1).string());
  }
  for (const Json& rule : test_case["trigger_rules"]) graph.rules.emplace(rule.key(), rule.string());
  for (const Json& setup : test_case["setups"]) graph.setups.emplace(setup.string());
  const Json teardowns = test_case["teardowns"];
  for (const Json& teardown : teardowns) {
    if (teardowns.is_object()) {
      graph.teardowns.emplace(teardown.key(), teardown["on_failure_fail_dagrun"].boolean());
    } else {
      graph.teardowns.emplace(teardown.string(), false);
    }
  }
  return graph;
}

std::vector<std::string> tasks_of(const Graph& graph) {
  std::vector<std::string> tasks;
  const auto add = [&](const std::string& task) {
    if (std::find(tasks.begin(), tasks.end(), task) == tasks.end()) tasks.push_back(task);
  };
  for (const auto& [from, to] : graph.edges) {
    add(from);
    add(to);
  }
  for (const std::string& task : graph.tasks) add(task);
  return tasks;
}

std::shared_ptr<const Dag> dag_of(const Graph& graph, const std::function<void(Task&)>& adjust) {
  std::string text;
  for (const std::string& task : tasks_of(graph)) {
    std::string upstreams;
    for (const auto& [from, to] : graph.edges) {
      if (to == task) upstreams += " " + from;
    }
    text += task + (upstreams.empty() ? "" : " <-" + upstreams) + brackets_of(graph, task) + ";";
  }
  return test::dag_of(text, adjust);
}

test::SimulatedExecutor::Script script_of(Steps steps) {
  return [steps = std::move(steps)](const TaskCall& call) {
    const auto found = steps.find(call.task->id);
    return found == steps.end() ? ending(OutcomeKind::success) : found->second;
  };
}

test::SimulatedExecutor::Step ending(OutcomeKind kind) {
  test::SimulatedExecutor::Step step;
  step.takes = std::chrono::seconds{1};
  step.outcome.kind = kind;
  if (kind != OutcomeKind::success) step.outcome.error = TaskError{"scripted", "as it was told", false, 0, {}};
  return step;
}

test::SimulatedExecutor::Step never_ending() {
  test::SimulatedExecutor::Step step;
  step.never_ends = true;
  return step;
}

std::vector<std::string> words_in(const Json& json) {
  if (json.is_string()) return {std::string(json.string())};
  std::vector<std::string> words;
  for (const Json& word : json) words.emplace_back(word.string());
  return words;
}

std::string difference(const std::string& of, const std::string& actual, const std::string& expected) {
  return actual == expected ? "" : of + ": " + actual + ", expected: " + expected + "; ";
}

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text.empty() ? "(none)" : text;
}

}  // namespace leeward::conformance
