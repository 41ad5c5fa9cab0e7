#pragma once

#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/model/dag.hpp"
#include "core/model/dag_spec.hpp"
#include "core/model/operator_info.hpp"

namespace leeward {

/// A Dag, or every mistake that kept it from being one. `dag` is null exactly if `errors` is not empty.
struct LoadedDag {
  std::shared_ptr<const Dag> dag;
  Errors errors;            ///< in the order of the text
  Errors notes{};           ///< what is no mistake, and yet seldom what was meant; only of a Dag
  ScheduleSpec schedule{};  ///< what a run that is started by hand does not look at
};

/// From JSON text to a validated Dag: parses, checks, compiles templates, builds the graph. Runs nothing. Pure.
///
/// The rules are the DAG spec's (dags/README.md). All mistakes of the file are told at once, each with line, column and
/// JSON pointer; only broken JSON syntax ends the search early. `file` is how errors name the text, `kept_as` how the
/// Dag's source does; empty: the same. `catalog` must outlive the Dag.
[[nodiscard]] LoadedDag load_dag(std::string text, const std::string& file, const OperatorCatalog& catalog,
                                 const std::string& kept_as = {});

}  // namespace leeward
