#include "tests/scenarios/scenario.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "core/base/time_format.hpp"
#include "core/model/instance_name.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/support/scripted_catalog.hpp"
#include "tests/support/step_script.hpp"

namespace leeward::test {
namespace {

[[noreturn]] void bad_scenario(const std::string& what) { throw std::runtime_error("bad scenario: " + what); }

/// "1s a[0]#2": when, which, try number; of a callback, "1s notify {...}": what it was given.
std::string start_text(const Clock& clock, const TaskCall& call) {
  const std::string when = format_duration(clock.now().since_start) + " ";
  if (call.task->op->name == "notify") return when + "notify " + std::string(call.params.json());
  return when + instance_name(call.task->id, call.map_index) + "#" + std::to_string(call.try_number);
}

std::map<std::string, PoolTable::Pool, std::less<>> pools_in(const Json& json) {
  std::map<std::string, PoolTable::Pool, std::less<>> pools;
  for (const Json& slots : json) {
    pools[std::string(slots.key())].slots = static_cast<std::size_t>(slots.integer().value());
  }
  return pools;
}

std::string state_text(const TaskRecord& task) {
  std::string text{to_string(task.state)};
  if (task.attempts != 1) text += " (" + std::to_string(task.attempts) + " attempts)";
  if (task.outcome && task.outcome->error) text += ": " + task.outcome->error->code;
  return text;
}

std::map<std::string, std::string> map_in(const Json& object, bool as_json) {
  std::map<std::string, std::string> map;
  for (const Json& member : object) {
    map.emplace(std::string(member.key()), std::string(as_json ? member.text() : member.string()));
  }
  return map;
}

/// `expected`, written as in `actual` where the value is the same and only its spaces differ.
std::map<std::string, std::string> same_json_as(const std::map<std::string, std::string>& actual,
                                                std::map<std::string, std::string> expected) {
  for (auto& [key, json] : expected) {
    const auto found = actual.find(key);
    if (found == actual.end()) continue;
    const auto ours = JsonDocument::of(Value{json});
    if (ours->root() == JsonDocument::of(Value{found->second})->root()) json = found->second;
  }
  return expected;
}

}  // namespace

Scenario::Scenario(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string text(std::istreambuf_iterator<char>(in), {});
  auto document = JsonDocument::parse(std::move(text), file.string());
  if (!document) bad_scenario(to_string(document.error()));
  document_ = *document;
}

std::string Scenario::name() const { return std::string(document_->root()["name"].string()); }

Scenario::Outcome Scenario::run() const {
  const Json root = document_->root();
  const auto dag = scripted_dag(std::string(root["dag"].text()));
  auto info = std::make_shared<RunInfo>();
  info->run_id = "r1";
  info->dag_id = dag->id();
  info->logical_date = FakeClock::kStart;
  info->params = dag->header().params;

  FakeClock clock;
  Outcome outcome;
  StepScript script(root["script"]);
  SimulatedExecutor executor(clock, [&](const TaskCall& call) {
    outcome.started.push_back(start_text(clock, call));
    return script(call);
  });
  MemoryRunStore store;
  PoolTable pools(pools_in(root["pools"]));
  RunEngine::Options options;
  options.pools = &pools;
  RunEngine engine(dag, info, clock, executor, store, {}, options);
  if (root["cancel_at"]) executor.at(duration_in(root["cancel_at"]), [&] { engine.cancel(); });
  for (const Json& answer : root["answers"]) {
    executor.at(duration_in(answer["at"]), [&, answer] { say(engine, answer, clock, outcome); });
  }
  const auto ended = engine.run();
  if (!ended) bad_scenario(to_string(ended.error()));
  const auto record = store.load(info->run_id);
  if (!record) bad_scenario(to_string(record.error()));
  outcome.run = std::string(to_string(record->state)) + " after " + format_duration(clock.now().since_start);
  outcome.end_reason = to_string(record->end_reason);
  for (const TaskRecord& task : record->tasks) {
    outcome.tasks[instance_name(task.task_id, task.map_index)] = state_text(task);
  }
  for (const auto& [key, value] : record->context) outcome.context[key] = value.json();
  return outcome;
}

void Scenario::say(RunEngine& engine, const Json& answer, const Clock& clock, Outcome& outcome) {
  const std::string user{answer["user"].string()};
  engine.answer(std::string(answer["task"].string()), -1, answer["says"].value(), user,
                [&outcome, &clock, user](const Status& status) {
                  outcome.answers.push_back(format_duration(clock.now().since_start) + " " + user + ": " +
                                            (status ? "recorded" : status.error().code));
                });
}

Scenario::Outcome Scenario::expected(const Outcome& actual) const {
  const Json expect = document_->root()["expect"];
  Outcome outcome = actual;
  outcome.run = expect["run"].string();
  outcome.tasks = map_in(expect["tasks"], false);
  if (expect["context"]) outcome.context = same_json_as(actual.context, map_in(expect["context"], true));
  if (expect["started"]) outcome.started = strings_in(expect["started"]);
  if (expect["answers"]) outcome.answers = strings_in(expect["answers"]);
  if (expect["end_reason"]) outcome.end_reason = expect["end_reason"].string();
  return outcome;
}

std::vector<std::filesystem::path> scenario_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(LEEWARD_SOURCE_DIR "/tests/scenarios/cases")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace leeward::test
