#pragma once

#include "core/base/json.hpp"
#include "core/model/dag.hpp"

namespace leeward {

/// Reads the `params` of a DAG into its header. Each is a default value, or, for an object with a "default", a "type"
/// or an "enum", a JSON Schema that the value must satisfy, its default among it; without a default the run must give
/// one.
void read_params_spec(const Json& params, Dag::Header& header, Errors& errors);

}  // namespace leeward
