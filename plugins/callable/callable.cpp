// The operator `callable`: runs a function that any plugin exports by name (LW_CALLABLE). What Airflow's PythonOperator
// is for functions of Python, this is for functions of plugins.

#include <string>
#include <string_view>

#include <leeward/cpp/call.hpp>
#include <leeward/cpp/operator.hpp>

namespace {

using leeward::sdk::Callee;
using leeward::sdk::CallResult;
using leeward::sdk::Deferred;
using leeward::sdk::Spec;
using leeward::sdk::Task;

constexpr char kDoc[] =
    "Runs a callable, a function that a plugin exports by name.\n\n"
    "The task ends as the callable does: its output, its choice of branches and its error are the task's.";

constexpr char kParams[] =
    R"({"type": "object", "required": ["callable"], "additionalProperties": false, "properties": {
  "callable": {"type": "string", "minLength": 1, "x-reference": "callable", "description": "Its name"},
  "args": {"type": "object", "x-args-of": "callable", "description": "Its arguments, by name"}}})";

// Everything that the callable left becomes the task's own.
void pass_on(Task task, const CallResult& result) {
  result.throw_if_failed();
  task.result(result.value());
  if (result.has_branched()) task.branch(result.branch());
}

struct Callable {
  static constexpr Spec spec{"callable", "1.0.0", kDoc, kParams, LW_OP_ASYNC | LW_OP_CONCURRENT};

  lw_code execute(Task task) const {
    const auto callable = Callee::callable_named(task.param<std::string>("callable"));
    return leeward::sdk::call(task.defer(), callable, task.find_param("args").value_or("{}"),
                              [](Deferred& deferred, const CallResult& result) { pass_on(deferred.task(), result); });
  }
};

}  // namespace

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"callable", "1.0.0", "MIT", "Functions of plugins as tasks."}), Callable)
