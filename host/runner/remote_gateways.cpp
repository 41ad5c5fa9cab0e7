#include "host/runner/remote_gateways.hpp"

#include <utility>

#include "host/runner/messages.hpp"

namespace leeward {
namespace {

/// REQUIRES: the call is one of a runner's.
std::uint64_t attempt_of(const TaskCall& call) { return static_cast<const RunnerTask&>(*call.task).attempt; }

/// What follows the verdict of a reply.
WireReader rest_of(const Uplink::Body& reply) {
  WireReader in{reply};
  static_cast<void>(in.truth());
  return in;
}

/// A request on its way: all that can be done is to give it up.
class RemoteRequest final : public HttpGateway::Handle {
 public:
  RemoteRequest(Uplink& uplink, std::uint64_t id) : uplink_(uplink), id_(id) {}
  void cancel() override { uplink_.tell(FrameType::drop, id_); }

 private:
  Uplink& uplink_;
  const std::uint64_t id_;
};

}  // namespace

Result<std::shared_ptr<HttpGateway::Handle>> RemoteHttpGateway::send(const TaskCall& by, HttpAsk ask,
                                                                     Callbacks callbacks) {
  WireWriter out;
  out.number(attempt_of(by));
  write_http_ask(out, ask, callbacks.on_chunk != nullptr);
  const std::uint64_t id = uplink_.new_request();
  uplink_.expect(id, [callbacks = std::move(callbacks)](bool last, const Uplink::Body& body) {
    WireReader in{body};
    last ? callbacks.on_done(read_http_response(in)) : callbacks.on_chunk(in.text());
  });
  const auto reply = uplink_.ask(FrameType::http, id, out.take());
  if (reply) return std::shared_ptr<Handle>{std::make_shared<RemoteRequest>(uplink_, id)};
  uplink_.forget(id);
  const bool too_large = reply.error().code == "runner.too_large";
  return too_large ? Error{"http.invalid", "the request: " + reply.error().message} : reply.error();
}

Result<Value> RemoteHttpGateway::connection(const TaskCall& by, std::string_view id) const {
  WireWriter out;
  out.number(attempt_of(by)).text(id);
  const auto reply = uplink_.ask(FrameType::ask_connection, uplink_.new_request(), out.take());
  if (!reply) return reply.error();
  return rest_of(*reply).value();
}

void RemoteRunGateway::trigger(const TaskCall& by, RunTrigger run, std::shared_ptr<CancelToken> cancel, Told told) {
  WireWriter out;
  out.number(attempt_of(by));
  write_trigger(out, run);
  if (out.size() > kMaxFrameBytes) return told(Error{"run.param", "conf and params are too large"});
  const std::uint64_t id = uplink_.new_request();
  uplink_.expect(id, [told = std::move(told)](bool, const Uplink::Body& body) {
    WireReader in{body};
    told(read_triggered(in));
  });
  uplink_.tell(FrameType::trigger, id, out.take());
  if (run.wait) cancel->on_cancel([&uplink = uplink_, id] { uplink.tell(FrameType::drop, id); });
}

Result<std::optional<RunStates>> RemoteRunGateway::states(const TaskCall& by, const RunStatesQuery& query) const {
  WireWriter out;
  out.number(attempt_of(by));
  write_query(out, query);
  const auto reply = uplink_.ask(FrameType::ask_states, uplink_.new_request(), out.take());
  if (!reply) return reply.error();
  WireReader in = rest_of(*reply);
  return read_states(in);
}

}  // namespace leeward
