// empty: a task that does nothing. It joins and starts branches of a DAG.

#include <leeward/cpp/operator.hpp>

LW_FUNCTION(Empty, "empty", "1.0.0", "Does nothing.\n\nA place where branches of a DAG start or come together.",
            R"({"type": "object", "additionalProperties": false})", LW_OP_INLINE | LW_OP_PURE | LW_OP_IDEMPOTENT) {}

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"empty", "1.0.0", "MIT", "The task that does nothing."}), Empty)
