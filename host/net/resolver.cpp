#include "host/net/resolver.hpp"

#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <netdb.h>
#include <system_error>
#include <thread>
#include <utility>

#include <netinet/in.h>

#include "host/net/url.hpp"

namespace leeward {

namespace {

using Addresses = std::vector<SocketAddress>;

constexpr std::chrono::seconds kKept{10};
constexpr int kLookupsAtATime = 8;

Result<Addresses> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &found); failure != 0) {
    return Error{"http.connect", "cannot find host " + host + ": " + gai_strerror(failure)};
  }
  Addresses addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    SocketAddress& address = addresses.emplace_back();
    address.length = each->ai_addrlen;
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
  }
  freeaddrinfo(found);
  return addresses;
}

Result<Addresses> with_port(Result<Addresses> addresses, std::uint16_t port) {
  if (!addresses) return addresses;
  for (SocketAddress& address : *addresses) {
    if (address.storage.ss_family == AF_INET6) {
      reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = htons(port);
    } else {
      reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
    }
  }
  return addresses;
}

}  // namespace

struct Resolver::Impl : std::enable_shared_from_this<Impl> {
  struct Waiter {
    std::uint16_t port;
    Callback callback;
  };
  struct Name {
    std::vector<Waiter> waiters;  // while its lookup runs
    Addresses addresses;          // when it has succeeded
    IoTime kept_until{};
  };

  std::mutex mutex;
  IoLoop* loop;  // guarded by mutex; null when the resolver is gone: lookups then end unheard
  std::map<std::string, Name> names;
  std::deque<std::string> queue;
  int running = 0;

  explicit Impl(IoLoop& l) : loop(&l) {}

  void start_next() {
    while (running < kLookupsAtATime && !queue.empty()) {
      const std::string host = std::move(queue.front());
      queue.pop_front();
      ++running;
      try {
        std::thread([self = shared_from_this(), host] { self->deliver(host, look_up(host)); }).detach();
      } catch (const std::system_error& no_thread) {
        finished(host, Error{"http.connect", "cannot look up host " + host + ": " + no_thread.what()});
      }
    }
  }

  // On the lookup's thread. The loop outlives the lock.
  void deliver(const std::string& host, Result<Addresses> answer) {
    const std::lock_guard lock(mutex);
    if (loop == nullptr) return;
    loop->post([weak = weak_from_this(), host, answer = std::move(answer)] {
      const auto self = weak.lock();
      if (!self) return;
      self->finished(host, answer);
      self->start_next();
    });
  }

  void finished(const std::string& host, const Result<Addresses>& answer) {
    --running;
    Name& name = names[host];
    const auto waiters = std::exchange(name.waiters, {});
    if (answer.ok()) {
      name.addresses = answer.value();
      name.kept_until = std::chrono::steady_clock::now() + kKept;
    } else {
      names.erase(host);
    }
    for (const Waiter& waiter : waiters) waiter.callback(with_port(answer, waiter.port));
  }
};

Resolver::Resolver(IoLoop& loop) : impl_(std::make_shared<Impl>(loop)) {}

Resolver::~Resolver() {
  const std::lock_guard lock(impl_->mutex);
  impl_->loop = nullptr;
}

void Resolver::resolve(const std::string& host, std::uint16_t port, Callback callback) {
  if (is_ip_address(host)) {
    auto address = numeric_address(host, port);
    if (!address) return callback(std::move(address).error());
    return callback(Addresses{*address});
  }
  Impl::Name& name = impl_->names[host];
  if (!name.addresses.empty() && std::chrono::steady_clock::now() < name.kept_until) {
    return callback(with_port(name.addresses, port));
  }
  name.addresses.clear();
  name.waiters.push_back({port, std::move(callback)});
  if (name.waiters.size() > 1) return;
  impl_->queue.push_back(host);
  impl_->start_next();
}

}  // namespace leeward
