#include "host/net/tcp_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <system_error>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

namespace leeward {

namespace {

std::string errno_text(int value) { return std::generic_category().message(value); }

const sockaddr* raw(const SocketAddress& address) { return reinterpret_cast<const sockaddr*>(&address.storage); }

}  // namespace

std::string SocketAddress::text() const {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> service{};
  if (getnameinfo(raw(*this), length, host.data(), host.size(), service.data(), service.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "unknown address";
  }
  std::string text = host.data();
  if (storage.ss_family == AF_INET6) text.insert(0, 1, '[').append("]");
  return text.append(":").append(service.data());
}

Result<SocketAddress> numeric_address(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return Error{"http.connect", "\"" + host + "\" is not a numeric address"};
  }
  SocketAddress address;
  address.length = found->ai_addrlen;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return address;
}

Result<int> listen_tcp(const SocketAddress& address) {
  const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return Error{"net.listen", "cannot listen on " + address.text() + ": " + errno_text(errno)};
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  constexpr int kQueue = 65535;  // the kernel cuts it to net.core.somaxconn
  if (::bind(descriptor, raw(address), address.length) != 0 || ::listen(descriptor, kQueue) != 0) {
    const int why = errno;
    ::close(descriptor);
    return Error{"net.listen", "cannot listen on " + address.text() + ": " + errno_text(why)};
  }
  return descriptor;
}

std::uint16_t bound_port(int descriptor) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.length) != 0) return 0;
  if (address.storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
}

Result<int> start_connect(const SocketAddress& address) {
  const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return Error{"http.connect", errno_text(errno)};
  set_no_delay(descriptor);
  if (::connect(descriptor, raw(address), address.length) != 0 && errno != EINPROGRESS && errno != EINTR) {
    const int why = errno;
    ::close(descriptor);
    return Error{"http.connect", errno_text(why)};
  }
  return descriptor;
}

int connect_error(int descriptor) {
  int value = 0;
  socklen_t length = sizeof value;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length) != 0) return errno;
  return value;
}

void set_no_delay(int descriptor) noexcept {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void set_reset_on_close(int descriptor) noexcept {
  const linger at_once{1, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

std::uint64_t raise_open_file_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit wanted = limit;
    wanted.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
  }
  return limit.rlim_cur;
}

}  // namespace leeward
