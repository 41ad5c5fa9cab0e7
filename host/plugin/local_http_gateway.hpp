#pragma once

#include <memory>
#include <string_view>

#include "core/store/call_ledger.hpp"
#include "host/plugin/connection_source.hpp"
#include "host/plugin/http_gateway.hpp"
#include "host/plugin/request_gate.hpp"
#include "host/plugin/service_context.hpp"

namespace leeward {

/// The network by this process's own client: the connection is looked up, its address and key added, its
/// max_concurrency kept, and its key taken out of what comes back. Paid requests go by the ledger; without one, and
/// those of callbacks, nothing of them is recorded. `log` hears of each that a recorded answer has spared. One a
/// process. What is referred to must outlive it and, as it does, every request.
class LocalHttpGateway final : public HttpGateway {
 public:
  LocalHttpGateway(HttpClient& client, const ConnectionSource& connections, CallLedger* ledger,
                   PluginLog* log = nullptr)
      : client_(client), connections_(connections), ledger_(ledger), log_(log) {}

  [[nodiscard]] Result<std::shared_ptr<Handle>> send(const TaskCall& by, HttpAsk ask, Callbacks callbacks) override;
  [[nodiscard]] Result<Value> connection(const TaskCall& by, std::string_view id) const override;

 private:
  HttpClient& client_;
  const ConnectionSource& connections_;
  CallLedger* const ledger_;
  PluginLog* const log_;
  RequestGate gate_;
};

}  // namespace leeward
