#include "host/net/http_server.hpp"

#include <atomic>
#include <future>

#include <catch2/catch.hpp>

#include "tests/host/net/http_fixture.hpp"
#include "tests/host/net/raw_peer.hpp"

using leeward::HttpServer;
using leeward::HttpServerRequest;
using leeward::test::RawPeer;
using leeward::test::Responder;
using leeward::test::serve;
using namespace std::chrono_literals;

namespace {

const std::string kLastGet = "GET /last HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n";

}  // namespace

TEST_CASE("HttpServer hands over a request whole and answers it", "[net]") {
  HttpServerRequest seen;
  auto server = serve([&](const HttpServerRequest& request, const Responder& responder) {
    seen = request;
    responder->answer(201, {{"x-seen", request.target}}, request.method + ":" + request.body);
  });
  RawPeer peer(server->port());
  peer.say("POST /v1/chat?n=1 HTTP/1.1\r\nHost: t\r\nContent-Type: text/x\r\nContent-Length: 5\r\n");
  peer.say("Connection: close\r\n\r\nhe");
  peer.say("llo");
  CHECK(peer.hear_all() ==
        "HTTP/1.1 201 Created\r\nx-seen: /v1/chat?n=1\r\nconnection: close\r\ncontent-length: 10\r\n\r\nPOST:hello");
  CHECK(seen.path() == "/v1/chat");
  CHECK(seen.header("content-type") == "text/x");
}

TEST_CASE("HttpServer answers requests of one connection in order, also when they come at once", "[net]") {
  auto server = serve([](const HttpServerRequest& request, const Responder& responder) {
    responder->wait(request.path() == "/slow" ? 20ms : 0ms);
    responder->answer(200, {}, std::to_string(request.connection) + request.target);
  });
  RawPeer peer(server->port());
  peer.say("GET /slow HTTP/1.1\r\nhost: t\r\n\r\nGET /b HTTP/1.1\r\nhost: t\r\n\r\n" + kLastGet);
  CHECK(peer.hear_all() ==
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n1/slow"
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n1/b"
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 6\r\n\r\n1/last");
  CHECK(server->connections_accepted() == 1);
}

TEST_CASE("HttpServer streams chunks with exactly the bytes given", "[net]") {
  auto server = serve([](const HttpServerRequest&, const Responder& responder) {
    responder->begin(200, {{"content-type", "text/event-stream"}});
    responder->piece("data: \xe6").wait(5ms).piece("\x80\xbb\n\n").piece("").end();
  });
  RawPeer peer(server->port());
  peer.say(kLastGet);
  CHECK(peer.hear_all() ==
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        "7\r\ndata: \xe6\r\n4\r\n\x80\xbb\n\n\r\n0\r\n\r\n");
}

TEST_CASE("HttpServer breaks answers as it is told to", "[net]") {
  auto server = serve([](const HttpServerRequest& request, const Responder& responder) {
    if (request.path() == "/cut") responder->raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc").close();
    if (request.path() == "/reset") responder->raw("HTTP/1.1 200 OK\r\n").reset();
    if (request.path() == "/keep") responder->raw("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").keep();
    if (request.path() == "/last") responder->answer(200, {}, "");
  });
  const auto ask = [&](const std::string& path) {
    RawPeer peer(server->port());
    peer.say("GET " + path + " HTTP/1.1\r\nhost: t\r\n\r\n" + (path == "/keep" ? kLastGet : ""));
    return peer.hear_all();
  };
  CHECK(ask("/cut") == "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc");
  CHECK_THAT(ask("/reset"), Catch::EndsWith("(reset)"));
  CHECK_THAT(ask("/keep"), Catch::Contains("content-length: 0\r\n\r\nHTTP/1.1 200 OK"));
}

TEST_CASE("HttpServer answers 500 when its handler lets go of a request", "[net]") {
  auto server = serve([](const HttpServerRequest&, const Responder&) {});
  RawPeer peer(server->port());
  peer.say(kLastGet);
  CHECK_THAT(peer.hear_all(), Catch::StartsWith("HTTP/1.1 500 "));
}

TEST_CASE("HttpServer refuses what is no request, and what is too large", "[net]") {
  HttpServer::Options options;
  options.max_header_bytes = 1000;
  options.max_body_bytes = 10;
  auto server =
      serve([](const HttpServerRequest&, const Responder& responder) { responder->answer(200, {}, ""); }, options);
  const auto ask = [&](const std::string& bytes) {
    RawPeer peer(server->port());
    peer.say(bytes);
    return peer.hear_all().substr(0, 12);
  };
  CHECK(ask("garbage\r\n\r\n") == "HTTP/1.1 400");
  CHECK(ask("GET / HTTP/0.9\r\n\r\n") == "HTTP/1.1 400");
  CHECK(ask("GET / HTTP/1.1\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n") == "HTTP/1.1 400");
  CHECK(ask("GET / HTTP/1.1\r\nx: " + std::string(2000, 'a') + "\r\n\r\n") == "HTTP/1.1 431");
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 200; ++i) many += "x: 1234567890\r\n";
  CHECK(ask(many + "\r\n") == "HTTP/1.1 431");
  CHECK(ask("POST / HTTP/1.1\r\ncontent-length: 11\r\n\r\n01234567890") == "HTTP/1.1 413");
}

TEST_CASE("HttpServer says 100 Continue to a client that waits for it", "[net]") {
  auto server = serve(
      [](const HttpServerRequest& request, const Responder& responder) { responder->answer(200, {}, request.body); });
  RawPeer peer(server->port());
  peer.say("POST / HTTP/1.1\r\ncontent-length: 2\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n");
  CHECK(peer.hear_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  peer.say("ok");
  CHECK_THAT(peer.hear_all(), Catch::EndsWith("\r\n\r\nok"));
}

TEST_CASE("HttpServer tells a responder that its peer went away, and drops what was queued", "[net]") {
  std::promise<bool> gone;
  std::promise<void> asked;
  std::atomic<bool> went_on{false};
  auto server = serve([&](const HttpServerRequest&, const Responder& responder) {
    responder->on_disconnect([&, responder] {
      responder->answer(200, {}, "too late");
      gone.set_value(responder->connected());
    });
    asked.set_value();
    responder->wait(1h).then([&] { went_on = true; });
  });
  {
    RawPeer peer(server->port());
    peer.say(kLastGet);
    REQUIRE(asked.get_future().wait_for(20s) == std::future_status::ready);
  }
  auto connected = gone.get_future();
  REQUIRE(connected.wait_for(20s) == std::future_status::ready);
  CHECK_FALSE(connected.get());
  CHECK_FALSE(went_on);
}

TEST_CASE("HttpServer sends an endless answer only as fast as it is read", "[net]") {
  std::promise<void> gone;
  std::atomic<int> pieces{0};
  std::function<void(const Responder&)> more = [&](const Responder& responder) {
    ++pieces;
    responder->piece(std::string(64 * 1024, 'x')).then([&, responder] { more(responder); });
  };
  auto server = serve([&](const HttpServerRequest&, const Responder& responder) {
    responder->on_disconnect([&] { gone.set_value(); });
    responder->begin(200, {});
    more(responder);
  });
  {
    RawPeer peer(server->port());
    peer.say(kLastGet);
    (void)peer.hear_until("x");
  }
  REQUIRE(gone.get_future().wait_for(20s) == std::future_status::ready);
  CHECK(pieces < 1000);  // 64 MB: far more than the system's buffers hold
}

TEST_CASE("HttpServer closes idle connections on demand and none that is answering", "[net]") {
  std::promise<Responder> asked;
  auto server = serve([&](const HttpServerRequest& request, const Responder& responder) {
    if (request.path() == "/wait") return asked.set_value(responder);
    responder->answer(200, {}, "");
  });
  RawPeer idle(server->port());
  RawPeer busy(server->port());
  idle.say("GET / HTTP/1.1\r\n\r\n");
  (void)idle.hear_until("\r\n\r\n");
  busy.say("GET /wait HTTP/1.1\r\nconnection: close\r\n\r\n");
  Responder waiting = asked.get_future().get();
  server->close_idle_connections();
  CHECK(idle.hear_all().empty());
  server->post([waiting = std::move(waiting)] { waiting->answer(200, {}, "done"); });
  CHECK_THAT(busy.hear_all(), Catch::EndsWith("done"));
}

TEST_CASE("HttpServer says why it cannot listen", "[net]") {
  HttpServer::Options options;
  options.listen = "localhost";
  auto nowhere = HttpServer::start(options, {});
  REQUIRE_FALSE(nowhere.ok());
  CHECK_THAT(nowhere.error().message, Catch::Contains("\"localhost\""));

  auto server = serve([](const HttpServerRequest&, const Responder&) {});
  options.listen = "127.0.0.1:" + std::to_string(server->port());
  auto taken = HttpServer::start(options, {});
  REQUIRE_FALSE(taken.ok());
  CHECK_THAT(taken.error().message, Catch::Contains("Address already in use"));
}
