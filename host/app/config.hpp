#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/exec/pool_table.hpp"
#include "host/app/secret_grants.hpp"
#include "host/observe/attempt_log.hpp"
#include "host/runner/isolation.hpp"

namespace leeward {

/// A connection as the configuration describes it. The key is a reference as written, resolved when it is used.
struct ConnectionConfig {
  std::string type = "openai";
  std::string base_url;
  std::string api_key;              ///< empty, a literal, or secret://env/NAME, secret://file/PATH
  std::size_t max_concurrency = 0;  ///< requests in flight at once; 0: no limit
  Where where;
};

/// What a configuration file says. Immutable once read.
struct Config {
  std::map<std::string, ConnectionConfig> connections;
  std::map<std::string, std::string> plugins;  ///< an operator's settings by its name: JSON objects
  std::map<std::string, Where> plugins_where;
  std::map<std::string, PoolTable::Pool, std::less<>> pools;
  Isolation isolation;
  std::map<std::string, Where> isolation_where;  ///< of the plugins that it names
  std::map<std::string, Where> callees_where;    ///< of what it grants them to call
  bool locked = false;                           ///< of plugins that did not ship, only those in plugins.lock
  Grants secrets;
  AttemptLog::Limits logs;
  Errors warnings;  ///< what this version accepts and does not do; no reason to stop

  /// Every mistake of the text with its place. Unknown keys are refused with a guess.
  [[nodiscard]] static Config parse(const std::string& text, const std::string& file, Errors& errors);
  /// The same of a file, which nobody else may be able to write; nor read, if a key stands in it.
  [[nodiscard]] static Config read(const std::string& file, Errors& errors);
};

}  // namespace leeward
