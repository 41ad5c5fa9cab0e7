#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "host/secret/secret_masker.hpp"

namespace leeward {

/// What a request through a connection needs. Holds a secret: never logged, never shown to a plugin.
struct Connection {
  std::string id;
  std::string base_url;
  std::string api_key;              ///< empty: none is sent
  std::string public_json;          ///< what plugins and reports may see of it: a JSON object
  std::size_t max_concurrency = 0;  ///< requests in flight at once; 0: no limit
  /// Takes every known secret out of what comes back. Null: the key alone is.
  std::shared_ptr<const SecretMasker> masker = nullptr;
};

/// Where connections come from. Thread-safe.
class ConnectionSource {
 public:
  virtual ~ConnectionSource() = default;
  /// Codes connection.unknown, connection.secret. A secret is read when it is asked for, not before.
  [[nodiscard]] virtual Result<Connection> connection(std::string_view id) const = 0;
};

}  // namespace leeward
