#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "host/net/http_client.hpp"
#include "host/net/http_server.hpp"

namespace leeward::test {

using Responder = std::shared_ptr<HttpResponder>;

inline std::unique_ptr<HttpServer> serve(HttpServer::Handler handler, HttpServer::Options options = {}) {
  auto server = HttpServer::start(std::move(options), std::move(handler));
  if (!server) throw std::runtime_error(server.error().message);
  return std::move(server).value();
}

/// A server that answers every request with exactly these bytes and then closes.
inline std::unique_ptr<HttpServer> serve_raw(std::string bytes) {
  return serve([bytes = std::move(bytes)](const HttpServerRequest&, const Responder& responder) {
    responder->raw(bytes).close();
  });
}

/// A request on its way, and its answer when it is there.
struct Pending {
  std::shared_ptr<HttpClient::Handle> handle;
  std::future<HttpResponse> answer;

  HttpResponse get() {
    if (answer.wait_for(std::chrono::seconds(60)) != std::future_status::ready) throw std::runtime_error("no on_done");
    return answer.get();
  }
};

inline Pending send(HttpClient& client, HttpRequest request, std::function<void(std::string_view)> on_chunk = {}) {
  auto promise = std::make_shared<std::promise<HttpResponse>>();
  Pending pending;
  pending.answer = promise->get_future();
  pending.handle =
      client.send(std::move(request),
                  {std::move(on_chunk), [promise](HttpResponse response) { promise->set_value(std::move(response)); }});
  return pending;
}

inline HttpResponse fetch(HttpClient& client, HttpRequest request) { return send(client, std::move(request)).get(); }

inline HttpResponse get(HttpClient& client, const std::string& url) {
  HttpRequest request;
  request.url = url;
  return fetch(client, std::move(request));
}

/// What a fresh client makes of a server's answer.
inline HttpResponse get_once(const std::string& url, HttpClient::Options options = {}) {
  HttpClient client(std::move(options));
  return get(client, url);
}

}  // namespace leeward::test
