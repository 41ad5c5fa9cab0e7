#pragma once

#include <map>
#include <string>

#include "core/model/run_record.hpp"
#include "tests/conformance/graph.hpp"

namespace leeward::conformance {

/// What a task of a spec is beside its id and its edges: R"("operator": "latest_only")".
using Members = std::map<std::string, std::string>;

/// The graph as a spec. Tasks without members are `empty`.
[[nodiscard]] std::string spec_of(const Graph& graph, const Members& members);

/// A run of the spec with the plugins that ship, real threads and the real clock: what each task came to. Throws if the
/// spec has a mistake.
[[nodiscard]] std::map<std::string, TaskState> run_with_plugins(const std::string& spec, RunInfo info);

}  // namespace leeward::conformance
