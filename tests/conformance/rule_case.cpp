#include "tests/conformance/rule_case.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>

#include "core/base/assert.hpp"
#include "core/engine/run_plan.hpp"
#include "tests/conformance/graph.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/staged_run.hpp"

namespace leeward::conformance {
namespace {

using namespace leeward::test;

std::string upstream_name(std::size_t i) { return "u" + std::to_string(i); }
std::string above_name(std::size_t i) { return "above" + std::to_string(i); }

bool is_setup(const RuleCase& c, std::size_t i) { return !c.setups.empty() && c.setups[i]; }

/// Over the list 0..3, whose last instance is the one that is looked at.
constexpr std::uint32_t kItems = 4;
std::shared_ptr<const Mapping> four_items() {
  Mapping mapping;
  mapping.keys.push_back({"item", {}});
  mapping.keys.back().items.value.json_after = "[0,1,2,3]";
  return std::make_shared<const Mapping>(std::move(mapping));
}

std::shared_ptr<const Dag> dag_for(const RuleCase& c) {
  std::string text;
  std::string all;
  for (std::size_t i = 0; i < c.upstreams.size(); ++i) {
    const bool needs_one_above = c.upstreams[i] == "upstream_failed";
    if (needs_one_above) text += above_name(i) + "; ";
    text += upstream_name(i) + (needs_one_above ? " <- " + above_name(i) : "") + (is_setup(c, i) ? " [setup]; " : "; ");
    all += " " + upstream_name(i);
  }
  text += "t" + (all.empty() ? "" : " <-" + all) + (c.is_teardown ? " [teardown]" : "") + " [" + c.rule + "]";
  if (c.mapped == Mapped::no) return test::dag_of(text);
  Dag::Header header;
  if (c.mapped == Mapped::group) header.groups.push_back({"g", {}, {}, four_items()});
  const auto map = [&](Task& task) {
    if (task.id != "t") return;
    if (c.mapped == Mapped::task) task.mapping = four_items();
    if (c.mapped == Mapped::group) task.group = task.mapped_group = GroupIndex{0};
  };
  return test::dag_of(text, map, std::move(header));
}

std::vector<std::size_t> ending_of(const RuleCase& c) {
  if (!c.ending.empty()) return c.ending;
  std::vector<std::size_t> ending(c.upstreams.size());
  std::iota(ending.begin(), ending.end(), std::size_t{0});
  std::stable_partition(ending.begin(), ending.end(), [&](std::size_t i) {
    return c.upstreams[i] == "failed" || c.upstreams[i] == "upstream_failed";
  });
  return ending;
}

OutcomeKind kind_of(const std::string& state) {
  if (state == "success") return OutcomeKind::success;
  if (state == "skipped") return OutcomeKind::skipped;
  LW_ASSERT(state == "failed", "a state that one attempt can end in");
  return OutcomeKind::failed;
}

/// What each task that has an attempt does.
std::map<std::string, SimulatedExecutor::Step> steps_of(const RuleCase& c) {
  std::map<std::string, SimulatedExecutor::Step> steps;
  Duration at{};
  for (const std::size_t i : ending_of(c)) {
    const std::string& state = c.upstreams[i];
    at += std::chrono::seconds{1};
    SimulatedExecutor::Step step;
    step.takes = at;
    step.never_ends = state.empty();
    const bool by_another = state == "upstream_failed";
    if (!state.empty()) step.outcome.kind = kind_of(by_another ? "failed" : state);
    steps[by_another ? above_name(i) : upstream_name(i)] = step;
  }
  return steps;
}

TaskState state_of(const std::string& word) {
  const auto state = task_state_of(word);
  LW_ASSERT(state, "a word for a state");
  return *state;
}

std::string word_of(TriggerDecision decision) {
  switch (decision) {
    case TriggerDecision::run: return "run";
    case TriggerDecision::skip: return "skipped";
    case TriggerDecision::upstream_failed: return "upstream_failed";
    case TriggerDecision::remove: return "removed";
    case TriggerDecision::wait: break;
  }
  return "wait";
}

}  // namespace

RuleAnswer decide_in_a_run(const RuleCase& c) {
  Stage stage;
  const auto steps = steps_of(c);
  StagedRun run(stage, dag_for(c), run_info(), [&](const TaskCall& call) {
    const auto found = steps.find(call.task->id);
    return found == steps.end() ? SimulatedExecutor::Step{} : found->second;
  });
  run.run();
  // A task that is mapped itself is decided as a whole; what is decided to run has instances.
  const std::string instance = c.mapped != Mapped::no && run.decision("t") == "wait" ? "t[3]" : "t";
  return {run.decision(instance), run.decided_at(instance)};
}

std::string decide_in_the_plan(const RuleCase& c) {
  RuleCase roots = c;  // what stands above the upstreams is no matter of the plan's
  for (std::string& state : roots.upstreams) state = state == "upstream_failed" ? "success" : state;
  const auto dag = dag_for(roots);
  RunPlan plan(*dag);
  if (c.mapped == Mapped::group) static_cast<void>(plan.expand_group(plan.take_group(), kItems));
  for (const std::size_t i : ending_of(c)) {
    if (!c.upstreams[i].empty()) plan.finish(dag->find(upstream_name(i)), -1, state_of(c.upstreams[i]));
  }
  const std::int32_t map_index = c.mapped == Mapped::group ? kItems - 1 : -1;
  for (RunPlan::Decision decision; plan.take(decision);) {
    if (decision.task == dag->find("t") && decision.map_index == map_index) return word_of(decision.decision);
  }
  return "wait";
}

Verdict check(const RuleCase& c, const std::string& decision) {
  if (c.mapped == Mapped::both) {
    RuleCase one = c;
    one.mapped = Mapped::group;
    Verdict verdict = check(one, decision);
    one.mapped = Mapped::task;
    // What was removed counts for an instance, and only those of a group are decided one by one.
    if (verdict.instead.empty()) verdict.differs += check(one, decision).differs;
    return verdict;
  }
  const bool has_removed = std::find(c.upstreams.begin(), c.upstreams.end(), "removed") != c.upstreams.end();
  if (!has_removed) return {difference("decision", decide_in_a_run(c).decision, decision), {}};
  return {difference("decision", decide_in_the_plan(c), decision),
          "by RunPlan alone: no run has the state `removed` before there is a way to clear one"};
}

}  // namespace leeward::conformance
