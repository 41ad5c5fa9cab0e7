#include "tests/host/net/http_fixture.hpp"
#include "tests/host/net/raw_peer.hpp"
#include "tests/host/net/test_certificates.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<HttpServer> serve_tls(const TestAuthority::Files& files, HttpServer::Handler handler) {
  HttpServer::Options options;
  options.certificate_file = files.certificate;
  options.key_file = files.key;
  return serve(std::move(handler), options);
}

std::unique_ptr<HttpServer> serve_tls(const TestAuthority::Files& files) {
  return serve_tls(files, [](const HttpServerRequest& request, const Responder& responder) {
    responder->answer(200, {}, std::to_string(request.connection));
  });
}

HttpClient::Options trusting(const TestAuthority& authority) {
  HttpClient::Options options;
  options.ca_file = authority.ca_file();
  return options;
}

std::string by_name(const HttpServer& server) { return "https://localhost:" + std::to_string(server.port()) + "/"; }

}  // namespace

TEST_CASE("HttpClient speaks TLS to a server it can verify, by name and by address, and keeps the connection",
          "[net]") {
  TestAuthority authority;
  auto server = serve_tls(authority.issue({}));
  HttpClient client(trusting(authority));
  for (int i = 0; i < 5; ++i) {
    const HttpResponse response = get(client, by_name(*server));
    CHECK(response.message.empty());
    CHECK(response.body == "1");
  }
  CHECK(get(client, server->origin() + "/").body == "2");
}

TEST_CASE("HttpClient moves megabytes and a hundred requests at once over TLS", "[net]") {
  TestAuthority authority;
  auto server = serve_tls(authority.issue({}), [](HttpServerRequest request, const Responder& responder) {
    responder->answer(200, {}, std::move(request.body));
  });
  HttpClient client(trusting(authority));
  HttpRequest request;
  request.method = "POST";
  request.url = by_name(*server);
  request.body.assign(5'000'000, 'x');
  request.body += "end";
  const HttpResponse response = fetch(client, request);
  CHECK((response.body == request.body));
  request.body = "small";
  std::vector<Pending> pending;
  for (int i = 0; i < 100; ++i) pending.push_back(send(client, request));
  for (Pending& each : pending) CHECK(each.get().body == "small");
}

TEST_CASE("HttpClient refuses a certificate from an authority it does not know", "[net]") {
  TestAuthority authority;
  TestAuthority stranger;
  auto server = serve_tls(stranger.issue({}));
  const HttpResponse response = get_once(by_name(*server), trusting(authority));
  CHECK(response.error == "http.tls");
  CHECK(response.status == 0);
  CHECK_THAT(response.message, Catch::Contains("not trusted"));
  CHECK(get_once(by_name(*server)).error == "http.tls");
}

TEST_CASE("HttpClient refuses a certificate for another host, also on loopback", "[net]") {
  TestAuthority authority;
  auto server = serve_tls(authority.issue({"DNS:other.test,DNS:*.localhost", 1}));
  for (const std::string& url : {by_name(*server), server->origin() + "/"}) {
    const HttpResponse response = get_once(url, trusting(authority));
    CHECK(response.error == "http.tls");
    CHECK_THAT(response.message, Catch::Contains("mismatch"));
  }
}

TEST_CASE("HttpClient refuses an address that the certificate only names as a host", "[net]") {
  TestAuthority authority;
  auto server = serve_tls(authority.issue({"DNS:localhost,DNS:127.0.0.1", 1}));
  CHECK(get_once(by_name(*server), trusting(authority)).status == 200);
  CHECK(get_once(server->origin(), trusting(authority)).error == "http.tls");
}

TEST_CASE("HttpClient refuses an expired certificate", "[net]") {
  TestAuthority authority;
  auto server = serve_tls(authority.issue({"DNS:localhost", -1}));
  const HttpResponse response = get_once(by_name(*server), trusting(authority));
  CHECK(response.error == "http.tls");
  CHECK_THAT(response.message, Catch::Contains("expired"));
}

TEST_CASE("HttpClient refuses a server that speaks no TLS", "[net]") {
  auto server = serve([](const HttpServerRequest&, const Responder& responder) { responder->answer(200, {}, ""); });
  CHECK(get_once(by_name(*server)).error == "http.tls");
}

TEST_CASE("HttpClient says that it cannot read the authorities it was given", "[net]") {
  TestAuthority authority;
  auto server = serve_tls(authority.issue({}));
  HttpClient::Options options;
  options.ca_file = "/nowhere/ca.pem";
  const HttpResponse response = get_once(by_name(*server), options);
  CHECK(response.error == "http.tls");
  CHECK_THAT(response.message, Catch::Contains("/nowhere/ca.pem"));
}

TEST_CASE("HttpClient calls a TLS connection that ends without a word truncated", "[net]") {
  TestAuthority authority;
  // No length and no close_notify: whoever cut the connection could be anyone.
  auto server = serve_tls(authority.issue({}), [](const HttpServerRequest& request, const Responder& responder) {
    responder->raw("HTTP/1.1 200 OK\r\n\r\nhalf an answer").wait(20ms);
    if (request.path() == "/reset") {
      responder->reset();
    } else {
      responder->close();
    }
  });
  HttpClient client(trusting(authority));
  const HttpResponse ended = get(client, by_name(*server));
  CHECK(ended.error.empty());
  CHECK(ended.body == "half an answer");
  const HttpResponse cut = get(client, by_name(*server) + "reset");
  CHECK((cut.error == "http.reset" || cut.error == "http.truncated"));
}

TEST_CASE("HttpClient gives up on a TLS handshake that takes longer than a connection may", "[net]") {
  // The system accepts for a listener that never does: connected, and then silence.
  const int listener = listen_tcp(numeric_address("127.0.0.1", 0).value()).value();
  HttpClient client({});
  HttpRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(bound_port(listener)) + "/";
  request.connect_timeout = 50ms;
  CHECK(fetch(client, request).error == "http.timeout.connect");
  ::close(listener);
}

TEST_CASE("HttpServer says why it cannot speak TLS", "[net]") {
  HttpServer::Options options;
  options.certificate_file = "/nowhere/server.pem";
  const auto server = HttpServer::start(options, {});
  REQUIRE_FALSE(server.ok());
  CHECK_THAT(server.error().message, Catch::Contains("/nowhere/server.pem"));
}
