#include <atomic>

#include "tests/host/net/http_fixture.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

// What the client makes of exactly these bytes, after which the server closes.
HttpResponse answer_of(const std::string& bytes) {
  auto server = serve_raw(bytes);
  return get_once(server->origin());
}

}  // namespace

TEST_CASE("HttpClient calls an answer that ends too early truncated, never complete", "[net]") {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  for (const std::string& bytes : {
           head + "Content-Length: 1000\r\n\r\nshort!",
           head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
           head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
           head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
           head + "Content-Le",
           std::string("HTTP/1."),
       }) {
    const HttpResponse response = answer_of(bytes);
    INFO(bytes);
    CHECK(response.error == "http.truncated");
    CHECK_FALSE(response.message.empty());
  }
}

TEST_CASE("HttpClient refuses answers whose framing contradicts itself", "[net]") {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  for (const std::string& bytes : {
           head + "Content-Length: 3\r\nContent-Length: 7\r\n\r\nabcdefg",
           head + "Content-Length: -1\r\n\r\nabc",
           head + "Content-Length: 1000000000000000000000000000000\r\n\r\nabc",
           head + "Content-Length: 3x\r\n\r\nabc",
           head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
           head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nabc",
           head + "Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcde\r\n0\r\n\r\n",
           head + "Bad Name: 1\r\n\r\n",
           head + "No colon\r\n\r\n",
           std::string("HTTP/2.0 200 OK\r\n\r\n"),
           std::string("HTTP/0.9 200 OK\r\n\r\n"),
           std::string("HTTP/1.1 99 No\r\n\r\n"),
           std::string("HTTP/1.1 20 No\r\n\r\n"),
           std::string("garbage"),
           std::string("<html>an answer of HTTP/0.9</html>"),
           std::string("\0\0\0\0\0\0\0\0\0\0\0\0", 12),
           std::string("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
       }) {
    const HttpResponse response = answer_of(bytes);
    INFO(bytes);
    CHECK(response.error == "http.malformed");
    CHECK_FALSE(response.message.empty());
  }
}

TEST_CASE("HttpClient takes the same Content-Length twice for one", "[net]") {
  CHECK(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc").body == "abc");
}

TEST_CASE("HttpClient stops at its limits", "[net]") {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  std::string many = head;
  for (int i = 0; i < 5000; ++i) many += "X-Header: " + std::string(1000, 'a') + "\r\n";
  for (const std::string& bytes : {
           many,
           head + "X: " + std::string(100'000, 'a'),
           head + "Transfer-Encoding: chunked\r\n\r\n3;" + std::string(100'000, 'x'),
           head + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + many.substr(head.size()),
           head + "Content-Length: 17000000\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nabc",
       }) {
    const HttpResponse response = answer_of(bytes);
    INFO(bytes.substr(0, 100));
    CHECK(response.error == "http.too_large");
  }
}

TEST_CASE("HttpClient stops an endless body at the limit the caller set", "[net]") {
  std::function<void(const Responder&)> more = [&](const Responder& responder) {
    responder->piece(std::string(1000, 'x')).then([&, responder] { more(responder); });
  };
  auto server = serve([&](const HttpServerRequest& request, const Responder& responder) {
    if (request.path() == "/raw") {
      responder->raw("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'001, 'x')).hang();
    } else {
      responder->begin(200, {});
      more(responder);
    }
  });
  HttpClient client({});
  for (const std::string path : {"/chunks", "/raw"}) {
    HttpRequest request;
    request.url = server->origin() + path;
    request.max_body_bytes = 100'000;
    const HttpResponse gathered = fetch(client, request);
    CHECK(gathered.error == "http.too_large");
    CHECK(gathered.body.size() <= 100'000);
    std::size_t seen = 0;
    CHECK(send(client, request, [&](std::string_view piece) { seen += piece.size(); }).get().error == "http.too_large");
    CHECK(seen <= 100'000);
  }
}

TEST_CASE("HttpClient bears a few interim answers, not a storm of them", "[net]") {
  std::string storm;
  for (int i = 0; i < 10'000; ++i) storm += "HTTP/1.1 100 Continue\r\n\r\n";
  const HttpResponse response = answer_of(storm);
  CHECK(response.error == "http.malformed");
  CHECK(response.status == 0);
}

TEST_CASE("HttpClient refuses a compressed answer rather than hand over what nobody can read", "[net]") {
  const HttpResponse response =
      answer_of("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08");
  CHECK(response.error == "http.malformed");
  CHECK_THAT(response.message, Catch::Contains("compressed"));
  CHECK(response.body.empty());
}

TEST_CASE("HttpClient tells a reset from an end, before and in the middle of an answer", "[net]") {
  auto server = serve([](const HttpServerRequest& request, const Responder& responder) {
    if (request.path() == "/reset") responder->reset();
    if (request.path() == "/close") responder->close();
    if (request.path() == "/late") responder->raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").wait(20ms).reset();
  });
  HttpClient client({});
  CHECK(get(client, server->origin() + "/reset").error == "http.reset");
  CHECK(get(client, server->origin() + "/close").error == "http.reset");
  const HttpResponse late = get(client, server->origin() + "/late");
  CHECK(late.error == "http.reset");
  CHECK(late.status == 200);
}

TEST_CASE("HttpClient says that it cannot connect, and where to", "[net]") {
  const std::string nowhere = [] { return serve_raw("")->origin(); }();  // was a free port a moment ago
  const HttpResponse refused = get_once(nowhere);
  CHECK(refused.error == "http.connect");
  CHECK_FALSE(refused.sent);
  CHECK(refused.status == 0);
  CHECK_THAT(refused.message, Catch::Contains(nowhere.substr(7)) && Catch::Contains("refused"));
  const HttpResponse unknown = get_once("http://no-such-host.invalid/");
  CHECK(unknown.error == "http.connect");
  CHECK_THAT(unknown.message, Catch::Contains("no-such-host.invalid"));
}

TEST_CASE("HttpClient finds localhost by name", "[net]") {
  auto server = serve([](const HttpServerRequest&, const Responder& responder) { responder->answer(200, {}, "here"); });
  HttpClient client({});
  std::vector<Pending> pending;
  HttpRequest request;
  request.url = "http://localhost:" + std::to_string(server->port()) + "/";
  for (int i = 0; i < 50; ++i) pending.push_back(send(client, request));
  for (Pending& each : pending) CHECK(each.get().body == "here");
}

TEST_CASE("HttpClient reports a request it cannot send through on_done", "[net]") {
  HttpClient client({});
  HttpRequest request;
  request.url = "http://user:secret@host/";
  const HttpResponse response = fetch(client, request);
  CHECK(response.error == "http.invalid");
  CHECK_THAT(response.message, !Catch::Contains("secret"));
}
