#pragma once

#include <vector>

#include "core/base/json.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// Reads the arrows of one line of `dependencies`:
///
///   line := tasks ( '>>' tasks )+        tasks := id | '[' id ( ',' id )* ']'
///
/// "a >> [b, c] >> d" is a to b, a to c, b to d, c to d. Mistakes have code spec.dependency_syntax and tell the place
/// inside the line. More arrows than `limit` in all are spec.limit. REQUIRES: `line` is a string.
void parse_dependency_line(const Json& line, std::size_t limit, std::vector<EdgeSpec>& edges, Errors& errors);

}  // namespace leeward
