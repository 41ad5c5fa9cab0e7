#pragma once

#include <memory>
#include <span>

#include "core/base/result.hpp"
#include "core/model/dag.hpp"
#include "core/model/event.hpp"
#include "core/model/run_record.hpp"

namespace leeward {

/// Where runs are recorded. Commit, then effect, then tell: the engine acts on an event only after `append` returned.
/// Transitions, never "save this object", so that a store with several writers can come.
class RunStore {
 public:
  virtual ~RunStore() = default;
  /// Opens a run. `dag` is kept for showing the run.
  [[nodiscard]] virtual Status begin(const std::shared_ptr<const RunInfo>& run,
                                     const std::shared_ptr<const Dag>& dag) = 0;
  /// Records events, in order, all or none. REQUIRES: begin() came before; sequences go on without a gap.
  [[nodiscard]] virtual Status append(const RunInfo& run, std::span<const Event> events) = 0;
  /// The run as its events tell it. Code store.unknown_run.
  [[nodiscard]] virtual Result<RunRecord> load(std::string_view run_id) const = 0;
};

}  // namespace leeward
