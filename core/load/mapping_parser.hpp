#pragma once

#include <memory>

#include "core/load/params_checker.hpp"
#include "core/model/dag_spec.hpp"
#include "core/model/mapping.hpp"

namespace leeward {

/// A mapping, and what its sources ask of the rest of the DAG.
struct CheckedMapping {
  std::shared_ptr<Mapping> mapping;  ///< its `reads` are empty yet: who publishes the names is NameResolver's question
  CheckedParams asks;                ///< without a `with`
};

/// What the objects of an `expand_kwargs` are merged into. `op` null: that of no operator, anything will do.
struct MergeTarget {
  Json with;
  const OperatorInfo* op = nullptr;
};

/// Reads `expand`, `expand_kwargs` and `max_map_length` of a task or of a group: checks the form, compiles the
/// templates, checks literal objects against the operator they are for. REQUIRES: `written` exists.
///
///   source := [item, ...] | "{one.placeholder}" | {"key": value, ...}
///           | {"zip": [source, ...], "fill": value} | {"concat": [source, ...]}
///
/// Codes spec.type spec.value spec.name spec.reserved_name spec.unknown_key spec.limit, and those of templates and
/// schemas.
[[nodiscard]] CheckedMapping parse_mapping(const MappingSpec& written, const MergeTarget& target,
                                           const std::shared_ptr<const JsonDocument>& spec, ParamsChecker& checker,
                                           Errors& errors);

}  // namespace leeward
