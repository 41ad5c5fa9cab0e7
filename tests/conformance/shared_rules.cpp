// Trigger rules and the constraint of setups, as the shared file has them.
#include "tests/conformance/graph.hpp"
#include "tests/conformance/group.hpp"
#include "tests/conformance/rule_case.hpp"
#include "tests/support/staged_run.hpp"

namespace leeward::conformance {
namespace {

using test::Stage;
using test::StagedRun;

Verdict check_rule(const Json& test_case) {
  RuleCase c;
  c.rule = test_case["rule"].string();
  for (const Json& state : test_case["upstream_states"]) {
    c.upstreams.emplace_back(state.is_null() ? "" : std::string(state.string()));
  }
  for (const Json& is_setup : test_case["upstream_is_setup"]) c.setups.push_back(is_setup.boolean());
  c.is_teardown = test_case["is_teardown"] && test_case["is_teardown"].boolean();
  c.mapped = test_case["map_index"] ? Mapped::both : Mapped::no;
  return check(c, std::string(test_case["expect"]["decision"].string()));
}

/// The states of some tasks are given; what becomes of the others?
Verdict check_setups(const Json& test_case) {
  Steps steps;
  for (const Json& state : test_case["states"]) {
    const std::string task{state.key()};
    steps[task] = state.is_null() ? never_ending()
                                  : ending(state.string() == "failed" ? OutcomeKind::failed : OutcomeKind::skipped);
  }
  Stage stage;
  StagedRun run(stage, dag_of(graph_in(test_case)), test::run_info(), script_of(steps));
  run.run();
  Verdict verdict;
  for (const Json& state : test_case["expect"]) {
    const std::string task{state.key()};
    verdict.differs += difference(task, run.decision(task), state.is_null() ? "wait" : std::string(state.string()));
  }
  return verdict;
}

}  // namespace

Group shared_trigger_rules() { return {"trigger_rules", check_rule}; }
Group shared_setup_constraint() { return {"setup_constraint", check_setups}; }

}  // namespace leeward::conformance
