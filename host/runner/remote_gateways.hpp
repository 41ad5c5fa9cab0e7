#pragma once

#include <memory>
#include <string_view>

#include "host/plugin/http_gateway.hpp"
#include "host/plugin/run_gateway.hpp"
#include "host/runner/uplink.hpp"

namespace leeward {

/// The network as a runner has it: everything is asked of the host, which has the connections and their keys.
class RemoteHttpGateway final : public HttpGateway {
 public:
  explicit RemoteHttpGateway(Uplink& uplink) : uplink_(uplink) {}
  [[nodiscard]] Result<std::shared_ptr<Handle>> send(const TaskCall& by, HttpAsk ask, Callbacks callbacks) override;
  [[nodiscard]] Result<Value> connection(const TaskCall& by, std::string_view id) const override;

 private:
  Uplink& uplink_;
};

/// The host's other runs, likewise.
class RemoteRunGateway final : public RunGateway {
 public:
  explicit RemoteRunGateway(Uplink& uplink) : uplink_(uplink) {}
  void trigger(const TaskCall& by, RunTrigger run, std::shared_ptr<CancelToken> cancel, Told told) override;
  [[nodiscard]] Result<std::optional<RunStates>> states(const TaskCall& by, const RunStatesQuery& query) const override;

 private:
  Uplink& uplink_;
};

}  // namespace leeward
