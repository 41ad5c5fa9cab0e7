#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/exec/pool_table.hpp"
#include "core/model/dag.hpp"

namespace leeward {

/// A mistake for each pool that the DAG names and the configuration lacks, at its first task, and for each task that
/// asks for more slots than its pool has: it would wait for ever. `known`: the pools' names, for the nearest guess.
/// Codes run.pool, run.pool_slots.
void check_pools(const Dag& dag, const PoolTable& pools, const std::vector<std::string>& known, Errors& errors);

}  // namespace leeward
