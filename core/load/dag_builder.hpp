#pragma once

#include <memory>

#include "core/base/result.hpp"
#include "core/model/dag.hpp"
#include "core/model/dag_spec.hpp"
#include "core/model/operator_info.hpp"

namespace leeward {

/// From what the author wrote to a graph that can run: every operator exists and takes what it is given, every arrow
/// joins two tasks, nothing waits for itself, every name is published upstream.
///
/// Appends every mistake to `errors`, in no particular order, and returns null if there is any in it, be it an old one.
/// The catalog must outlive the Dag. Codes spec.duplicate_task spec.unknown_operator spec.unknown_callable
/// spec.unknown_task spec.cycle spec.unknown_name spec.not_upstream spec.not_downstream spec.reserved_name
/// spec.duplicate_output_key spec.limit, and those of mappings, groups, setups, trigger rules, schemas, templates and
/// conditions.
[[nodiscard]] std::shared_ptr<const Dag> build_dag(DagSpec spec, const OperatorCatalog& catalog, Errors& errors);

}  // namespace leeward
