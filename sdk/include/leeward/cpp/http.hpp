/// leeward.http/1 for C++: a request that goes out while the operator holds no thread.
///
///     lw_code execute(Task task) {
///       HttpRequest request;
///       request.connection = "llm_default", request.url = "/models";
///       return send(task.defer(), request, [](Deferred& deferred, const HttpResponse& response) {
///         if (response.status != 200) throw fail("models.status", "no list of models").http(response.status);
///         deferred.task().result_json(std::string(response.body));
///       });
///     }
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <leeward/cpp/deferred.hpp>
#include <leeward/ext/http.h>

LW_SDK_BEGIN

/// What to ask. Timeouts in milliseconds, 0 for the host's default; see lw_http_request.
struct LW_SDK_TYPE HttpRequest {
  std::string method = "GET";
  std::string connection;    // empty: `url` is absolute, and goes out without credentials
  std::string url;           // below the connection's base_url, "/chat/completions"
  std::string headers_json;  // {"name": "value"}, or empty
  std::string body;
  std::uint32_t connect_timeout_ms = 0;
  std::uint32_t first_byte_timeout_ms = 0;
  std::uint32_t idle_timeout_ms = 0;
  std::uint32_t total_timeout_ms = 0;
  std::uint64_t max_body_bytes = 0;
  bool paid = false;             // never sent again once its answer is recorded; see LW_HTTP_PAID
  bool idempotency_key = false;  // of a paid one: sends the header of that name
};

/// What came back. Borrowed: valid inside the callback.
struct LW_SDK_TYPE HttpResponse {
  int status = 0;                   // 0: no answer arrived
  std::string_view headers_json;    // names in lower case
  std::string_view body;            // whole; empty if on_chunk took it
  const lw_error* error = nullptr;  // why the answer did not arrive whole, type http.…

  bool ok() const noexcept { return !error && status >= 200 && status < 300; }
  /// One header's value, or nothing. `name` in lower case.
  std::optional<std::string> header(std::string_view name) const {
    const auto value = headers_json.empty() ? std::nullopt : member(headers_json, name);
    return value ? std::optional(unquote(*value)) : std::nullopt;
  }
  /// Throws if no whole answer arrived: as cancelled if the task was, else as worth a retry.
  void throw_if_broken() const {
    if (!error) return;
    throw Error::from(view(error->type) == "http.cancelled" ? LW_CANCELLED : LW_RETRY, error);
  }
};

/// The last part of a request; whatever its end, it is called once. See go_on(): returning ends the task with
/// success, throwing does not, and moving the Deferred on continues it.
using OnHttpDone = std::function<void(Deferred&, const HttpResponse&)>;
/// A piece of a 2xx body, which may end inside a character. What it throws ends the task when the answer is done with.
using OnHttpChunk = std::function<void(Task, std::string_view piece)>;

namespace detail {

struct HttpExchange {
  Deferred held;
  OnHttpDone on_done;
  OnHttpChunk on_chunk;
  std::optional<Error> broken;  // what on_chunk threw

  static void chunk(void* arg, lw_str piece) noexcept {
    auto& self = *static_cast<HttpExchange*>(arg);
    if (self.broken) return;
    const auto report = [&](const lw_error& error) { self.broken = Error::from(LW_RETRY, &error); };
    const lw_code code = guarded(report, [&]() -> lw_code {
      self.on_chunk(self.held.task(), view(piece));
      return LW_OK;
    });
    if (self.broken) self.broken->as(code);
  }

  static void done(void* arg, const lw_http_response* response) noexcept {
    const std::unique_ptr<HttpExchange> self(static_cast<HttpExchange*>(arg));
    go_on(std::move(self->held), [&](Deferred& deferred) {
      if (self->broken) throw *self->broken;
      self->on_done(deferred, {response->status, view(response->headers_json), view(response->body), response->error});
    });
  }
};

inline lw_http_request raw_request(const HttpRequest& from) noexcept {
  lw_http_request to{};
  to.size = sizeof to;
  to.connect_timeout_ms = from.connect_timeout_ms;
  to.first_byte_timeout_ms = from.first_byte_timeout_ms;
  to.idle_timeout_ms = from.idle_timeout_ms;
  to.total_timeout_ms = from.total_timeout_ms;
  to.max_body_bytes = from.max_body_bytes;
  to.method = lend(from.method);
  to.connection_id = lend(from.connection);
  to.url = lend(from.url);
  to.headers_json = lend(from.headers_json);
  to.body = lend(from.body);
  if (from.paid) to.flags |= LW_HTTP_PAID;
  if (from.idempotency_key) to.flags |= LW_HTTP_IDEMPOTENCY_KEY;
  return to;
}

}  // namespace detail

/// [task] Sends; the task goes on in `on_done`, on a host's thread. Always answers LW_DEFERRED: what keeps a request
/// from being sent (no such connection, no HTTP in this host) ends the task as failed, with the host's message. Without
/// `on_chunk` the body is gathered.
inline lw_code send(Deferred deferred, const HttpRequest& request, OnHttpDone on_done, OnHttpChunk on_chunk = {}) {
  const auto* http = extension<lw_http>(LW_EXT_HTTP);
  if (!http) {
    deferred.finish(fail("no_extension", "this host offers no HTTP client (" LW_EXT_HTTP ")"));
    return LW_DEFERRED;
  }
  using Exchange = detail::HttpExchange;
  const lw_http_request lent = detail::raw_request(request);
  lw_task* const task = deferred.task().raw();
  const bool streams = static_cast<bool>(on_chunk);
  auto* exchange = new Exchange{std::move(deferred), std::move(on_done), std::move(on_chunk), {}};
  const lw_http_callbacks callbacks{sizeof callbacks, 0, streams ? &Exchange::chunk : nullptr, &Exchange::done,
                                    exchange};
  if (http->send(task, &lent, &callbacks) != LW_OK) {
    const std::unique_ptr<Exchange> unsent(exchange);
    unsent->held.finish(LW_FAIL);  // the host has noted why
  }
  return LW_DEFERRED;
}

LW_SDK_END
