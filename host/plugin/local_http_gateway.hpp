#pragma once

#include <memory>
#include <string_view>

#include "host/plugin/connection_source.hpp"
#include "host/plugin/http_gateway.hpp"
#include "host/plugin/request_gate.hpp"

namespace leeward {

/// The network by this process's own client: the connection is looked up, its address and key added, its
/// max_concurrency kept, and its key taken out of what comes back. One a process. `client` and `connections` must
/// outlive it and, as it does, every request.
class LocalHttpGateway final : public HttpGateway {
 public:
  LocalHttpGateway(HttpClient& client, const ConnectionSource& connections)
      : client_(client), connections_(connections) {}

  [[nodiscard]] Result<std::shared_ptr<Handle>> send(const TaskCall& by, HttpAsk ask, Callbacks callbacks) override;
  [[nodiscard]] Result<Value> connection(const TaskCall& by, std::string_view id) const override;

 private:
  HttpClient& client_;
  const ConnectionSource& connections_;
  RequestGate gate_;
};

}  // namespace leeward
