#include "host/runner/uplink.hpp"

#include <utility>

#include "host/plugin/callee_threads.hpp"
#include "host/runner/messages.hpp"

namespace leeward {

void Uplink::chat(FrameType type, std::uint64_t id, std::string body) {
  if (channel_.backlog() <= kChatterBacklogBytes) tell(type, id, std::move(body));
}

bool Uplink::stream(std::uint64_t id, std::string body, std::size_t bytes) {
  if (output_under_way_.fetch_add(bytes) + bytes > kOutputWindowBytes) {
    output_under_way_ -= bytes;
    return false;
  }
  tell(FrameType::output, id, std::move(body));
  return true;
}

Result<Uplink::Body> Uplink::ask(FrameType type, std::uint64_t id, std::string body) {
  if (body.size() > kMaxFrameBytes) {
    return Error{"runner.too_large", "it has " + std::to_string(body.size()) + " bytes, at most " +
                                         std::to_string(kMaxFrameBytes) + " can leave the plugin's process"};
  }
  std::future<Body> reply;
  {
    const std::lock_guard lock{mutex_};
    reply = questions_[id].get_future();
  }
  tell(type, id, std::move(body));
  Body said = reply.get();
  WireReader in{said};
  if (!in.truth()) return read_error(in);
  return said;
}

void Uplink::on_reply(std::uint64_t id, Body body) {
  std::promise<Body> question;
  {
    const std::lock_guard lock{mutex_};
    const auto at = questions_.find(id);
    if (at == questions_.end()) return;
    question = std::move(at->second);
    questions_.erase(at);
  }
  question.set_value(std::move(body));
}

void Uplink::expect(std::uint64_t id, Told told) {
  auto shared = std::make_shared<const Told>(std::move(told));
  const std::lock_guard lock{mutex_};
  requested_.emplace(id, std::move(shared));
}

void Uplink::forget(std::uint64_t id) {
  std::shared_ptr<const Told> dropped;  // what it holds goes without the lock
  const std::lock_guard lock{mutex_};
  const auto at = requested_.find(id);
  if (at == requested_.end()) return;
  dropped = std::move(at->second);
  requested_.erase(at);
}

void Uplink::on_request(std::uint64_t id, bool last, Body body) {
  std::shared_ptr<const Told> told;
  {
    const std::lock_guard lock{mutex_};
    const auto at = requested_.find(id);
    if (at == requested_.end()) return;
    told = at->second;
    if (last) requested_.erase(at);
  }
  loop_.post([told = std::move(told), last, body = std::move(body)] {
    const MustNotBlock here;
    (*told)(last, body);
  });
}

}  // namespace leeward
