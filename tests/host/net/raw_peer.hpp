#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unistd.h>

#include <sys/socket.h>

#include "host/net/tcp_socket.hpp"

namespace leeward::test {

/// A blocking socket that says and hears exact bytes: the other end for tests of a server. Gives up after 20 seconds.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{20, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const SocketAddress address = numeric_address("127.0.0.1", port).value();
    connected_ = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0;
  }
  ~RawPeer() { ::close(descriptor_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  [[nodiscard]] bool connected() const noexcept { return connected_; }

  void say(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void say_no_more() const { ::shutdown(descriptor_, SHUT_WR); }

  /// Everything until the other end closes; "(reset)" is added if it resets, "(silence)" if it does neither.
  [[nodiscard]] std::string hear_all() const { return hear_until({}); }
  /// Until the text stands at the end of what was heard.
  [[nodiscard]] std::string hear_until(std::string_view ending) const {
    std::string heard;
    std::array<char, 4096> buffer;
    while (ending.empty() || !std::string_view(heard).ends_with(ending)) {
      const ssize_t got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
      if (got == 0) break;
      if (got < 0) return heard + (errno == ECONNRESET ? "(reset)" : "(silence)");
      heard.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return heard;
  }

 private:
  int descriptor_;
  bool connected_ = false;
};

}  // namespace leeward::test
