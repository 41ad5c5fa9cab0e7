#include <atomic>

#include "tests/host/net/http_fixture.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

TEST_CASE("HttpClient does not reuse a connection on which more came than was asked for", "[net]") {
  auto server = serve([](const HttpServerRequest& request, const Responder& responder) {
    if (request.path() == "/first") {
      // Twelve bytes where five were announced: the rest looks like the answer to the next request.
      responder
          ->raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
          .keep();
    } else {
      responder->answer(200, {}, "good");
    }
  });
  HttpClient client({});
  CHECK(get(client, server->origin() + "/first").body == "hello");
  CHECK(get(client, server->origin() + "/second").body == "good");
  CHECK(server->connections_accepted() == 2);
}

TEST_CASE("HttpClient does not reuse a connection when the server or HTTP/1.0 says so", "[net]") {
  for (const std::string bytes : {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
                                  "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"}) {
    auto server = serve([&](const HttpServerRequest&, const Responder& responder) { responder->raw(bytes).keep(); });
    HttpClient client({});
    for (int i = 0; i < 3; ++i) CHECK(get(client, server->origin()).body == "ok");
    CHECK(server->connections_accepted() == 3);
  }
}

TEST_CASE("HttpClient asks again when the server had closed the kept connection", "[net]") {
  std::atomic<int> asked{0};
  auto server = serve([&](const HttpServerRequest&, const Responder& responder) {
    ++asked;
    responder->answer(200, {}, "ok");
  });
  HttpClient client({});
  for (int i = 0; i < 10; ++i) {
    CHECK(get(client, server->origin()).body == "ok");
    server->close_idle_connections();
  }
  CHECK(asked == 10);
}

TEST_CASE("HttpClient asks again once when a kept connection ends instead of an answer", "[net]") {
  std::atomic<int> asked{0};
  auto server = serve([&](const HttpServerRequest& request, const Responder& responder) {
    ++asked;
    if (request.path() == "/warm" || request.connection > 1) {
      responder->answer(200, {}, std::to_string(request.connection));
    } else {
      responder->close();
    }
  });
  HttpClient client({});
  const HttpResponse warm = get(client, server->origin() + "/warm");
  CHECK(warm.body == "1");
  CHECK(warm.sent);
  CHECK_FALSE(warm.sent_twice);
  const HttpResponse cold = get(client, server->origin() + "/cold");
  CHECK(cold.body == "2");
  CHECK(cold.sent_twice);
  CHECK(asked == 3);
}

TEST_CASE("HttpClient asks a fresh connection only once", "[net]") {
  std::atomic<int> asked{0};
  auto server = serve([&](const HttpServerRequest& request, const Responder& responder) {
    ++asked;
    if (request.path() == "/warm") {
      responder->answer(200, {}, "ok");
    } else {
      responder->reset();
    }
  });
  HttpClient client({});
  CHECK(get(client, server->origin() + "/warm").body == "ok");
  CHECK(get(client, server->origin() + "/cold").error == "http.reset");
  CHECK(asked == 3);  // warm, cold on the kept connection, cold on a fresh one
}

TEST_CASE("HttpClient does not ask again when a byte of the answer had come", "[net]") {
  std::atomic<int> asked{0};
  auto server = serve([&](const HttpServerRequest& request, const Responder& responder) {
    ++asked;
    if (request.path() == "/warm") {
      responder->answer(200, {}, "ok");
    } else {
      responder->raw("H").close();
    }
  });
  HttpClient client({});
  CHECK(get(client, server->origin() + "/warm").body == "ok");
  CHECK(get(client, server->origin() + "/cold").error == "http.truncated");
  CHECK(asked == 2);
}

TEST_CASE("HttpClient takes an answer that comes before the request was sent whole", "[net]") {
  HttpServer::Options options;
  options.max_body_bytes = 1000;
  auto server =
      serve([](const HttpServerRequest&, const Responder& responder) { responder->answer(200, {}, ""); }, options);
  HttpClient client({});
  HttpRequest request;
  request.method = "POST";
  request.url = server->origin();
  request.body.assign(30'000'000, 'x');
  const HttpResponse response = fetch(client, request);
  CHECK(response.error.empty());
  CHECK(response.status == 413);
}
