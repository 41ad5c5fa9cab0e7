#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/exec/operator.hpp"
#include "core/model/operator_info.hpp"
#include "host/net/http_client.hpp"
#include "host/plugin/callee_threads.hpp"
#include "host/plugin/request_gate.hpp"
#include "host/plugin/run_gateway.hpp"

namespace leeward {

/// What a request through a connection needs. Holds a secret: never logged, never shown to a plugin.
struct Connection {
  std::string id;
  std::string base_url;
  std::string api_key;              ///< empty: none is sent
  std::string public_json;          ///< what plugins and reports may see of it: a JSON object
  std::size_t max_concurrency = 0;  ///< requests in flight at once; 0: no limit
};

/// Where connections come from. Thread-safe.
class ConnectionSource {
 public:
  virtual ~ConnectionSource() = default;
  /// Codes connection.unknown, connection.secret. A secret is read when it is asked for, not before.
  [[nodiscard]] virtual Result<Connection> connection(std::string_view id) const = 0;
};

/// Where a plugin's log lines go that belong to no task. Thread-safe.
class PluginLog {
 public:
  virtual ~PluginLog() = default;
  [[nodiscard]] virtual bool enabled(LogLevel level) const = 0;
  virtual void line(LogLevel level, std::string_view component, std::string_view message,
                    std::string_view fields_json) = 0;
};

/// What the services behind the C interface stand on. One for all plugins of a registry; all of it outlives every task.
struct ServiceContext {
  HttpClient& http;
  const ConnectionSource& connections;
  PluginLog& log;
  const OperatorCatalog& catalog;
  OperatorSource& operators;
  CalleeThreads& callee_threads;
  RequestGate& gate;
  std::atomic<std::size_t>& unfinished;  ///< attempts that plugins still have in their hands
  RunGateway* runs = nullptr;            ///< null: this host starts no runs
};

}  // namespace leeward
