#include "host/runner/service_desk.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "host/runner/forwarded_attempt.hpp"
#include "host/runner/messages.hpp"

namespace leeward {
namespace {

/// What one runner may have under way at the same time.
constexpr std::size_t kMaxRequests = 65536;
constexpr std::size_t kMaxRequestBytes = std::size_t{512} << 20;
/// Of an answer's body, whatever a plugin asks for: it has to fit a frame.
constexpr std::uint64_t kMaxAnswerBytes = kMaxFrameBytes - kMaxTextBytes;

TaskOutcome failed(const Error& why) { return TaskOutcome::failed(why.code, why.message); }

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
  if (const auto by = attempts_.find(attempt)) return request(type, {id, attempt, *by}, std::move(in));
  // It has ended meanwhile: who waits for a reply gets one.
  if (type != FrameType::call && type != FrameType::trigger) refuse(id, {"task.ended", "the task has ended"});
  return true;
}

bool ServiceDesk::request(FrameType type, const Asking& asking, WireReader in) {
  switch (type) {
    case FrameType::ask_connection: return connection(asking, std::move(in));
    case FrameType::ask_states: return states(asking, std::move(in));
    case FrameType::http: return http(asking, std::move(in));
    case FrameType::call: return call(asking, std::move(in));
    case FrameType::trigger: return trigger(asking, std::move(in));
    default: return false;
  }
}

// ---- what is under way ----

Status ServiceDesk::open(const Asking& asking, Kind kind, std::size_t bytes, std::shared_ptr<ForwardedAttempt> callee) {
  const std::lock_guard lock{mutex_};
  if (closed_ || requests_.size() >= kMaxRequests || bytes_ + bytes > kMaxRequestBytes)
    return Error{"runner.too_many", "too many requests of this plugin are under way"};
  Request request{asking.attempt, kind, bytes};
  request.callee = std::move(callee);
  requests_.emplace(asking.id, std::move(request));
  bytes_ += bytes;
  if (kind == Kind::of_attempt) ++at_work_[asking.attempt];
  return done();
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

bool ServiceDesk::begin(std::uint64_t id) {
  const std::lock_guard lock{mutex_};
  const auto at = requests_.find(id);
  return at != requests_.end() && (at->second.begun = true);
}

void ServiceDesk::finish(std::uint64_t id) {
  std::map<std::uint64_t, Request>::node_type ended;  // what it holds goes without the lock
  const std::lock_guard lock{mutex_};
  ended = requests_.extract(id);
  if (!ended.empty()) end(ended.mapped());
}

/// REQUIRES: mutex_ is held, and it is among them no more.
void ServiceDesk::end(Request& request) {
  bytes_ -= request.bytes;
  if (request.kind == Kind::of_attempt && --at_work_[request.attempt] == 0) at_work_.erase(request.attempt);
  ++ends_;
  ended_.notify_all();
}

bool ServiceDesk::under_way(std::uint64_t id) const {
  const std::lock_guard lock{mutex_};
  return requests_.contains(id);
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
  std::vector<Cancel> cancels;
  std::vector<std::map<std::uint64_t, Request>::node_type> forgotten;  // what they hold goes without the lock
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    for (auto next = requests_.begin(); next != requests_.end();) {
      const auto at = next++;
      if (at->second.begun && at->second.cancel) cancels.push_back(std::move(at->second.cancel));
      if (at->second.begun) continue;
      forgotten.push_back(requests_.extract(at));
      end(forgotten.back().mapped());
    }
  }
  lanes_.drop_waiting();
  for (const Cancel& cancel : cancels) cancel();
}

bool ServiceDesk::at_work_for(std::uint64_t attempt) const {
  const std::lock_guard lock{mutex_};
  return at_work_.contains(attempt);
}

void ServiceDesk::stop(std::uint64_t attempt) {
  std::vector<Cancel> cancels;
  {
    const std::lock_guard lock{mutex_};
    if (!at_work_.contains(attempt)) return;
    for (auto& [id, request] : requests_) {
      if (request.attempt != attempt || request.kind != Kind::of_attempt) continue;
      request.dropped = true;
      if (request.cancel) cancels.push_back(std::move(request.cancel));
    }
  }
  for (const Cancel& cancel : cancels) cancel();
}

std::uint64_t ServiceDesk::ends() const {
  const std::lock_guard lock{mutex_};
  return ends_;
}

void ServiceDesk::wait_for_more(std::uint64_t ends, Time until) const {
  std::unique_lock lock{mutex_};
  ended_.wait_until(lock, until, [&] { return ends_ > ends; });
}

void ServiceDesk::detach(std::uint64_t attempt) {
  std::vector<std::shared_ptr<ForwardedAttempt>> callees;
  {
    const std::lock_guard lock{mutex_};
    if (!at_work_.contains(attempt)) return;
    for (const auto& [id, request] : requests_) {
      if (request.callee && request.attempt == attempt) callees.push_back(request.callee);
    }
  }
  for (const auto& callee : callees) callee->detach();
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

bool ServiceDesk::connection(const Asking& asking, WireReader in) {
  const std::string name = clean_text(in.text());
  if (!in.done()) return false;
  const Result<Value> found = services_.http.connection(asking.by.attempt->call(), name);
  found ? reply(asking.id, [&](WireWriter& out) { out.value(*found); }) : refuse(asking.id, found.error());
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

bool ServiceDesk::states(const Asking& asking, WireReader in) {
  RunStatesQuery query = read_query(in);
  const std::uint64_t id = asking.id;
  if (!in.done()) return false;
  if (services_.runs == nullptr) return refuse(id, {"run.denied", "this host starts no runs"}), true;
  if (const Status opened = open(asking, Kind::of_attempt, in.size()); !opened) return refuse(id, opened.error()), true;
  // The store may take its time, and this thread has none.
  lanes_.reading().run([self = shared_from_this(), id, attempt = asking.by.attempt, asked = std::move(query)] {
    if (!self->begin(id)) return;
    const auto found = self->services_.runs->states(attempt->call(), asked);
    self->finish(id);
    found ? self->reply(id, [&](WireWriter& out) { write_states(out, *found); }) : self->refuse(id, found.error());
  });
  return true;
}

// ---- requests ----

bool ServiceDesk::http(const Asking& asking, WireReader in) {
  auto [ask, chunks] = read_http_ask(in);
  const std::uint64_t id = asking.id;
  if (!in.done()) return false;
  if (const Status opened = open(asking, Kind::http, in.size()); !opened)
    return refuse(id, {"http.invalid", opened.error().message}), true;
  static_cast<void>(begin(id));
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
  const auto sent = services_.http.send(asking.by.attempt->call(), std::move(ask), std::move(callbacks));
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

bool ServiceDesk::call(const Asking& asking, WireReader in) {
  const CalleeMessage asked = read_callee(in);
  const std::uint64_t id = asking.id;
  if (!in.done()) return false;
  const OperatorInfo* callee =
      asked.callable ? services_.catalog.find_callable(asked.name) : services_.catalog.find_operator(asked.name);
  if (callee == nullptr)
    return called(id, TaskOutcome::failed("call.not_found", "there is no " + json_quote(asked.name))), true;
  const Status granted = grants_.may_call(*callee, asked.callable, asking.by.attempt->call().params);
  if (!granted) return called(id, failed(granted.error())), true;
  if (asking.by.depth >= kMaxCallDepth)
    return called(id, TaskOutcome::failed("call.too_deep", "operators call each other too deep")), true;
  // What the runner has checked is checked again: the callee may run in this process.
  Result<Value> params = callee_params(*callee, asked.params.json());
  if (!params) return called(id, failed(params.error())), true;
  start_callee(asking, *callee, std::move(params).value());
  return true;
}

void ServiceDesk::start_callee(const Asking& asking, const OperatorInfo& callee, Value params) {
  const std::uint64_t id = asking.id;
  const std::size_t bytes = params.json().size();
  const auto attempt = std::make_shared<ForwardedAttempt>(
      asking.by.attempt, asking.by.depth + 1, std::move(params),
      [self = shared_from_this(), id](const TaskOutcome& outcome) { self->called(id, outcome); });
  const Status opened = open(asking, Kind::of_attempt, bytes, attempt);
  if (!opened) return called(id, failed(opened.error()));
  set_cancel(id, [attempt] { attempt->cancel_token().cancel(); });
  const auto execute = [self = shared_from_this(), id, attempt, &op = services_.operators.operator_of(callee)] {
    if (self->begin(id)) op.execute(attempt);
  };
  callee.traits.blocks() ? lanes_.calls(asking.by.depth).run(execute) : execute();
}

void ServiceDesk::triggered(std::uint64_t id, const Result<TriggeredRun>& run) {
  finish(id);
  WireWriter out;
  write_triggered(out, run);
  channel_->send(FrameType::triggered, id, out.take());
}

bool ServiceDesk::trigger(const Asking& asking, WireReader in) {
  RunTrigger asked = read_trigger(in);
  const std::uint64_t id = asking.id;
  if (!in.done()) return false;
  if (services_.runs == nullptr) return triggered(id, Error{"run.denied", "this host starts no runs"}), true;
  const Status granted = grants_.may_trigger(asked.dag, asking.by.attempt->call().params);
  if (!granted) return triggered(id, granted.error()), true;
  if (const Status opened = open(asking, Kind::of_attempt, in.size()); !opened)
    return triggered(id, opened.error()), true;
  auto token = std::make_shared<CancelToken>();
  set_cancel(id, [token] { token->cancel(); });
  // A DAG's file is about to be read.
  lanes_.reading().run(
      [self = shared_from_this(), id, token, attempt = asking.by.attempt, run = std::move(asked)]() mutable {
        if (!self->begin(id)) return;
        self->services_.runs->trigger(attempt->call(), std::move(run), token,
                                      [self, id, token](const Result<TriggeredRun>& told) {
                                        token->on_cancel(nullptr);
                                        self->triggered(id, told);
                                      });
      });
  return true;
}

}  // namespace leeward
