#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/value.hpp"
#include "core/exec/call_counts.hpp"
#include "core/exec/cancel_token.hpp"
#include "core/model/dag.hpp"
#include "core/model/run_record.hpp"
#include "core/model/task_outcome.hpp"

namespace leeward {

/// What one attempt is given. Immutable once started.
struct TaskCall {
  std::shared_ptr<const RunInfo> run;
  const Task* task = nullptr;  ///< lives as long as the run
  InstanceIndex instance;
  int map_index = -1;
  int try_number = 1;
  int max_tries = 1;
  int reschedules = 0;                                 ///< how often this instance was "not ready" before
  Duration waited{};                                   ///< since its first attempt started
  Value params;                                        ///< rendered, checked against the operator's schema
  std::vector<std::pair<std::string, Value>> context;  ///< the keys the operator may ask for itself
  std::optional<Value> answer;                         ///< to the input it asked for; see InputRequest
  bool of_run = true;                                  ///< false: a callback's, which is made once and never again
  CallCounts* counts = nullptr;                        ///< of the paid calls it makes; see Attempt

  /// Stable over retries and restarts: run, task, map index.
  [[nodiscard]] std::string idempotency_key() const;
};

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };

/// Hears what attempts say while they run. Called from any thread; must not block.
class AttemptListener {
 public:
  virtual ~AttemptListener() = default;
  virtual void on_log(const TaskCall& call, LogLevel level, std::string_view message, std::string_view fields_json) = 0;
  virtual void on_progress(const TaskCall& call, double fraction, std::string_view note) = 0;
  /// False: not taken, slow down.
  virtual bool on_output(const TaskCall& call, std::string_view channel, std::string_view chunk) = 0;
};

/// One execution of one task, from the operator's side. Thread-safe.
class Attempt {
 public:
  /// `cancel` belongs to whoever derives from this, and lives as long. A call that has no counts yet gets this
  /// attempt's: what it hands on, to operators that it calls, counts with it.
  Attempt(TaskCall call, CancelToken& cancel, AttemptListener& listener)
      : call_(counted(std::move(call), counts_)), cancel_(cancel), listener_(listener) {}
  virtual ~Attempt() = default;
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  [[nodiscard]] const TaskCall& call() const noexcept { return call_; }
  [[nodiscard]] CancelToken& cancel_token() const noexcept { return cancel_; }
  [[nodiscard]] AttemptListener& listener() const noexcept { return listener_; }

  /// Ends the attempt. REQUIRES: called exactly once.
  virtual void complete(TaskOutcome outcome) = 0;
  /// The operator has let go of its thread and will complete() later, or has already. `idle`: it does not work
  /// meanwhile, it only waits for others who do, and so counts against no limit.
  virtual void defer(bool idle) { static_cast<void>(idle); }

 private:
  static TaskCall counted(TaskCall call, CallCounts& own) {
    if (call.counts == nullptr) call.counts = &own;
    return call;
  }

  CallCounts counts_;
  const TaskCall call_;
  CancelToken& cancel_;
  AttemptListener& listener_;
};

/// What the engine's executors call; the host adapts plugins to it, tests script it. Thread-safe.
class Operator {
 public:
  virtual ~Operator() = default;
  [[nodiscard]] virtual const OperatorInfo& info() const noexcept = 0;
  /// Runs one attempt and calls attempt->complete() exactly once: before it returns, or later from any thread if it
  /// keeps the pointer. Never throws.
  virtual void execute(std::shared_ptr<Attempt> attempt) = 0;
};

/// Where an executor finds the operator that an info describes. Thread-safe.
class OperatorSource {
 public:
  virtual ~OperatorSource() = default;
  /// REQUIRES: `info` came from the catalog that belongs to this source.
  [[nodiscard]] virtual Operator& operator_of(const OperatorInfo& info) = 0;
};

}  // namespace leeward
