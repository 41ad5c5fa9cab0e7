#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/base/clock.hpp"
#include "core/exec/operator.hpp"

namespace leeward {

/// An attempt's end, on its way to the engine; or, with OutcomeKind::deferred, the news that it holds no thread.
struct Completion {
  InstanceIndex instance;
  int try_number = 1;
  TaskOutcome outcome;
  bool idle = false;  ///< with `deferred`: see Attempt::defer
};

/// Starts and cancels attempts, and hands back how they ended. All but `interrupt` are called from the engine's thread
/// only.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Starts an attempt. Its Completion comes out of `wait` exactly once; before it, at most one that says `deferred`.
  virtual void start(TaskCall call) = 0;
  /// How many attempts of blocking operators (neither inline nor asynchronous) may start now and run at once. One that
  /// is started beyond that waits for a thread, while its execution_timeout passes.
  [[nodiscard]] virtual std::size_t free_threads() const = 0;
  /// Asks an attempt to stop; its Completion still comes. Unknown or ended: nothing happens.
  virtual void cancel(InstanceIndex instance, int try_number) = 0;
  /// Appends what has ended. Waits until something has, or `deadline` has come, or `interrupt` was called; without a
  /// deadline, until one of the others.
  virtual void wait(std::optional<Instant> deadline, std::vector<Completion>& out) = 0;
  /// Makes a `wait`, now or the next one, return. Any thread, also a signal's.
  virtual void interrupt() = 0;
  /// The engine's thread leaves, and another may come in its place. What it needs no longer is given back.
  virtual void rest() {}
};

}  // namespace leeward
