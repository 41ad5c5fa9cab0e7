#include "host/net/http_request_writer.hpp"

#include <catch2/catch.hpp>

using leeward::HttpRequest;
using leeward::ProxySettings;
using leeward::write_request;

namespace {

using Environment = std::map<std::string, std::string>;

HttpRequest post(const std::string& url) {
  HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.body = "{}";
  return request;
}

std::string refusal(const HttpRequest& request) {
  const auto written = write_request(request, ProxySettings(Environment{}));
  return written.ok() ? "accepted" : written.error().code + ": " + written.error().message;
}

}  // namespace

TEST_CASE("write_request writes a request down once", "[net]") {
  HttpRequest request = post("http://llm.test:8080/v1?a=b");
  request.headers = {{"Content-Type", "application/json"}, {"User-Agent", "t"}};
  const auto written = write_request(request, ProxySettings(Environment{})).value();
  CHECK(written.bytes ==
        "POST /v1?a=b HTTP/1.1\r\nHost: llm.test:8080\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
        "Content-Type: application/json\r\nUser-Agent: t\r\nContent-Length: 2\r\n\r\n{}");
  CHECK(written.route.host == "llm.test");
  CHECK(written.route.port == 8080);
  CHECK_FALSE(written.route.tls);
}

TEST_CASE("write_request speaks to a proxy in absolute form, and through it for https", "[net]") {
  const ProxySettings proxies(Environment{{"all_proxy", "http://u:p@proxy:3128"}});
  const auto plain = write_request(post("http://a.test/x"), proxies).value();
  CHECK_THAT(plain.bytes, Catch::StartsWith("POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\n"));
  CHECK_THAT(plain.bytes, Catch::Contains("Proxy-Authorization: Basic dTpw\r\n"));
  CHECK(plain.route.proxy->host == "proxy");
  CHECK(plain.route.key == write_request(post("http://b.test/"), proxies).value().route.key);

  const auto secure = write_request(post("https://a.test/x"), proxies).value();
  CHECK_THAT(secure.bytes, Catch::StartsWith("POST /x HTTP/1.1\r\n") && !Catch::Contains("Proxy-Authorization"));
  CHECK(secure.route.key != write_request(post("https://b.test/"), proxies).value().route.key);
}

TEST_CASE("write_request refuses headers that break out of their line, without repeating them", "[net]") {
  using Catch::Contains;
  HttpRequest request = post("http://a/");
  for (const std::string& value : {std::string("sec\r\nret: 1"), std::string("sec\nret"), std::string("sec\0ret", 7),
                                   std::string("sec\x1b[31mret"), std::string("sec\x7fret")}) {
    request.headers = {{"X-Key", value}};
    CHECK_THAT(refusal(request), Contains("http.invalid: the header X-Key") && !Contains("ret"));
  }
  for (const std::string name : {"", "a b", "a:", "a\r\nb", "\xc3\xa4"}) {
    request.headers = {{name, "1"}};
    CHECK_THAT(refusal(request), Contains("a header's name"));
  }
  request.headers = {{"X-Text", "tab\there, \xc3\xa4 there"}};
  CHECK(refusal(request) == "accepted");
}

TEST_CASE("write_request keeps the headers of the connection to itself", "[net]") {
  HttpRequest request = post("http://a/");
  for (const std::string name : {"Host", "content-length", "Transfer-Encoding", "CONNECTION", "Expect",
                                 "Proxy-Authorization", "Accept-Encoding"}) {
    request.headers = {{name, "1"}};
    CHECK_THAT(refusal(request), Catch::Contains("the header " + name + " is set by the client"));
  }
}

TEST_CASE("write_request refuses methods and URLs that cannot be sent", "[net]") {
  HttpRequest request = post("http://a/");
  for (const std::string method : {"", "GET /x", "GET\r\n", "CONNECT"}) {
    request.method = method;
    CHECK_THAT(refusal(request), Catch::Contains("the method"));
  }
  CHECK_THAT(refusal(post("http://user:secret@a/")), Catch::Contains("http.invalid") && !Catch::Contains("secret"));
}

TEST_CASE("write_request says that a POST without a body has none", "[net]") {
  HttpRequest request = post("http://a/");
  request.body.clear();
  CHECK_THAT(write_request(request, ProxySettings(Environment{})).value().bytes,
             Catch::Contains("Content-Length: 0\r\n"));
  request.method = "GET";
  CHECK_THAT(write_request(request, ProxySettings(Environment{})).value().bytes, !Catch::Contains("Content-Length"));
}
