#pragma once

#include <memory>
#include <random>

#include "core/model/dag.hpp"

namespace leeward::test {

/// A Dag of the seed's choice: up to a dozen tasks, any edges, any trigger rules, retries, timeouts, some tasks mapped
/// over a list of 0 to 3 items.
[[nodiscard]] std::shared_ptr<const Dag> random_dag(std::mt19937_64& random);

}  // namespace leeward::test
