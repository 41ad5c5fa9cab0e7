#include "tests/support/step_script.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "core/base/time_format.hpp"
#include "core/model/instance_name.hpp"

namespace leeward::test {
namespace {

[[noreturn]] void bad_script(const std::string& what) { throw std::runtime_error("bad script: " + what); }

OutcomeKind kind_of(std::string_view word) {
  static const std::map<std::string_view, OutcomeKind> kKinds = {
      {"success", OutcomeKind::success}, {"skipped", OutcomeKind::skipped},       {"retry", OutcomeKind::retry},
      {"failed", OutcomeKind::failed},   {"reschedule", OutcomeKind::reschedule}, {"canceled", OutcomeKind::canceled},
  };
  const auto found = kKinds.find(word);
  if (found == kKinds.end()) bad_script("no outcome \"" + std::string(word) + "\"");
  return found->second;
}

SkipDownstream skip_downstream_of(std::string_view word) {
  if (word == "direct") return SkipDownstream::direct;
  if (word == "all") return SkipDownstream::all;
  bad_script("skip_downstream is \"direct\" or \"all\", not \"" + std::string(word) + "\"");
}

std::shared_ptr<const InputRequest> input_in(const Json& json) {
  auto request = InputRequest::parse(json.value());
  if (!request) bad_script(to_string(request.error()));
  return std::make_shared<const InputRequest>(*std::move(request));
}

void check_words(const Json& step) {
  static const std::vector<std::string_view> kWords = {"takes",      "outcome",        "value",  "echo",
                                                       "branch",     "retry_after",    "input",  "answer",
                                                       "never_ends", "ignores_cancel", "defers", "skip_downstream"};
  for (const Json& member : step) {
    if (std::find(kWords.begin(), kWords.end(), member.key()) == kWords.end()) {
      bad_script("no word \"" + std::string(member.key()) + "\"");
    }
  }
}

TaskOutcome outcome_in(const Json& step, const TaskCall& call) {
  TaskOutcome outcome;
  outcome.kind = step["outcome"] ? kind_of(step["outcome"].string()) : OutcomeKind::success;
  if (outcome.kind != OutcomeKind::success) outcome.error = TaskError{"scripted", "as the script says", false, 0, {}};
  if (step["value"]) outcome.value = step["value"].value();
  if (step["echo"]) outcome.value = call.params;
  if (step["answer"] && call.answer) outcome.value = *call.answer;
  if (step["branch"]) outcome.branch = strings_in(step["branch"]);
  if (step["skip_downstream"]) outcome.skip_downstream = skip_downstream_of(step["skip_downstream"].string());
  if (step["retry_after"]) outcome.retry_after = duration_in(step["retry_after"]);
  if (step["input"]) {
    outcome.kind = OutcomeKind::awaiting_input;
    outcome.input = input_in(step["input"]);
  }
  return outcome;
}

/// One word alone: how the attempt ends, or `never`.
SimulatedExecutor::Step step_of_word(std::string_view word, const TaskCall& call) {
  SimulatedExecutor::Step step;
  step.takes = std::chrono::seconds{1};
  step.never_ends = word == "never";
  if (step.never_ends) return step;
  step.outcome.kind = kind_of(word);
  if (word != "success") step.outcome.error = TaskError{"scripted", call.task->id + " does as told", false, 0, {}};
  return step;
}

}  // namespace

SimulatedExecutor::Step StepScript::operator()(const TaskCall& call) {
  const bool is_callback = call.task->op->name == "notify";
  const std::string instance = is_callback ? "notify" : instance_name(call.task->id, call.map_index);
  const Json steps = is_callback || script_[instance] ? script_[instance] : script_[call.task->id];
  const std::size_t start = starts_[instance]++;
  if (!steps) return step_of_word("success", call);
  const Json what = steps.is_array() ? steps.at(std::min(start, steps.size() - 1)) : steps;
  if (what.is_string()) return step_of_word(what.string(), call);
  check_words(what);
  SimulatedExecutor::Step step;
  step.takes = what["takes"] ? duration_in(what["takes"]) : std::chrono::seconds{1};
  step.never_ends = what["never_ends"].exists();
  step.ignores_cancel = what["ignores_cancel"].exists();
  step.defers = what["defers"].exists();
  step.outcome = outcome_in(what, call);
  return step;
}

Duration duration_in(const Json& json) {
  if (!json) return Duration::zero();
  const auto duration = duration_of(json);
  if (!duration) bad_script(to_string(duration.error()));
  return *duration;
}

std::vector<std::string> strings_in(const Json& list) {
  std::vector<std::string> strings;
  for (const Json& item : list) strings.emplace_back(item.string());
  return strings;
}

}  // namespace leeward::test
