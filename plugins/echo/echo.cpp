// echo: the smallest plugin that does something. Copy this folder to begin one of your own.

#include <leeward/cpp/operator.hpp>

LW_FUNCTION(Echo, "echo", "1.0.0", "Returns `value` as it is.",
            R"({"type": "object", "required": ["value"], "additionalProperties": false, "properties": {"value": {}}})",
            LW_OP_INLINE | LW_OP_PURE | LW_OP_IDEMPOTENT) {
  task.result_json(std::string(task.param_json("value")));
}

LW_PLUGIN("echo", "1.0.0", Echo)
