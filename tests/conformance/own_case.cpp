#include "tests/conformance/own_case.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>

#include "core/base/time_format.hpp"
#include "tests/conformance/graph.hpp"
#include "tests/conformance/plugin_run.hpp"
#include "tests/conformance/rule_case.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/scripted_catalog.hpp"
#include "tests/support/staged_run.hpp"
#include "tests/support/step_script.hpp"

namespace leeward::conformance {
namespace {

using test::Stage;
using test::StagedRun;

constexpr std::int64_t kDayNs = 86'400'000'000'000;

Verdict check_rule(const Json& test_case) {
  RuleCase c;
  c.rule = test_case["rule"].string();
  for (const Json& state : test_case["upstreams"]) {
    c.upstreams.emplace_back(state.is_null() ? "" : std::string(state.string()));
  }
  for (const Json& is_setup : test_case["setups"]) c.setups.push_back(is_setup.boolean());
  c.is_teardown = test_case["teardown"].exists();
  c.mapped = test_case["mapped"] ? Mapped::both : Mapped::no;
  return check(c, std::string(test_case["then"].string()));
}

std::shared_ptr<const Dag> dag_for(const Json& test_case) {
  if (test_case["graph"]) return test::dag_of(test_case["graph"].string());
  return test::scripted_dag(std::string(test_case["dag"].text()));
}

/// The runs of a case, the oldest first and a day apart; the last one is the one that is looked at. A run that cannot
/// end is still open while the next one goes on.
class Days {
 public:
  Days(Stage& stage, const Json& test_case)
      : cut_off_(test_case["delays"] ? std::chrono::hours{24 * 30} : std::chrono::hours{1}) {
    const auto dag = dag_for(test_case);
    for (const Json& does : test_case["before"]) add(stage, dag, does);
    add(stage, dag, test_case["does"]);
  }
  StagedRun& run() {
    play(0);
    return *runs_.back();
  }

 private:
  void add(Stage& stage, const std::shared_ptr<const Dag>& dag, const Json& does) {
    const auto day = static_cast<std::int64_t>(runs_.size());
    runs_.push_back(std::make_unique<StagedRun>(
        stage, dag, test::run_info("day" + std::to_string(day), {test::FakeClock::kStart.unix_ns + day * kDayNs}),
        test::StepScript(does)));
  }
  void play(std::size_t day) {
    bool next_was_played = day + 1 == runs_.size();
    const auto play_next = [&] {
      if (!next_was_played) play(day + 1);
      next_was_played = true;
    };
    const Duration soon = std::chrono::minutes{10 * (day + 1)};
    if (!next_was_played) runs_[day]->executor().at(soon, play_next);
    runs_[day]->run(day + 1 == runs_.size() ? cut_off_ : cut_off_ * 2);
    play_next();
  }

  Duration cut_off_;  ///< of the last one: where nothing more is expected of it
  std::vector<std::unique_ptr<StagedRun>> runs_;
};

std::string error_of(const StagedRun& run, const std::string& task) {
  const auto history = run.history(task);
  const auto outcome = history.empty() ? nullptr : history.back().outcome;
  return outcome && outcome->error ? outcome->error->code : "(none)";
}

std::string first_end_of(const StagedRun& run, const std::string& task) {
  for (const Event& event : run.history(task)) {
    if (event.from == TaskState::running) return std::string(to_string(event.to));
  }
  return "(no attempt ended)";
}

std::string delays_of(const StagedRun& run, const std::string& task) {
  std::string text;
  for (const Event& event : run.history(task)) {
    if (event.to == TaskState::up_for_retry) text += (text.empty() ? "" : " ") + format_duration(event.delay);
  }
  return text;
}

std::string when_of(const StagedRun& run, const std::string& task) {
  const auto when = run.decided_at(task);
  return when ? format_duration(*when) : "(not decided)";
}

std::string in_a_row(const Json& words) {
  std::string text;
  for (const std::string& word : words_in(words)) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// What was published must be equal as JSON, however it is written.
std::string context_difference(Stage& stage, const Json& expected) {
  if (!expected) return {};
  const auto record = stage.store.load("day0");
  if (!record) throw std::runtime_error(to_string(record.error()));
  std::string differs;
  for (const Json& value : expected) {
    const auto found = std::find_if(record->context.begin(), record->context.end(),
                                    [&](const auto& published) { return published.first == value.key(); });
    const Value actual = found == record->context.end() ? Value{} : found->second;
    if (JsonDocument::of(actual)->root() == value) continue;
    differs += difference(std::string(value.key()), std::string(actual.json()), std::string(value.text()));
  }
  return differs;
}

std::optional<std::pair<Timestamp, Timestamp>> window_of(std::string_view word) {
  const std::int64_t now = SystemClock{}.wall().unix_ns;
  if (word == "past") return std::pair{Timestamp{now - 2 * kDayNs}, Timestamp{now - kDayNs}};
  if (word == "now") return std::pair{Timestamp{now - kDayNs}, Timestamp{now + kDayNs}};
  return std::nullopt;
}

template <class Actual>
std::string differences(const std::string& what, const Json& expected, Actual&& actual) {
  std::string differs;
  for (const Json& value : expected) {
    const std::string task{value.key()};
    differs += difference(what + task, actual(task), in_a_row(value));
  }
  return differs;
}

Verdict check_latest_only(const Json& test_case) {
  RunInfo info = test::run_info();
  info.run_type = test_case["run_type"].string();
  info.latest_window = window_of(test_case["window"].string());
  const std::string spec = spec_of(graph_in(test_case), {{"latest", R"("operator": "latest_only")"}});
  const auto states = run_with_plugins(spec, info);
  return {
      differences("", test_case["gives"], [&](const auto& task) { return std::string(to_string(states.at(task))); }),
      {}};
}

}  // namespace

Verdict check_own(const Json& test_case) {
  if (test_case["rule"]) return check_rule(test_case);
  if (test_case["window"]) return check_latest_only(test_case);
  Stage stage;
  Days days(stage, test_case);
  const StagedRun& run = days.run();
  Verdict verdict;
  verdict.differs =
      differences("", test_case["gives"], [&](const auto& task) { return std::string(to_string(run.state(task))); }) +
      differences("error of ", test_case["errors"], [&](const auto& task) { return error_of(run, task); }) +
      differences("first attempt of ", test_case["first"], [&](const auto& task) { return first_end_of(run, task); }) +
      differences("delays of ", test_case["delays"], [&](const auto& task) { return delays_of(run, task); }) +
      differences("decision about ", test_case["when"], [&](const auto& task) { return when_of(run, task); }) +
      context_difference(stage, test_case["context"]);
  if (test_case["run"]) {
    verdict.differs += difference("run", std::string(to_string(run.state())), std::string(test_case["run"].string()));
  }
  return verdict;
}

}  // namespace leeward::conformance
