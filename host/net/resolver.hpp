#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "host/net/io_loop.hpp"
#include "host/net/tcp_socket.hpp"

namespace leeward {

/// Turns host names into addresses without stopping the loop: the system's resolver blocks, so each lookup has a
/// short-lived thread, at most a few at a time. A lookup that hangs holds up neither the loop nor the end of the
/// process.
///
/// One lookup serves everyone who asks meanwhile, and its answer is kept for some seconds: a thousand connections
/// opened at once ask once. Loop-only.
class Resolver {
 public:
  using Callback = std::function<void(const Result<std::vector<SocketAddress>>&)>;

  explicit Resolver(IoLoop& loop);
  ~Resolver();  ///< callbacks that have not come will not come
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// The callback comes on the loop, at once for numeric addresses and for answers that are kept.
  void resolve(const std::string& host, std::uint16_t port, Callback callback);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace leeward
