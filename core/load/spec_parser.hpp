#pragma once

#include <memory>
#include <optional>

#include "core/base/json.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// Reads what the author wrote: every key is known and holds what it may hold, `default_args` are merged into the
/// tasks. Whether tasks, operators and names fit together is for DagBuilder. Pure.
///
/// Appends every mistake to `errors`; what could be read is returned all the same, so that the builder can go on and
/// find the rest. Codes spec.type spec.value spec.id spec.name spec.unknown_key spec.missing_key spec.limit spec.date
/// spec.duration spec.schedule spec.params spec.dependency_syntax, and those of groups.
[[nodiscard]] DagSpec parse_spec(std::shared_ptr<const JsonDocument> document, Errors& errors);

}  // namespace leeward
