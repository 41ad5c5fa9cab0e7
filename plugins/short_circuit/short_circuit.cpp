// The operator `short_circuit`: goes on, or skips what lies downstream. Airflow's ShortCircuitOperator, with a
// condition as data, or any value, instead of a function of Python.
//
// It is not LW_OP_INLINE: a condition may search a long text.

#include <string>
#include <string_view>

#include <leeward/cpp/flow.hpp>
#include <leeward/cpp/operator.hpp>
#include <leeward/cpp/text.hpp>

namespace {

using leeward::sdk::Downstream;
using leeward::sdk::Spec;
using leeward::sdk::Task;

constexpr char kDoc[] =
    "Goes on if a condition holds, and skips what lies downstream if it does not.\n\n"
    "With `value` instead of `condition`, null, false, 0 and an empty text, list or object skip, as in Airflow. All "
    "that the task leads to is skipped, whatever its trigger rules; with `ignore_downstream_trigger_rules` false only "
    "the tasks directly downstream. Teardowns are never skipped. The output is the value, or whether the condition "
    "holds.";

constexpr char kParams[] = R"({"type": "object", "additionalProperties": false, "properties": {
  "condition": {"x-condition": true, "description": "A condition, as data"},
  "value": {"description": "Decides by its truth"},
  "ignore_downstream_trigger_rules": {"type": "boolean", "default": true,
    "description": "Skip all that follows, not only the tasks directly downstream"}},
  "oneOf": [{"required": ["condition"]}, {"required": ["value"]}]})";

// What Python, and so Airflow, takes for true.
bool is_true(std::string_view json) {
  switch (json.front()) {
    case 'n':
    case 'f': return false;
    case 't': return true;
    case '"': return json != "\"\"";
    case '[': return !leeward::sdk::elements(json).empty();
    case '{': return !leeward::sdk::members(json).empty();
    default: return leeward::sdk::read_json<double>(json) != 0;
  }
}

struct ShortCircuit {
  static constexpr Spec spec{"short_circuit", "1.0.0", kDoc, kParams, LW_OP_CONCURRENT | LW_OP_IDEMPOTENT};

  void execute(Task task) const {
    const bool goes_on = decide(task);
    if (goes_on) return;
    const bool all = task.param<bool>("ignore_downstream_trigger_rules", true);
    leeward::sdk::skip_downstream(task, all ? Downstream::all : Downstream::direct);
  }

 private:
  static bool decide(Task task) {
    if (const auto condition = task.find_param("condition")) {
      const bool holds = leeward::sdk::evaluate(task, *condition);
      task.result(holds);
      return holds;
    }
    const std::string_view value = task.param_json("value");
    task.result_json(std::string(value));
    return is_true(value);
  }
};

}  // namespace

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"short_circuit", "1.0.0", "MIT", "Going on, or not."}), ShortCircuit)
