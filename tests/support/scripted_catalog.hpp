#pragma once

#include <memory>
#include <string>

#include "core/model/dag.hpp"

namespace leeward::test {

/// One operator, "scripted", which takes anything, may branch and does as a script says; and "notify", for callbacks.
[[nodiscard]] const OperatorCatalog& scripted_catalog();

/// A Dag from a spec whose tasks name these operators, by the real loader. Throws if there is a mistake in it.
[[nodiscard]] std::shared_ptr<const Dag> scripted_dag(std::string json);

}  // namespace leeward::test
