#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace llm {

/// Of an answer; names in lower case.
using Headers = std::map<std::string, std::string>;

constexpr std::int64_t kRetryAfterCapMs = 120'000;  ///< a wait up to here is waited out inside the attempt
constexpr std::int64_t kTaskDelayCapMs = 300'000;   ///< what a server may at most ask of the task's own retry delay

/// The wait that the server asked for, in milliseconds, however long: retry-after-ms, then x-ms-retry-after-ms, then
/// retry-after as seconds, then as an HTTP date against `now_epoch_s`. A header that cannot be read gives way to the
/// next; nothing if none asks for a wait longer than zero.
[[nodiscard]] std::optional<std::int64_t> server_wait_ms(const Headers& headers, std::int64_t now_epoch_s);

/// min(0.5 s * 2^retry, 8 s), less up to a quarter of it. The jitter comes from `seed`, so that the same attempt of the
/// same task always waits equally long, and two tasks that failed together do not come back together. `retry` counts
/// from 0.
[[nodiscard]] std::int64_t backoff_ms(int retry, std::uint64_t seed);

/// What to wait before asking again: the server's wait where it lies within `cap_ms`, else the backoff.
[[nodiscard]] std::int64_t retry_delay_ms(const Headers& headers, std::int64_t now_epoch_s, int retry,
                                          std::uint64_t seed, std::int64_t cap_ms = kRetryAfterCapMs);

/// FNV-1a: a seed from an idempotency key, equal on every machine.
[[nodiscard]] std::uint64_t seed_of(std::string_view text) noexcept;

}  // namespace llm
