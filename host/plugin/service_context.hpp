#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>

#include "core/exec/operator.hpp"
#include "core/model/operator_info.hpp"
#include "host/plugin/callee_threads.hpp"
#include "host/plugin/http_gateway.hpp"
#include "host/plugin/run_gateway.hpp"
#include "host/plugin/timer_source.hpp"

namespace leeward {

/// Where a plugin's log lines go that belong to no task. Thread-safe.
class PluginLog {
 public:
  virtual ~PluginLog() = default;
  [[nodiscard]] virtual bool enabled(LogLevel level) const = 0;
  virtual void line(LogLevel level, std::string_view component, std::string_view message,
                    std::string_view fields_json) = 0;
};

/// What the services behind the C interface stand on, in the host and in a runner process alike: what only the host can
/// do stands behind a gateway. One for all plugins of a registry; all of it outlives every task.
struct ServiceContext {
  HttpGateway& http;
  TimerSource& timers;
  PluginLog& log;
  const OperatorCatalog& catalog;
  OperatorSource& operators;
  CalleeThreads& callee_threads;
  std::atomic<std::size_t>& unfinished;  ///< attempts that plugins still have in their hands
  RunGateway* runs = nullptr;            ///< null: this host starts no runs
};

}  // namespace leeward
