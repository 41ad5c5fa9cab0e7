#include "host/net/connection_pool.hpp"

#include <algorithm>
#include <utility>

namespace leeward {

namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kKeptIdle{30};  // most servers keep a connection for 60 and more
constexpr seconds kSweepEvery{5};

}  // namespace

ConnectionPool::ConnectionPool(IoLoop& loop, std::string ca_file, std::size_t max_connections)
    : loop_(loop),
      ca_file_(std::move(ca_file)),
      max_connections_(max_connections),
      resolver_(loop),
      sweep_(loop, [this] { close_old(); }) {}

ConnectionPool::~ConnectionPool() = default;

void ConnectionPool::submit(std::shared_ptr<HttpCall> call) {
  call->start();
  place(std::move(call), true);
}

void ConnectionPool::place(std::shared_ptr<HttpCall> call, bool on_kept_connection) {
  if (closing_) return call->cancel();
  Origin& origin = origins_[call->route().key];
  if (on_kept_connection && !origin.idle.empty()) {
    ClientConnection* connection = origin.idle.back();
    origin.idle.pop_back();
    connection->carry(std::move(call));
  } else if (origin.waiting.empty() && make_room()) {
    open_for(std::move(call));
  } else {
    call->carried_by(this);
    call->enter(HttpCall::Phase::kWaiting);
    origin.waiting.push_back(std::move(call));
  }
}

void ConnectionPool::open_for(std::shared_ptr<HttpCall> call) {
  ++origins_[call->route().key].connections;
  auto connection =
      std::make_shared<ClientConnection>(loop_, resolver_, call->route(), static_cast<ClientConnection::Owner&>(*this));
  connections_.emplace(connection.get(), connection);
  connection->carry(std::move(call));
}

// May one more connection be opened? If need be, one that idles for another origin is closed for it.
bool ConnectionPool::make_room() {
  if (connections_.size() < max_connections_) return true;
  for (auto& [key, origin] : origins_) {
    if (origin.idle.empty()) continue;
    ClientConnection* oldest = origin.idle.front();
    oldest->close();
    return connections_.size() < max_connections_;
  }
  return false;
}

void ConnectionPool::on_free(ClientConnection& connection) {
  Origin& origin = origins_[connection.route().key];
  origin.idle.push_back(&connection);
  if (!sweep_.armed()) sweep_.set_after(kSweepEvery);
  if (connections_.size() >= max_connections_ && starving_origin() != origins_.end()) return connection.close();
  if (auto call = next_waiting(origin)) {
    origin.idle.pop_back();
    connection.carry(std::move(call));
  }
}

void ConnectionPool::on_closed(ClientConnection& connection) {
  const auto found = origins_.find(connection.route().key);
  Origin& origin = found->second;
  const auto idle = std::find(origin.idle.begin(), origin.idle.end(), &connection);
  if (idle != origin.idle.end()) origin.idle.erase(idle);
  --origin.connections;
  connections_.erase(&connection);
  if (origin.connections == 0 && origin.waiting.empty()) origins_.erase(found);
  // Not from here: this may be in the middle of placing a call.
  loop_.post([this] { serve_waiting(); });
}

void ConnectionPool::on_stale(std::shared_ptr<HttpCall> call) { place(std::move(call), false); }

// Gives what room there is to calls that wait: first to origins that have no connection at all.
void ConnectionPool::serve_waiting() {
  while (connections_.size() < max_connections_) {
    auto chosen = starving_origin();
    if (chosen == origins_.end()) {
      chosen =
          std::find_if(origins_.begin(), origins_.end(), [](const auto& each) { return !each.second.waiting.empty(); });
    }
    if (chosen == origins_.end()) return;
    if (auto call = next_waiting(chosen->second)) {
      open_for(std::move(call));
    } else if (chosen->second.connections == 0) {
      origins_.erase(chosen);
    }
  }
}

std::shared_ptr<HttpCall> ConnectionPool::next_waiting(Origin& origin) {
  while (!origin.waiting.empty()) {
    auto call = std::move(origin.waiting.front());
    origin.waiting.pop_front();
    if (!call->done()) return call;
  }
  return nullptr;
}

ConnectionPool::Origins::iterator ConnectionPool::starving_origin() {
  return std::find_if(origins_.begin(), origins_.end(),
                      [](const auto& each) { return each.second.connections == 0 && !each.second.waiting.empty(); });
}

Result<TlsContext*> ConnectionPool::tls() {
  if (!tls_) {
    auto made = TlsContext::for_client(ca_file_);
    if (!made) return std::move(made).error();
    tls_ = std::move(made).value();
  }
  return tls_.get();
}

void ConnectionPool::close_old() {
  const IoTime limit = steady_clock::now() - kKeptIdle;
  std::vector<ClientConnection*> old;
  bool some_idle = false;
  for (const auto& [key, origin] : origins_) {
    for (ClientConnection* connection : origin.idle) {
      if (connection->idle_since() <= limit) old.push_back(connection);
    }
    some_idle = some_idle || !origin.idle.empty();
  }
  for (ClientConnection* connection : old) connection->close();
  if (some_idle) sweep_.set_after(kSweepEvery);
}

void ConnectionPool::close_all() {
  closing_ = true;
  for (auto& [key, origin] : origins_) {
    for (const auto& call : std::exchange(origin.waiting, {})) call->cancel();
  }
  std::vector<std::shared_ptr<ClientConnection>> all;
  all.reserve(connections_.size());
  for (const auto& [address, connection] : connections_) all.push_back(connection);
  for (const auto& connection : all) connection->cancel();
}

}  // namespace leeward
