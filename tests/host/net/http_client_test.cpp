#include "host/net/http_client.hpp"

#include <atomic>
#include <thread>

#include "tests/host/net/http_fixture.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

TEST_CASE("HttpClient sends a request and gives back the answer", "[net]") {
  HttpServerRequest seen;
  auto server = serve([&](const HttpServerRequest& request_seen, const Responder& responder) {
    seen = request_seen;
    responder->answer(201, {{"X-Request-Id", "7"}}, "you said " + seen.body);
  });
  HttpClient client({});
  HttpRequest request;
  request.method = "POST";
  request.url = server->origin() + "/v1/chat?x=1#fragment";
  request.headers = {{"Authorization", "Bearer key"}};
  request.body = "hello";
  const HttpResponse response = fetch(client, request);
  CHECK(seen.method == "POST");
  CHECK(seen.target == "/v1/chat?x=1");
  CHECK(seen.header("authorization") == "Bearer key");
  CHECK(seen.header("accept-encoding") == "identity");
  CHECK(seen.header("content-length") == "5");
  CHECK(seen.header("host") == server->origin().substr(7));
  CHECK(response.error.empty());
  CHECK(response.status == 201);
  CHECK(response.header("x-request-id") == "7");
  CHECK(response.body == "you said hello");
}

TEST_CASE("HttpClient keeps a connection and uses it again", "[net]") {
  auto server = serve([](const HttpServerRequest& request, const Responder& responder) {
    responder->answer(200, {}, std::to_string(request.connection));
  });
  HttpClient client({});
  for (int i = 0; i < 20; ++i) CHECK(get(client, server->origin() + "/").body == "1");
  CHECK(server->connections_accepted() == 1);
}

TEST_CASE("HttpClient takes answers in every framing, whole or byte by byte", "[net]") {
  const std::string with_length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;ext=\"x\"\r\nllo\r\n0\r\nTrailer: x\r\n\r\n";
  const std::string until_close = "HTTP/1.1 200 OK\r\n\r\nhello";
  const std::string old = "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + with_length;
  for (const std::string& bytes : {with_length, chunked, until_close, old, interim}) {
    for (const bool dripping : {false, true}) {
      auto server = serve([&](const HttpServerRequest&, const Responder& responder) {
        if (!dripping) responder->raw(bytes);
        for (std::size_t i = 0; dripping && i < bytes.size(); ++i) responder->raw(bytes.substr(i, 1));
        responder->close();
      });
      const HttpResponse response = get_once(server->origin());
      INFO(bytes);
      CHECK(response.error.empty());
      CHECK(response.message.empty());
      CHECK(response.status == 200);
      CHECK(response.body == "hello");
    }
  }
}

TEST_CASE("HttpClient hands over the pieces of a 2xx body as they come, and gathers any other", "[net]") {
  auto server = serve([](const HttpServerRequest& request, const Responder& responder) {
    responder->begin(request.path() == "/good" ? 200 : 500, {}).piece("a\xe6").wait(5ms).piece("\x80\xbb").end();
  });
  HttpClient client({});
  std::string seen;
  HttpRequest request;
  request.url = server->origin() + "/good";
  HttpResponse response = send(client, request, [&](std::string_view piece) { seen += piece; }).get();
  CHECK(seen == "a\xe6\x80\xbb");
  CHECK(response.status == 200);
  CHECK(response.body.empty());

  seen.clear();
  request.url = server->origin() + "/bad";
  response = send(client, request, [&](std::string_view piece) { seen += piece; }).get();
  CHECK(seen.empty());
  CHECK(response.status == 500);
  CHECK(response.body == "a\xe6\x80\xbb");
}

TEST_CASE("HttpClient knows which answers have no body", "[net]") {
  auto server = serve([](const HttpServerRequest& request, const Responder& responder) {
    responder->answer(request.method == "HEAD" ? 200 : 204, {}, "12345");
  });
  HttpClient client({});
  HttpRequest request;
  request.url = server->origin();
  request.method = "HEAD";
  const HttpResponse head = fetch(client, request);
  CHECK(head.error.empty());
  CHECK(head.header("content-length") == "5");
  CHECK(head.body.empty());
  const HttpResponse none = get(client, server->origin());
  CHECK(none.status == 204);
  CHECK(none.error.empty());
  CHECK(server->connections_accepted() == 1);
}

TEST_CASE("HttpClient does not follow redirects", "[net]") {
  std::atomic<int> asked{0};
  auto server = serve([&](const HttpServerRequest&, const Responder& responder) {
    ++asked;
    responder->answer(302, {{"location", "/elsewhere"}}, "");
  });
  const HttpResponse response = get_once(server->origin());
  CHECK(response.status == 302);
  CHECK(response.error.empty());
  CHECK(response.header("location") == "/elsewhere");
  CHECK(asked == 1);
}

TEST_CASE("HttpClient sends and receives megabytes", "[net]") {
  auto server = serve([](HttpServerRequest request, const Responder& responder) {
    responder->answer(200, {}, std::move(request.body));
  });
  HttpClient client({});
  HttpRequest request;
  request.method = "PUT";
  request.url = server->origin();
  for (int i = 0; i < 1'000'000; ++i) request.body += static_cast<char>('a' + i % 23);
  for (int i = 0; i < 3; ++i) request.body += request.body;
  const HttpResponse response = fetch(client, request);
  CHECK(response.error.empty());
  CHECK((response.body == request.body));
}

TEST_CASE("HttpClient carries a thousand requests at once", "[net]") {
  std::atomic<int> arrived{0};
  std::vector<Responder> waiting;  // on the server's thread only
  auto server = serve([&](const HttpServerRequest&, const Responder& responder) {
    waiting.push_back(responder);
    if (++arrived < 1000) return;
    for (const Responder& each : waiting) each->answer(200, {}, "ok");  // none is answered before all are there
    waiting.clear();
  });
  HttpClient client({});
  std::vector<Pending> pending;
  HttpRequest request;
  request.url = server->origin();
  for (int i = 0; i < 1000; ++i) pending.push_back(send(client, request));
  int good = 0;
  for (Pending& each : pending) good += each.get().body == "ok" ? 1 : 0;
  CHECK(good == 1000);
  CHECK(server->connections_accepted() == 1000);
}

TEST_CASE("HttpClient opens no more connections than it may, and the rest waits", "[net]") {
  std::atomic<std::uint64_t> most{0};
  HttpServer* self = nullptr;
  auto server = serve([&](const HttpServerRequest&, const Responder& responder) {
    most = std::max(most.load(), self->connections_open());
    responder->wait(1ms).answer(200, {}, "ok");
  });
  self = server.get();
  HttpClient::Options options;
  options.max_connections = 5;
  HttpClient client(options);
  std::vector<Pending> pending;
  HttpRequest request;
  request.url = server->origin();
  for (int i = 0; i < 100; ++i) pending.push_back(send(client, request));
  for (Pending& each : pending) CHECK(each.get().body == "ok");
  CHECK(most == 5);
}

TEST_CASE("HttpClient lets no busy origin starve another", "[net]") {
  const auto answer = [](const HttpServerRequest&, const Responder& responder) { responder->answer(200, {}, "ok"); };
  auto busy = serve(answer);
  auto quiet = serve(answer);
  HttpClient::Options options;
  options.max_connections = 1;
  HttpClient client(options);
  std::vector<Pending> pending;
  HttpRequest request;
  for (int i = 0; i < 50; ++i) {
    request.url = busy->origin();
    pending.push_back(send(client, request));
  }
  request.url = quiet->origin();
  CHECK(send(client, request).get().body == "ok");
  for (Pending& each : pending) CHECK(each.get().body == "ok");
}
