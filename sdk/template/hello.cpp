// The plugin `hello`: one operator, which greets.
#include <leeward/cpp/operator.hpp>

namespace {

// What stands under `with` in a DAG. The host checks it before the operator is ever asked.
constexpr char kParams[] = R"({
  "type": "object",
  "required": ["name"],
  "additionalProperties": false,
  "properties": {
    "name": {"type": "string", "description": "Who is greeted."},
    "greeting": {"type": "string", "default": "Hello"}
  }
})";

LW_FUNCTION(Greet, "hello.greet", "1.0.0", "Greets `name`, and returns the greeting.", kParams,
            LW_OP_IDEMPOTENT | LW_OP_PURE) {
  const auto name = task.param<std::string>("name");
  if (name.empty()) throw leeward::sdk::fail("hello.nobody", "parameter 'name': expected a name, got an empty text");
  task.log(LW_LOG_INFO, "greeting " + name);
  task.result(task.param<std::string>("greeting", "Hello") + ", " + name + "!");
}

}  // namespace

LW_PLUGIN("hello", "1.0.0", Greet)
