// The cases collected from Airflow's own tests and documents, one JSON file outside of the repository.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "tests/conformance/group.hpp"
#include "tests/conformance/rule_case.hpp"

using namespace leeward;
using namespace leeward::conformance;

namespace {

/// Null, and SKIP was said, if the file is not there.
std::shared_ptr<const JsonDocument> shared_file(const std::string& name) {
  const char* shared = std::getenv("LEEWARD_SHARED");
  const std::string file =
      (shared != nullptr ? std::string{shared} : std::string{LEEWARD_SOURCE_DIR "/../shared"}) + "/conformance/" + name;
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    WARN("SKIP: " + file + " is not there (LEEWARD_SHARED names another folder)");
    return nullptr;
  }
  auto document = JsonDocument::parse({std::istreambuf_iterator<char>(in), {}}, file);
  if (!document) FAIL(to_string(document.error()));
  return *document;
}

Group later(const std::string& name, const std::string& reason) { return {name, {}, {{"*", reason}}}; }

std::vector<Group> groups() {
  return {shared_trigger_rules(),
          shared_setup_constraint(),
          shared_dagrun_state(),
          shared_branching(),
          shared_short_circuit(),
          shared_mapping(),
          shared_retry_backoff(),
          shared_exceptions(),
          shared_depends_on_past(),
          shared_latest_only(),
          later("branching_facts", "about clearing a task, and there is no clear yet"),
          later("timetables", "nothing starts a run by itself yet: a run's dates come from whoever starts it"),
          later("loops_3_4", "task loops are not there yet")};
}

Tally checked(const Group& group, const Json& cases) {
  Tally tally = drive(group, cases);
  for (const std::string& failure : tally.failed) FAIL_CHECK(failure);
  CHECK(tally.total > 0);
  CHECK(tally.passed + tally.left_out() == tally.total);
  return tally;
}

}  // namespace

TEST_CASE("Every case collected from Airflow comes out the same, or is listed with the reason", "[conformance]") {
  const auto document = shared_file("airflow_cases.json");
  if (!document) return;
  std::set<std::string> driven{"meta", "schedule_presets"};  // not cases
  std::vector<Tally> tallies;
  for (const Group& group : groups()) {
    driven.insert(group.name);
    tallies.push_back(checked(group, document->root()[group.name]));
  }
  for (const Json& group : document->root()) CHECK(driven.contains(std::string(group.key())));
  std::cout << table("airflow_cases.json", tallies);
}

TEST_CASE("The operators that branch and short-circuit skip what Airflow's do", "[conformance]") {
  const auto document = shared_file("airflow_cases.json");
  if (!document) return;
  std::vector<Tally> tallies;
  for (const Group& group : {shared_branch_operator(), shared_short_circuit_operator()}) {
    tallies.push_back(checked(group, document->root()[group.name]));
  }
  std::cout << table("airflow_cases.json, with the operators that ship", tallies);
}

TEST_CASE("Every row of the table of trigger rules comes out the same", "[conformance]") {
  const auto document = shared_file("trigger_rule_table.json");
  if (!document) return;
  std::size_t passed = 0;
  std::size_t by_plan = 0;
  const Json rows = document->root()["rows"];
  for (const Json& row : rows) {
    RuleCase c;
    c.rule = row.at(0).string();
    for (const Json& state : row.at(1)) c.upstreams.emplace_back(state.is_null() ? "" : std::string(state.string()));
    const std::string decision{row.at(2).string()};
    const Verdict verdict = check(c, decision);
    passed += verdict.differs.empty() ? 1 : 0;
    by_plan += verdict.instead.empty() ? 0 : 1;
    INFO(row.text());
    CHECK(verdict.differs == "");
    CHECK(decision_by_the_book(c.rule, c.upstreams) == decision);
  }
  std::cout << "trigger_rule_table.json: " << passed << " passed of " << rows.size() << ", " << by_plan
            << " of them by RunPlan alone (upstreams that were removed)\n";
  CHECK(passed == rows.size());
}
