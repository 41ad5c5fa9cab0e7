#pragma once

#include <cstdint>
#include <string>

#include <sys/socket.h>

#include "core/base/result.hpp"

namespace leeward {

/// One address to connect or listen to, as the system's calls take it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] std::string text() const;  ///< "127.0.0.1:80", "[::1]:80"
};

/// A numeric address and a port; not ok if `host` is a name.
[[nodiscard]] Result<SocketAddress> numeric_address(const std::string& host, std::uint16_t port);

/// Listens, not blocking, with as long a queue as the system allows.
[[nodiscard]] Result<int> listen_tcp(const SocketAddress& address);
/// The port a socket was bound to.
[[nodiscard]] std::uint16_t bound_port(int descriptor);

/// A new non-blocking socket on its way to `address`. Writable when connected or failed: connect_error() says which.
/// Not ok: the message is the system's text alone.
[[nodiscard]] Result<int> start_connect(const SocketAddress& address);
/// 0 when connected, else errno's value.
[[nodiscard]] int connect_error(int descriptor);

void set_no_delay(int descriptor) noexcept;
/// Closing will reset the connection.
void set_reset_on_close(int descriptor) noexcept;

/// Raises this process's limit on open files as far as it may go, and returns it.
std::uint64_t raise_open_file_limit() noexcept;

}  // namespace leeward
