#include "host/runner/service_desk.hpp"

#include <algorithm>
#include <utility>

#include "host/plugin/callee_params.hpp"
#include "host/plugin/nested_attempt.hpp"
#include "host/runner/messages.hpp"

namespace leeward {
namespace {

/// What one runner may have under way at the same time.
constexpr std::size_t kMaxRequests = 65536;
constexpr std::size_t kMaxRequestBytes = std::size_t{512} << 20;
/// Of an answer's body, whatever a plugin asks for: it has to fit a frame.
constexpr std::uint64_t kMaxAnswerBytes = kMaxFrameBytes - kMaxTextBytes;

const Error kTooMany{"runner.too_many", "too many requests of this plugin are under way"};

}  // namespace

bool ServiceDesk::on_frame(FrameType type, std::uint64_t id, WireReader in) {
  if (type == FrameType::drop) return drop(id), in.done();
  if (under_way(id)) return false;
  return on_new_request(type, id, std::move(in));
}

bool ServiceDesk::on_new_request(FrameType type, std::uint64_t id, WireReader in) {
  if (type == FrameType::ask_operator) return operator_info(id, std::move(in));
  const auto attempt = in.number<std::uint64_t>();
  if (!attempts_.known(attempt)) return false;
  const std::optional<RemoteAttempt> by = attempts_.find(attempt);
  const Error ended{"task.ended", "the task has ended"};
  switch (type) {
    case FrameType::ask_connection: return by ? connection(id, *by, std::move(in)) : (refuse(id, ended), true);
    case FrameType::ask_states: return by ? states(id, *by, std::move(in)) : (refuse(id, ended), true);
    case FrameType::http: return by ? http(id, *by, std::move(in)) : (refuse(id, ended), true);
    case FrameType::call: return by ? call(id, *by, std::move(in)) : true;
    case FrameType::trigger: return by ? trigger(id, *by, std::move(in)) : true;
    default: return false;
  }
}

bool ServiceDesk::under_way(std::uint64_t id) {
  const std::lock_guard lock{mutex_};
  return requests_.contains(id);
}

// ---- questions ----

void ServiceDesk::reply(std::uint64_t id, const std::function<void(WireWriter&)>& body) {
  WireWriter out;
  out.truth(true);
  body(out);
  if (out.size() > kMaxFrameBytes) return refuse(id, {"runner.too_large", "the answer is too large"});
  channel_->send(FrameType::reply, id, out.take());
}

void ServiceDesk::refuse(std::uint64_t id, const Error& why) {
  WireWriter out;
  out.truth(false);
  write_error(out, why);
  channel_->send(FrameType::reply, id, out.take());
}

bool ServiceDesk::connection(std::uint64_t id, const RemoteAttempt& by, WireReader in) {
  const std::string name = clean_text(in.text());
  if (!in.done()) return false;
  const Result<Value> found = services_.http.connection(by.attempt->call(), name);
  found ? reply(id, [&](WireWriter& out) { out.value(*found); }) : refuse(id, found.error());
  return true;
}

bool ServiceDesk::operator_info(std::uint64_t id, WireReader in) {
  const CalleeMessage asked = read_callee(in);
  if (!in.done()) return false;
  const OperatorInfo* info =
      asked.callable ? services_.catalog.find_callable(asked.name) : services_.catalog.find_operator(asked.name);
  if (info == nullptr) return refuse(id, {"call.not_found", "there is none"}), true;
  reply(id, [&](WireWriter& out) { write_operator_info(out, *info); });
  return true;
}

bool ServiceDesk::states(std::uint64_t id, const RemoteAttempt& by, WireReader in) {
  RunStatesQuery query = read_query(in);
  if (!in.done()) return false;
  if (services_.runs == nullptr) return refuse(id, {"run.denied", "this host starts no runs"}), true;
  // The store may take its time, and this thread has none.
  services_.callee_threads.run([self = shared_from_this(), id, attempt = by.attempt, asked = std::move(query)] {
    const auto found = self->services_.runs->states(attempt->call(), asked);
    found ? self->reply(id, [&](WireWriter& out) { write_states(out, *found); }) : self->refuse(id, found.error());
  });
  return true;
}

// ---- requests ----

bool ServiceDesk::open(std::uint64_t id, std::size_t bytes) {
  const std::lock_guard lock{mutex_};
  if (closed_ || requests_.size() >= kMaxRequests || bytes_ + bytes > kMaxRequestBytes) return false;
  requests_[id].bytes = bytes;
  bytes_ += bytes;
  return true;
}

void ServiceDesk::set_cancel(std::uint64_t id, Cancel cancel) {
  {
    const std::lock_guard lock{mutex_};
    const auto at = requests_.find(id);
    if (!closed_ && at == requests_.end()) return;  // it has ended already
    if (!closed_ && !at->second.dropped) {
      at->second.cancel = std::move(cancel);
      return;
    }
  }
  cancel();
}

void ServiceDesk::finish(std::uint64_t id) {
  Cancel dropped;  // what it holds goes without the lock
  const std::lock_guard lock{mutex_};
  const auto at = requests_.find(id);
  if (at == requests_.end()) return;
  dropped = std::move(at->second.cancel);
  bytes_ -= at->second.bytes;
  requests_.erase(at);
}

void ServiceDesk::drop(std::uint64_t id) {
  Cancel cancel;
  {
    const std::lock_guard lock{mutex_};
    const auto at = requests_.find(id);
    if (at == requests_.end()) return;  // it has ended meanwhile
    at->second.dropped = true;
    cancel = std::move(at->second.cancel);
  }
  if (cancel) cancel();
}

void ServiceDesk::close() {
  std::map<std::uint64_t, Request> requests;
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    requests.swap(requests_);
  }
  for (auto& [id, request] : requests) {
    if (request.cancel) request.cancel();
  }
}

bool ServiceDesk::http(std::uint64_t id, const RemoteAttempt& by, WireReader in) {
  auto [ask, chunks] = read_http_ask(in);
  if (!in.done()) return false;
  if (!open(id, ask.request.body.size())) return refuse(id, {"http.invalid", kTooMany.message}), true;
  if (ask.request.max_body_bytes != 0)
    ask.request.max_body_bytes = std::min(ask.request.max_body_bytes, kMaxAnswerBytes);
  HttpGateway::Callbacks callbacks;
  const auto self = shared_from_this();
  if (chunks) {
    callbacks.on_chunk = [self, id](std::string_view piece) {
      WireWriter out;
      out.text(piece);
      self->channel_->send(FrameType::http_chunk, id, out.take());
    };
  }
  callbacks.on_done = [self, id](const HttpResponse& response) {
    self->finish(id);
    WireWriter out;
    write_http_response(out, response);
    self->channel_->send(FrameType::http_done, id, out.take());
  };
  const auto sent = services_.http.send(by.attempt->call(), std::move(ask), std::move(callbacks));
  if (!sent) return finish(id), refuse(id, sent.error()), true;
  reply(id, [](WireWriter&) {});
  set_cancel(id, [handle = *sent] { handle->cancel(); });
  return true;
}

void ServiceDesk::called(std::uint64_t id, const TaskOutcome& outcome) {
  finish(id);
  WireWriter out;
  write_outcome(out, outcome);
  if (out.size() > kMaxFrameBytes) {
    out = {};
    write_outcome(out, TaskOutcome::failed("call.too_large", "the callee's result is too large to be handed on"));
  }
  channel_->send(FrameType::called, id, out.take());
}

/// The callee's attempt: same run, task and listener; its end goes to the runner.
class ServiceDesk::Forwarded final : public NestedAttempt {
 public:
  Forwarded(TaskCall call, std::shared_ptr<CancelToken> cancel, const RemoteAttempt& caller,
            std::shared_ptr<ServiceDesk> desk, std::uint64_t id)
      : NestedAttempt(std::move(call), std::move(cancel), caller.attempt->listener(), caller.depth + 1),
        caller_(caller.attempt),
        desk_(std::move(desk)),
        id_(id) {}

  void complete(TaskOutcome outcome) override { desk_->called(id_, outcome); }

 private:
  const std::shared_ptr<Attempt> caller_;
  const std::shared_ptr<ServiceDesk> desk_;
  const std::uint64_t id_;
};

bool ServiceDesk::call(std::uint64_t id, const RemoteAttempt& by, WireReader in) {
  const CalleeMessage asked = read_callee(in);
  if (!in.done()) return false;
  const OperatorInfo* callee =
      asked.callable ? services_.catalog.find_callable(asked.name) : services_.catalog.find_operator(asked.name);
  if (callee == nullptr)
    return called(id, TaskOutcome::failed("call.not_found", "there is no " + json_quote(asked.name))), true;
  if (const Status granted = grants_.may_call(*callee, asked.callable, by.attempt->call().params); !granted)
    return called(id, TaskOutcome::failed(granted.error().code, granted.error().message)), true;
  if (by.depth >= kMaxCallDepth)
    return called(id, TaskOutcome::failed("call.too_deep", "operators call each other too deep")), true;
  // What the runner has checked is checked again: the callee may run in this process.
  Result<Value> params = callee_params(*callee, asked.params.json());
  if (!params) return called(id, TaskOutcome::failed(params.error().code, params.error().message)), true;
  if (!open(id, params->json().size())) return called(id, TaskOutcome::failed(kTooMany.code, kTooMany.message)), true;
  TaskCall call = by.attempt->call();
  call.params = std::move(params).value();
  auto token = std::make_shared<CancelToken>();
  auto attempt = std::make_shared<Forwarded>(std::move(call), token, by, shared_from_this(), id);
  set_cancel(id, [token] { token->cancel(); });
  Operator& op = services_.operators.operator_of(*callee);
  if (callee->traits.blocks()) {
    services_.callee_threads.run([&op, attempt] { op.execute(attempt); });
  } else {
    op.execute(std::move(attempt));
  }
  return true;
}

void ServiceDesk::triggered(std::uint64_t id, const Result<TriggeredRun>& run) {
  finish(id);
  WireWriter out;
  write_triggered(out, run);
  channel_->send(FrameType::triggered, id, out.take());
}

bool ServiceDesk::trigger(std::uint64_t id, const RemoteAttempt& by, WireReader in) {
  RunTrigger asked = read_trigger(in);
  if (!in.done()) return false;
  if (services_.runs == nullptr) return triggered(id, Error{"run.denied", "this host starts no runs"}), true;
  if (const Status granted = grants_.may_trigger(asked.dag, by.attempt->call().params); !granted)
    return triggered(id, granted.error()), true;
  if (!open(id, asked.conf.json().size() + asked.params.json().size())) return triggered(id, kTooMany), true;
  auto token = std::make_shared<CancelToken>();
  set_cancel(id, [token] { token->cancel(); });
  // A DAG's file is about to be read.
  services_.callee_threads.run(
      [self = shared_from_this(), id, token, attempt = by.attempt, run = std::move(asked)]() mutable {
        self->services_.runs->trigger(attempt->call(), std::move(run), token,
                                      [self, id, token](const Result<TriggeredRun>& told) {
                                        token->on_cancel(nullptr);
                                        self->triggered(id, told);
                                      });
      });
  return true;
}

}  // namespace leeward
