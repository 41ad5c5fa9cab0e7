// "leeward.http/1": HTTP for plugins, in C's words. Connections, keys and limits are the gateway's business, wherever
// it stands.

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/json.hpp"
#include "host/plugin/callee_threads.hpp"
#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"

namespace leeward {
namespace {

/// One request under way. Keeps its task alive, whatever the plugin does with its hold.
class Asked : public std::enable_shared_from_this<Asked> {
 public:
  Asked(std::shared_ptr<HostTask> task, const lw_http_callbacks& callbacks)
      : task_(std::move(task)), callbacks_(callbacks) {}

  Status send(HttpAsk ask) {
    stop_ = task_->under_way().add([weak = weak_from_this()] {
      if (const auto alive = weak.lock()) alive->cancel();
    });
    HttpGateway::Callbacks callbacks;
    const auto self = shared_from_this();
    if (callbacks_.on_chunk != nullptr) callbacks.on_chunk = [self](std::string_view piece) { self->take(piece); };
    callbacks.on_done = [self](HttpResponse response) { self->done(std::move(response)); };
    auto handle = task_->services().http.send(task_->attempt()->call(), std::move(ask), std::move(callbacks));
    if (!handle) {
      task_->under_way().remove(stop_);
      return std::move(handle).error();
    }
    {
      const std::lock_guard lock{mutex_};
      if (!ended_) handle_ = *handle;
      if (!cancelled_) return leeward::done();
    }
    (*handle)->cancel();
    return leeward::done();
  }

 private:
  void cancel() {
    std::shared_ptr<HttpGateway::Handle> handle;
    {
      const std::lock_guard lock{mutex_};
      cancelled_ = true;
      handle = handle_;
    }
    if (handle) handle->cancel();  // without the lock: it may end the request here and now
  }

  void take(std::string_view piece) {
    const MustNotBlock here;
    callbacks_.on_chunk(callbacks_.arg, lend(piece));
  }

  void done(HttpResponse response) {
    task_->under_way().remove(stop_);
    {
      const std::lock_guard lock{mutex_};
      ended_ = true;
      handle_.reset();  // it may hold this
    }
    JsonWriter headers;
    headers.begin_object();
    std::map<std::string_view, std::string_view> last;  // of a repeated header the last
    for (const auto& [name, value] : response.headers) last[name] = value;
    for (const auto& [name, value] : last) headers.member(name, value);
    headers.end_object();
    const lw_error error{sizeof(lw_error),     response.status,        -1,
                         lend(response.error), lend(response.message), {nullptr, 0}};
    const lw_http_response answer{sizeof(lw_http_response), response.status, lend(headers.text()), lend(response.body),
                                  response.error.empty() ? nullptr : &error};
    const MustNotBlock here;
    callbacks_.on_done(callbacks_.arg, &answer);
  }

  const std::shared_ptr<HostTask> task_;
  const lw_http_callbacks callbacks_;
  CancelGroup::Id stop_ = 0;
  std::mutex mutex_;  ///< guards the rest
  bool cancelled_ = false;
  bool ended_ = false;
  std::shared_ptr<HttpGateway::Handle> handle_;
};

HttpAsk ask_of(const lw_http_request& from) {
  HttpAsk ask;
  ask.connection_id = text_of(from.connection_id);
  ask.headers_json = text_of(from.headers_json);
  const std::uint64_t flags = LW_HAS(lw_http_request, &from, flags) ? from.flags : 0;
  ask.paid = (flags & LW_HTTP_PAID) != 0;
  ask.idempotency_key = (flags & LW_HTTP_IDEMPOTENCY_KEY) != 0;
  HttpRequest& request = ask.request;
  request.url = text_of(from.url);
  if (!text_of(from.method).empty()) request.method = text_of(from.method);
  request.body = text_of(from.body);
  request.connect_timeout = std::chrono::milliseconds{from.connect_timeout_ms};
  request.first_byte_timeout = std::chrono::milliseconds{from.first_byte_timeout_ms};
  request.idle_timeout = std::chrono::milliseconds{from.idle_timeout_ms};
  request.total_timeout = std::chrono::milliseconds{from.total_timeout_ms};
  request.max_body_bytes = from.max_body_bytes;
  return ask;
}

lw_code send(lw_task* c_task, const lw_http_request* from, const lw_http_callbacks* callbacks) {
  HostTask& task = HostTask::of(c_task);
  if (from == nullptr || !LW_HAS(lw_http_request, from, body) || callbacks == nullptr ||
      !LW_HAS(lw_http_callbacks, callbacks, arg) || callbacks->on_done == nullptr) {
    return task.refuse(LW_INVALID, "http.invalid", "the request or its callbacks are incomplete");
  }
  const Status sent = std::make_shared<Asked>(task.shared_from_this(), *callbacks)->send(ask_of(*from));
  if (sent) return LW_OK;
  const bool theirs = sent.error().code == "http.invalid";
  return task.refuse(theirs ? LW_INVALID : LW_NOT_FOUND, sent.error().code, sent.error().message);
}

}  // namespace

const lw_http kHttpService = {sizeof(lw_http), 0, send};

}  // namespace leeward
