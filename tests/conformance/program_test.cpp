// The rules once more, as a DAG file and through the program: what a user sees of them.
#include "tests/e2e/program.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/model/trigger_rule.hpp"
#include "tests/conformance/rule_oracle.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::conformance;
using namespace leeward::test;

namespace {

/// A task below some of the upstreams ok, bad, off, lost and slow.
struct Join {
  std::string id;
  std::string rule;
  std::vector<std::string> below;
};

/// How the upstream has ended when `slow` still runs, or when it has ended, too.
std::string state_of(const std::string& upstream, bool slow_has_ended) {
  if (upstream == "bad") return "failed";
  if (upstream == "off") return "skipped";
  if (upstream == "lost") return "upstream_failed";
  return upstream == "ok" || slow_has_ended ? "success" : "";
}

std::string by_the_book(const Join& join, bool slow_has_ended) {
  Upstreams upstreams;
  for (const std::string& upstream : join.below) upstreams.push_back(state_of(upstream, slow_has_ended));
  return decision_by_the_book(join.rule, upstreams);
}

bool is_early(const Join& join) { return by_the_book(join, false) != "wait"; }

std::vector<Join> joins() {
  const std::vector<std::vector<std::string>> kBelow{{"ok", "slow"}, {"bad", "slow"}, {"off", "slow"}, {"lost", "slow"},
                                                     {"ok", "bad"},  {"off", "lost"}, {"bad", "lost"}, {"ok", "off"},
                                                     {"off"},        {"lost"}};
  std::vector<Join> joins;
  for (const std::string_view rule : trigger_rule_words()) {
    if (rule == "all_done_setup_success") continue;
    for (const auto& below : kBelow) {
      std::string id{rule};
      for (const std::string& upstream : below) id += "_" + upstream;
      joins.push_back({id, std::string(rule), below});
    }
  }
  return joins;
}

std::string list_of(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "\"" : ", \"") + id + "\"";
  return "[" + text + "]";
}

/// Failures come before skips, since of the two the first one decides.
///
/// `slow` cannot end before `seen` has started, and `seen` waits for every task whose rule can be decided without
/// `slow`: the run ends only if each of these decisions falls while an upstream of theirs still runs.
std::string dag_text(const std::vector<Join>& joins, const std::string& mark) {
  std::string tasks = R"({"task_id": "ok", "operator": "empty"},
    {"task_id": "bad", "operator": "bash", "with": {"command": "exit 1"}},
    {"task_id": "lost", "operator": "empty", "depends_on": ["bad"]},
    {"task_id": "off", "operator": "bash", "with": {"command": "exit 99"}, "depends_on": ["lost"], "trigger_rule": "all_done"},
    {"task_id": "slow", "operator": "bash",
     "with": {"command": "until [ -e \"$1\" ]; do sleep 0.01; done", "args": [")" +
                      mark + R"("], "append_env": true}})";
  std::vector<std::string> early;
  for (const Join& join : joins) {
    tasks += ",\n    {\"task_id\": \"" + join.id + R"(", "operator": "empty", "trigger_rule": ")" + join.rule +
             R"(", "depends_on": )" + list_of(join.below) + "}";
    if (is_early(join)) early.push_back(join.id);
  }
  return R"({"dag_id": "rules", "dagrun_timeout": "60s", "tasks": [)" + tasks +
         R"(, {"task_id": "seen", "operator": "bash", "trigger_rule": "all_done", "depends_on": )" + list_of(early) +
         R"(, "with": {"command": "touch \"$1\"", "args": [")" + mark + R"("], "append_env": true}}]})";
}

std::string_view string_in(const Json& json) { return json.is_string() ? json.string() : std::string_view{}; }

}  // namespace

TEST_CASE("leeward run decides by the rules, and while other upstreams still run where it can", "[conformance]") {
  const TempDir dir;
  const auto all = joins();
  const std::string dag = dir.write("rules.json", dag_text(all, (dir / "mark").string())).string();
  const Ended ended = run_leeward({"run", dag, "--json"});
  INFO(ended.err);
  REQUIRE(ended.status == 0);  // what fails on purpose is no leaf
  const auto document = ended.json();
  const Json report = document->root();
  REQUIRE(string_in(report["end_reason"]) == "");
  const Json slow = task_of(report, "slow");
  REQUIRE(string_in(slow["state"]) == "success");
  std::size_t early = 0;
  for (const Join& join : all) {
    INFO(join.id);
    const Json task = task_of(report, join.id);
    const std::string decision = by_the_book(join, !is_early(join));
    CHECK(string_in(task["state"]) == (decision == "run" ? "success" : decision));
    if (is_early(join)) {  // timestamps are texts that sort like the times they name
      ++early;
      CHECK(string_in(task["ended_at"]) <= string_in(slow["ended_at"]));
    } else {
      CHECK(string_in(task["ended_at"]) >= string_in(slow["ended_at"]));
    }
  }
  CHECK(early > 60);
  CHECK(all.size() - early > 10);
}
