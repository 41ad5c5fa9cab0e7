#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "core/model/event.hpp"
#include "core/model/run_projection.hpp"

namespace leeward {

/// A run that this process records: how far it has got in the store, and, where somebody asked or it began here, the
/// record its events add up to, so that looking at it costs nothing. Thread-safe.
class OpenRun {
 public:
  OpenRun(std::int64_t row, std::uint64_t next_sequence, std::optional<RunProjection> projection)
      : row_(row), next_sequence_(next_sequence), projection_(std::move(projection)) {}

  [[nodiscard]] std::int64_t row() const noexcept { return row_; }
  [[nodiscard]] std::uint64_t next_sequence() const;
  /// Its last event was its end. Whoever clears it then may be another process.
  [[nodiscard]] bool ended() const;

  /// After they were committed.
  void apply(std::span<const Event> events);
  /// Takes over what somebody read from the rows, unless more has been committed since.
  void adopt(RunProjection projection);

  /// What `show` makes of its projection; nothing if it has none.
  template <class Show>
  [[nodiscard]] auto look(Show show) const -> std::optional<decltype(show(std::declval<const RunProjection&>()))> {
    const std::lock_guard lock(mutex_);
    if (!projection_) return std::nullopt;
    return show(*projection_);
  }

 private:
  const std::int64_t row_;
  mutable std::mutex mutex_;
  std::uint64_t next_sequence_;  ///< guarded by mutex_, as are the next two
  bool ended_ = false;
  std::optional<RunProjection> projection_;
};

}  // namespace leeward
