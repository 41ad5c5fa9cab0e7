#pragma once

#include <string>
#include <string_view>

#include "host/plugin/plugin_registry.hpp"

namespace leeward {

/// dags/schema/dag.schema.json as this program was built with it.
[[nodiscard]] std::string_view dag_schema_text() noexcept;

/// The same with what is installed: `operator` is one of the names there are, and `with` is checked against that
/// operator's own schema. Any parameter may be a template in place of its value, as in a DAG.
[[nodiscard]] std::string dag_schema_with(const PluginRegistry& registry);

}  // namespace leeward
