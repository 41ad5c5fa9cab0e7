// The operator `branch`: chooses which of the tasks directly downstream go on. The others are skipped.
//
// Two ways to choose: by cases, whose conditions are data and decided by the host, or by a callable's answer. It is not
// LW_OP_INLINE: a condition may search a long text, and a callable may take its time.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <leeward/cpp/call.hpp>
#include <leeward/cpp/operator.hpp>
#include <leeward/cpp/text.hpp>

namespace {

using leeward::sdk::Callee;
using leeward::sdk::CallResult;
using leeward::sdk::Deferred;
using leeward::sdk::fail;
using leeward::sdk::Spec;
using leeward::sdk::Task;

constexpr char kDoc[] =
    "Chooses which of the tasks directly downstream go on; the others are skipped.\n\n"
    "With `cases`, the first whose condition holds decides, and `else` if none does. With `callable`, its answer "
    "decides: an id, a list of ids, or null. Where nothing is chosen (no case holds and there is no `else`, or null) "
    "all of them are skipped, as in Airflow. The choice is also the task's output.";

constexpr char kParams[] = R"({"type": "object", "additionalProperties": false, "properties": {
  "cases": {"type": "array", "minItems": 1, "description": "Tried in order", "items": {
    "type": "object", "required": ["if", "then"], "additionalProperties": false, "properties": {
      "if": {"x-condition": true, "description": "A condition, as data"},
      "then": {"$ref": "#/definitions/choice"}}}},
  "else": {"$ref": "#/definitions/choice"},
  "callable": {"type": "string", "minLength": 1, "x-reference": "callable", "description": "Whose answer decides"},
  "args": {"type": "object", "x-args-of": "callable"}},
  "oneOf": [{"required": ["cases"]}, {"required": ["callable"]}],
  "dependencies": {"else": ["cases"], "args": ["callable"]},
  "definitions": {"choice": {"x-reference": "downstream", "description": "The id of a task directly downstream, or several",
    "anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string", "minLength": 1}},
              {"type": "null"}]}}})";

constexpr char kOutput[] = R"({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}},
                                         {"type": "null"}]})";

// The ids in a choice, which is one, a list of them, or null; nothing if it is something else.
std::optional<std::vector<std::string>> ids_in(std::string_view choice) {
  if (choice == "null") return std::vector<std::string>{};
  if (choice.front() == '"') return std::vector{leeward::sdk::unquote(choice)};
  if (choice.front() != '[') return std::nullopt;
  std::vector<std::string> ids;
  for (const std::string_view id : leeward::sdk::elements(choice)) {
    if (id.front() != '"') return std::nullopt;
    ids.push_back(leeward::sdk::unquote(id));
  }
  return ids;
}

void choose(Task task, std::string_view choice, const std::string& whose) {
  const auto ids = ids_in(choice);
  if (!ids)
    throw fail("branch.bad_choice", whose + " gave " + leeward::sdk::well_formed(choice.substr(0, 80)) +
                                        "; expected a task's id, a list of ids, or null");
  task.branch(*ids);
  task.result_json(std::string(choice));
}

std::string_view required_member(std::string_view object, const char* name) {
  if (const auto value = leeward::sdk::member(object, name)) return *value;
  throw fail("branch.bad_case", std::string("expected each case to have '") + name + "'");
}

void choose_by_cases(Task task) {
  const auto cases = leeward::sdk::elements(task.param_json("cases"));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    task.stop_if_cancelled();
    if (leeward::sdk::evaluate(task, required_member(cases[i], "if")))
      return choose(task, required_member(cases[i], "then"), "cases[" + std::to_string(i) + "].then");
  }
  choose(task, task.find_param("else").value_or("null"), "else");
}

// A callable may also branch by itself; then its answer is only its output.
void choose_as(const std::string& callable, Task task, const CallResult& result) {
  result.throw_if_failed();
  if (!result.has_branched()) return choose(task, result.json(), callable);
  task.branch(result.branch());
  task.result(result.value());
}

struct Branch {
  static constexpr Spec spec{"branch", "1.0.0", kDoc, kParams, LW_OP_BRANCHES | LW_OP_ASYNC | LW_OP_CONCURRENT,
                             kOutput};

  lw_code execute(Task task) const {
    if (!task.find_param("callable")) {
      choose_by_cases(task);
      return LW_OK;
    }
    const auto callable = task.param<std::string>("callable");
    const auto args = task.find_param("args").value_or("{}");
    return leeward::sdk::call(
        task.defer(), Callee::callable_named(callable), args,
        [callable](Deferred& deferred, const CallResult& result) { choose_as(callable, deferred.task(), result); });
  }
};

}  // namespace

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"branch", "1.0.0", "MIT", "Choosing the way on."}), Branch)
