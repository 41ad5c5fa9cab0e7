// Dynamic mapping, as the shared file has it.
#include <algorithm>

#include "core/model/instance_name.hpp"
#include "tests/conformance/graph.hpp"
#include "tests/conformance/group.hpp"
#include "tests/support/scripted_catalog.hpp"
#include "tests/support/staged_run.hpp"

namespace leeward::conformance {
namespace {

using test::scripted_dag;
using test::Stage;
using test::StagedRun;

std::string word_of(TaskState state) { return std::string(to_string(state)); }

/// The instances that have been decided to run and have not ended yet, a moment after `now`.
std::string open_at(const StagedRun& run, Duration now) {
  std::map<std::string, TaskState> states;
  for (const Event& event : run.events()) {
    if (event.kind != EventKind::task_transition) continue;
    if (event.at.unix_ns - test::FakeClock::kStart.unix_ns > now.count()) break;
    states[instance_name(run.dag().task(event.task).id, event.map_index)] = event.to;
  }
  std::set<std::string> open;
  for (const auto& [instance, state] : states) {
    if (!is_finished(state)) open.insert(instance);
  }
  return joined(open);
}

/// A list that is empty as it stands in the spec.
Verdict check_empty(const Json& test_case) {
  const auto dag =
      scripted_dag(R"({"dag_id": "d", "tasks": [{"task_id": "each", "operator": "scripted", "expand": {"i": []}}]})");
  Stage stage;
  StagedRun run(stage, dag, test::run_info(), script_of({}));
  run.run();
  const Json expect = test_case["expect"];
  const auto history = run.history(instance_name("each", static_cast<int>(*expect["map_index"].integer())));
  if (history.empty()) return {"there is no instance -1", {}};
  return {difference("state", word_of(history.back().to), std::string(expect["state"].string())), {}};
}

/// Tasks in a row, the mapped ones over lists that are empty.
Verdict check_empty_row(const Json& test_case) {
  std::string tasks;
  for (const std::string& task : tasks_of(graph_in(test_case))) {
    tasks += (tasks.empty() ? "{\"task_id\": \"" : ", {\"task_id\": \"") + task + R"(", "operator": "scripted")";
    for (const auto& [from, to] : graph_in(test_case).edges) {
      if (to == task) tasks += R"(, "depends_on": [")" + from + "\"]";
    }
    const Json list = test_case["map_over"][task];
    tasks += (list ? R"(, "expand": {"i": )" + std::string(list.text()) + "}" : "") + "}";
  }
  Stage stage;
  StagedRun run(stage, scripted_dag(R"({"dag_id": "d", "tasks": [)" + tasks + "]}"), test::run_info(), script_of({}));
  run.run();
  Verdict verdict;
  for (const Json& state : test_case["expect"]["states"]) {
    const std::string task{state.key()};
    verdict.differs += difference(task, word_of(run.state(task)), std::string(state.string()));
  }
  verdict.differs +=
      difference("run", std::string(to_string(run.state())), std::string(test_case["expect"]["dagrun_state"].string()));
  return verdict;
}

/// Over a list whose task failed.
Verdict check_no_list(const Json& test_case) {
  const auto dag = scripted_dag(R"({"dag_id": "d", "tasks": [
      {"task_id": "make", "operator": "scripted", "output_key": "list"},
      {"task_id": "each", "operator": "scripted", "depends_on": ["make"], "expand": {"i": "{list}"},
       "trigger_rule": ")" + std::string(test_case["trigger_rule"].string()) +
                                "\"}]}");
  Stage stage;
  StagedRun run(stage, dag, test::run_info(), script_of({{"make", ending(OutcomeKind::failed)}}));
  run.run();
  const Json expect = test_case["expect"];
  return {difference("each", word_of(run.state("each")), std::string(expect["mapped_task"]["state"].string())) +
              difference("run", std::string(to_string(run.state())), std::string(expect["dagrun_state"].string())),
          {}};
}

/// Each instance ends at the second that its place in `order` says; what is open after each of these?
Verdict check_order(const std::string& dag, const std::string& list, const std::vector<std::set<std::string>>& order,
                    const std::vector<std::string>& open_before_and_after) {
  const auto document = JsonDocument::of(Value{list});
  Stage stage;
  StagedRun run(stage, scripted_dag(dag), test::run_info(), [&](const TaskCall& call) {
    auto step = ending(OutcomeKind::success);
    if (call.task->id == "make_list") step.outcome.value = document->root().value();
    const std::string name = instance_name(call.task->id, call.map_index);
    const auto place =
        std::find_if(order.begin(), order.end(), [&](const auto& names) { return names.contains(name); });
    const Duration due = std::chrono::seconds{place - order.begin() + 1};
    step.takes = due - stage.clock.now().since_start;
    return step;
  });
  run.run();
  Verdict verdict;
  for (std::size_t i = 0; i < open_before_and_after.size(); ++i) {
    const Duration now = std::chrono::seconds{i};
    verdict.differs +=
        difference("open after " + std::to_string(i) + " steps", open_at(run, now), open_before_and_after[i]);
  }
  return verdict;
}

std::string set_in(const Json& list, const std::string& prefix = {}) {
  std::set<std::string> words;
  for (const std::string& word : words_in(list)) words.insert(prefix + word);
  return joined(words);
}

Verdict check_reduce(const Json& test_case) {
  std::vector<std::string> open;
  for (const Json& step : test_case["schedulable_sequence"]) open.push_back(set_in(step));
  return check_order(R"({"dag_id": "d", "tasks": [
      {"task_id": "make_list", "operator": "scripted", "output_key": "list"},
      {"task_id": "double", "operator": "scripted", "depends_on": ["make_list"], "expand": {"i": "{list}"}},
      {"task_id": "consumer", "operator": "scripted", "depends_on": ["double"]}]})",
                     "[1, 2]", {{"make_list"}, {"double[0]"}, {"double[1]"}, {"consumer"}}, open);
}

/// The full id of an instance that the case names without its group.
std::string in_its_group(std::string name) {
  if (name.starts_with("t1") || name.starts_with("t2")) return "tg1." + name;
  return name.starts_with("t3") ? "tg2." + name : name;
}

std::string in_their_groups(const Json& list) {
  std::set<std::string> names;
  for (const std::string& name : words_in(list)) names.insert(in_its_group(name));
  return joined(names);
}

Verdict check_mapped_groups(const Json& test_case) {
  std::vector<std::set<std::string>> order;
  for (const Json& step : test_case["runs"]) {
    std::string text{step.string()};
    order.emplace_back();
    for (std::size_t from = 0, to = 0; to != std::string::npos; from = to + 1) {
      to = text.find(',', from);
      order.back().insert(in_its_group(text.substr(from, to - from)));
    }
  }
  std::vector<std::string> open{in_their_groups(test_case["initial"])};
  for (const Json& step : test_case["schedulable_after"]) open.push_back(in_their_groups(step));
  return check_order(R"({"dag_id": "d",
      "groups": {"tg1": {"expand": {"x": [1, 2, 3]}}, "tg2": {"expand": {"x": [4, 5, 6]}}},
      "tasks": [
      {"task_id": "t1", "group": "tg1", "operator": "scripted"},
      {"task_id": "t2", "group": "tg1", "operator": "scripted", "depends_on": ["t1"]},
      {"task_id": "t3", "group": "tg2", "operator": "scripted", "depends_on": ["tg1.t2"]},
      {"task_id": "t4", "operator": "scripted", "depends_on": ["tg2.t3"]}]})",
                     "null", order, open);
}

Verdict check_mapping(const Json& test_case) {
  if (test_case["runs"]) return check_mapped_groups(test_case);
  if (test_case["schedulable_sequence"]) return check_reduce(test_case);
  if (test_case["upstream_list_task"]) return check_no_list(test_case);
  return test_case["edges"] ? check_empty_row(test_case) : check_empty(test_case);
}

}  // namespace

Group shared_mapping() { return {"mapping", check_mapping}; }

}  // namespace leeward::conformance
