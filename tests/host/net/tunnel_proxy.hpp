#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace leeward::test {

/// A proxy that understands CONNECT and nothing else, and leads every tunnel to one port of this machine, whatever host
/// it was asked for: so that a test can use host names that do not exist. Serves one tunnel after the other.
class TunnelProxy {
 public:
  explicit TunnelProxy(std::uint16_t target_port, std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n");
  ~TunnelProxy();

  [[nodiscard]] std::string url() const;
  /// What it was asked so far. REQUIRES: no tunnel is being opened meanwhile.
  [[nodiscard]] std::string asked() const { return asked_; }

 private:
  void serve();
  void serve_one(int client);

  const std::uint16_t target_port_;
  const std::string answer_;
  const int listener_;
  std::string asked_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace leeward::test
