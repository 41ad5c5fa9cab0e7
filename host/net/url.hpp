#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace leeward {

/// An absolute http or https URL, taken apart. Every part is safe to write into a request.
struct Url {
  bool tls = false;
  std::string host;  ///< lower case, an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string userinfo;  ///< as written; only where it is allowed
  std::string target;    ///< path and query, "/" at least; the fragment is dropped

  /// "host", "host:8080", "[::1]:8080": the port is left out where it is the scheme's own.
  [[nodiscard]] std::string authority() const;
};

enum class Userinfo { kRefused, kAllowed };

/// Refuses what a request must never carry on: other schemes, control characters, spaces, letters beyond ASCII, ports
/// out of range, numeric hosts that are no address. The message never repeats the URL, which may hold a key. Code:
/// http.invalid.
[[nodiscard]] Result<Url> parse_url(std::string_view text, Userinfo userinfo = Userinfo::kRefused);

/// "host:port", an IPv6 address in brackets.
[[nodiscard]] std::string host_and_port(const std::string& host, std::uint16_t port);
/// Is it "192.0.2.1" or "2001:db8::1"?
[[nodiscard]] bool is_ip_address(const std::string& host);

}  // namespace leeward
