#pragma once

#include <cstddef>

namespace leeward {

// What a spec may be made of. Far past what people write, and small enough that no file can exhaust the host.
inline constexpr std::size_t kMaxSpecBytes = 32u << 20;
inline constexpr std::size_t kMaxSpecStringBytes = 1u << 20;
inline constexpr int kMaxSpecDepth = 64;
inline constexpr std::size_t kMaxTasks = 100'000;
inline constexpr std::size_t kMaxEdges = 1'000'000;
/// Tasks that may publish under one output_key.
inline constexpr std::size_t kMaxPublishers = 64;

}  // namespace leeward
