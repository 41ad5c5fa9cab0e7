#include "tests/host/net/http_fixture.hpp"
#include "tests/host/net/test_certificates.hpp"
#include "tests/host/net/tunnel_proxy.hpp"

using namespace leeward;
using namespace leeward::test;

TEST_CASE("HttpClient asks a proxy for plain hosts in absolute form, over one kept connection", "[net]") {
  HttpServerRequest seen;
  auto proxy = serve([&](HttpServerRequest request, const Responder& responder) {
    seen = std::move(request);
    responder->answer(200, {}, std::to_string(seen.connection) + seen.target);
  });
  HttpClient::Options options;
  options.environment = {{"http_proxy", "http://u:p@" + proxy->origin().substr(7)}};
  HttpClient client(options);
  CHECK(get(client, "http://llm.test/v1").body == "1http://llm.test/v1");
  CHECK(seen.header("host") == "llm.test");
  CHECK(seen.header("proxy-authorization") == "Basic dTpw");
  CHECK(get(client, "http://other.test:81/").body == "1http://other.test:81/");
}

TEST_CASE("HttpClient asks directly what NO_PROXY lists", "[net]") {
  auto server = serve(
      [](const HttpServerRequest& request, const Responder& responder) { responder->answer(200, {}, request.target); });
  HttpClient::Options options;
  options.environment = {{"ALL_PROXY", "http://127.0.0.1:1"}, {"NO_PROXY", "127.0.0.1"}};
  HttpClient client(options);
  CHECK(get(client, server->origin() + "/direct").body == "/direct");
}

TEST_CASE("HttpClient reaches https hosts through a tunnel, and verifies them all the same", "[net]") {
  TestAuthority authority;
  const auto files = authority.issue({"DNS:llm.test", 1});
  HttpServerRequest seen;
  HttpServer::Options server_options;
  server_options.certificate_file = files.certificate;
  server_options.key_file = files.key;
  auto server = serve(
      [&](HttpServerRequest request, const Responder& responder) {
        seen = std::move(request);
        responder->answer(200, {}, "through");
      },
      server_options);
  TunnelProxy proxy(server->port());
  HttpClient::Options options;
  options.ca_file = authority.ca_file();
  options.environment = {{"https_proxy", proxy.url()}};
  HttpClient client(options);
  CHECK(get(client, "https://llm.test/v1").body == "through");
  CHECK(proxy.asked() ==
        "CONNECT llm.test:443 HTTP/1.1\r\nHost: llm.test:443\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n");
  CHECK(seen.target == "/v1");
  CHECK(seen.header("proxy-authorization").empty());
}

TEST_CASE("HttpClient does not trust a tunnel that leads to someone else", "[net]") {
  TestAuthority authority;
  const auto files = authority.issue({"DNS:llm.test", 1});
  HttpServer::Options server_options;
  server_options.certificate_file = files.certificate;
  server_options.key_file = files.key;
  auto server = serve([](const HttpServerRequest&, const Responder& responder) { responder->answer(200, {}, ""); },
                      server_options);
  TunnelProxy proxy(server->port());
  HttpClient::Options options;
  options.ca_file = authority.ca_file();
  options.environment = {{"https_proxy", proxy.url()}};
  CHECK(get_once("https://other.test/", options).error == "http.tls");
}

TEST_CASE("HttpClient says that a proxy refused, broke or is not there", "[net]") {
  using Catch::Contains;
  const auto error_of = [](const std::string& answer) {
    TunnelProxy proxy(1, answer);
    HttpClient::Options options;
    options.environment = {{"https_proxy", proxy.url()}};
    const HttpResponse response = get_once("https://llm.test/", options);
    return response.error + ": " + response.message;
  };
  CHECK_THAT(error_of("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), Contains("http.proxy") && Contains("407"));
  CHECK_THAT(error_of("garbage\r\n\r\n"), Contains("http.proxy") && Contains("no HTTP answer"));
  CHECK_THAT(error_of(""), Contains("http.proxy") && Contains("closed the connection"));
  CHECK_THAT(error_of("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
             Contains("http.proxy") && Contains("more than"));

  const std::string gone = serve_raw("")->origin();
  HttpClient::Options options;
  options.environment = {{"all_proxy", gone}};
  for (const std::string url : {"http://llm.test/", "https://llm.test/"}) {
    const HttpResponse response = get_once(url, options);
    CHECK(response.error == "http.proxy");
    CHECK_THAT(response.message, Contains(gone.substr(7)));
  }
  options.environment = {{"all_proxy", "socks5://127.0.0.1:1"}};
  CHECK(get_once("http://llm.test/", options).error == "http.proxy");
}
