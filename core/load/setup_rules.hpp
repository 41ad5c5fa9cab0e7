#pragma once

#include <cstdint>
#include <vector>

#include "core/load/node_index.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// A setup that a teardown names.
struct SetupLink {
  std::uint32_t setup;
  std::uint32_t teardown;
  Json source;  ///< the name
};

/// Makes the tasks that teardowns name setups, gives teardowns their trigger rule, and tells what cannot be: both in
/// one task, a rule of one's own, a group as a setup. Airflow: as_teardown().
[[nodiscard]] std::vector<SetupLink> link_setups(DagSpec& spec, NodeIndex& nodes, Errors& errors);

}  // namespace leeward
