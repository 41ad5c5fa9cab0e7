#include "tests/host/net/tunnel_proxy.hpp"

#include <array>
#include <poll.h>
#include <unistd.h>

#include <sys/socket.h>

#include "host/net/tcp_socket.hpp"

namespace leeward::test {

namespace {

constexpr int kPollMs = 20;

// Passes on what one side said. False: it says nothing more.
bool pass(int from, int to) {
  std::array<char, 16384> buffer;
  const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
  return got > 0 && ::send(to, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
}

}  // namespace

TunnelProxy::TunnelProxy(std::uint16_t target_port, std::string answer)
    : target_port_(target_port),
      answer_(std::move(answer)),
      listener_(listen_tcp(numeric_address("127.0.0.1", 0).value()).value()),
      thread_([this] { serve(); }) {}

TunnelProxy::~TunnelProxy() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

std::string TunnelProxy::url() const { return "http://user:pass@127.0.0.1:" + std::to_string(bound_port(listener_)); }

void TunnelProxy::serve() {
  while (!stopping_) {
    pollfd knock{listener_, POLLIN, 0};
    if (::poll(&knock, 1, kPollMs) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    serve_one(client);
    ::close(client);
  }
}

void TunnelProxy::serve_one(int client) {
  char byte = 0;
  while (!asked_.ends_with("\r\n\r\n") && ::recv(client, &byte, 1, 0) == 1) asked_ += byte;
  ::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
  const SocketAddress address = numeric_address("127.0.0.1", target_port_).value();
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0) {
    std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    for (bool open = true; open && !stopping_;) {
      if (::poll(ends.data(), ends.size(), kPollMs) <= 0) continue;
      if (ends[0].revents != 0) open = pass(client, server);
      if (open && ends[1].revents != 0) open = pass(server, client);
    }
  }
  ::close(server);
}

}  // namespace leeward::test
