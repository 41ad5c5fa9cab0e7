#pragma once

#include <cstddef>

namespace leeward {

// What a spec may be made of. Far past what people write, and small enough that no file can exhaust the host.
inline constexpr std::size_t kMaxSpecBytes = 32u << 20;
inline constexpr std::size_t kMaxSpecStringBytes = 1u << 20;
inline constexpr int kMaxSpecDepth = 64;
inline constexpr int kMaxRetries = 10'000;
inline constexpr std::size_t kMaxTasks = 100'000;
inline constexpr std::size_t kMaxEdges = 1'000'000;
inline constexpr std::size_t kMaxGroups = 10'000;
inline constexpr int kMaxGroupDepth = 64;
/// Of a task's id with those of its groups in front: Airflow's limit of an id.
inline constexpr std::size_t kMaxFullIdBytes = 250;
/// Pools that the tasks of one DAG may name, and how long a name may be.
inline constexpr std::size_t kMaxPools = 1'000;
inline constexpr std::size_t kMaxPoolName = 256;
// What setups may guard: SetupScopes::kMaxSteps in core/model/setup_scopes.hpp, where it is found out.
/// Mistakes that are told of one file.
inline constexpr std::size_t kMaxMistakes = 10'000;
/// Mistakes that are told of one text with templates, and arrows whose exact place in a long line is worked out.
inline constexpr std::size_t kMaxMistakesInText = 20;
inline constexpr std::size_t kMaxExactPlaces = 1'000;
/// Tasks that may publish under one output_key.
inline constexpr std::size_t kMaxPublishers = 64;

}  // namespace leeward
