#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "host/net/http_client.hpp"
#include "host/net/proxy_settings.hpp"

namespace leeward {

/// Where connections for a request lead: requests with the same key may share them.
struct Route {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::optional<Proxy> proxy;
  std::string key;
};

/// A request as bytes, made once and sent as often as needed.
struct WrittenRequest {
  Route route;
  std::string bytes;
  bool head = false;  ///< the answer to HEAD has no body, whatever its headers say
};

/// Checks a request and writes it down. Refused (http.invalid): unusable URLs, header names and values that could break
/// out of their line, and headers that are the client's own business (Host, Content-Length, Connection …). Thread-safe.
[[nodiscard]] Result<WrittenRequest> write_request(const HttpRequest& request, const ProxySettings& proxies);

}  // namespace leeward
