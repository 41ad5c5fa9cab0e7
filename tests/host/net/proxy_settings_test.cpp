#include "host/net/proxy_settings.hpp"

#include <catch2/catch.hpp>

using leeward::parse_url;
using leeward::Proxy;
using leeward::ProxySettings;

namespace {

using Environment = std::map<std::string, std::string>;

// "host:port authorization", "direct", or the error.
std::string proxy_for(const Environment& environment, const std::string& url) {
  const ProxySettings settings(environment);
  const auto proxy = settings.proxy_for(parse_url(url).value());
  if (!proxy) return proxy.error().code + ": " + proxy.error().message;
  if (*proxy == nullptr) return "direct";
  const std::string at = (*proxy)->host + ":" + std::to_string((*proxy)->port);
  return (*proxy)->authorization.empty() ? at : at + " " + (*proxy)->authorization;
}

std::string with_exceptions(const std::string& list, const std::string& url) {
  return proxy_for({{"all_proxy", "http://p:1"}, {"NO_PROXY", list}}, url);
}

}  // namespace

TEST_CASE("ProxySettings picks the variable by scheme, lower case first", "[net]") {
  CHECK(proxy_for({}, "http://a/") == "direct");
  CHECK(proxy_for({{"http_proxy", "http://p:1"}}, "http://a/") == "p:1");
  CHECK(proxy_for({{"http_proxy", "http://p:1"}}, "https://a/") == "direct");
  CHECK(proxy_for({{"HTTPS_PROXY", "http://p:1"}}, "https://a/") == "p:1");
  CHECK(proxy_for({{"HTTP_PROXY", "http://p:1"}, {"http_proxy", "http://q:2"}}, "http://a/") == "q:2");
  CHECK(proxy_for({{"ALL_PROXY", "http://p:1"}, {"HTTPS_PROXY", "http://q:2"}}, "http://a/") == "p:1");
  CHECK(proxy_for({{"ALL_PROXY", "http://p:1"}, {"HTTPS_PROXY", "http://q:2"}}, "https://a/") == "q:2");
  CHECK(proxy_for({{"http_proxy", ""}, {"HTTP_PROXY", "http://p:1"}}, "http://a/") == "p:1");
}

TEST_CASE("ProxySettings does not let a CGI client choose the proxy", "[net]") {
  const Environment cgi{{"REQUEST_METHOD", "GET"}, {"HTTP_PROXY", "http://evil:1"}};
  CHECK(proxy_for(cgi, "http://a/") == "direct");
  Environment set_by_admin = cgi;
  set_by_admin["http_proxy"] = "http://p:1";
  CHECK(proxy_for(set_by_admin, "http://a/") == "p:1");
}

TEST_CASE("ProxySettings reads a proxy's port and credentials", "[net]") {
  CHECK(proxy_for({{"http_proxy", "proxy.test"}}, "http://a/") == "proxy.test:80");
  CHECK(proxy_for({{"http_proxy", "proxy.test:3128"}}, "http://a/") == "proxy.test:3128");
  CHECK(proxy_for({{"http_proxy", "http://[::1]:3128/"}}, "http://a/") == "::1:3128");
  CHECK(proxy_for({{"http_proxy", "http://Aladdin:open%20sesame@p:1"}}, "http://a/") ==
        "p:1 Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK(proxy_for({{"http_proxy", "http://ab@p:1"}}, "http://a/") == "p:1 Basic YWI6");
}

TEST_CASE("ProxySettings names a variable it cannot use, and not what is in it", "[net]") {
  using Catch::Contains;
  CHECK_THAT(proxy_for({{"HTTP_PROXY", "socks5://u:secret@p:1"}}, "http://a/"),
             Contains("http.proxy: HTTP_PROXY is not usable") && Contains("socks5://") && !Contains("secret"));
  CHECK_THAT(proxy_for({{"HTTPS_PROXY", "https://p:1"}}, "https://a/"), Contains("only http:// proxies"));
  CHECK_THAT(proxy_for({{"HTTP_PROXY", "http://p:99999"}}, "http://a/"), Contains("1 to 65535"));
  CHECK(proxy_for({{"HTTP_PROXY", "http://p:99999"}}, "https://a/") == "direct");
}

TEST_CASE("ProxySettings asks directly what NO_PROXY lists", "[net]") {
  CHECK(with_exceptions("example.com", "http://example.com/") == "direct");
  CHECK(with_exceptions("example.com", "http://api.Example.com/") == "direct");
  CHECK(with_exceptions("example.com", "http://notexample.com/") == "p:1");
  CHECK(with_exceptions(".example.com", "http://api.example.com/") == "direct");
  CHECK(with_exceptions("x, example.com ,y", "http://example.com./") == "direct");
  CHECK(with_exceptions("*", "http://anything/") == "direct");
  CHECK(with_exceptions("example.com:8080", "http://example.com:8080/") == "direct");
  CHECK(with_exceptions("example.com:8080", "http://example.com/") == "p:1");
  CHECK(with_exceptions("", "http://localhost/") == "p:1");
  CHECK(with_exceptions("localhost", "http://localhost:9/") == "direct");
}

TEST_CASE("ProxySettings matches addresses and networks in NO_PROXY", "[net]") {
  CHECK(with_exceptions("127.0.0.1", "http://127.0.0.1:8/") == "direct");
  CHECK(with_exceptions("27.0.0.1", "http://127.0.0.1/") == "p:1");
  CHECK(with_exceptions("10.0.0.0/8", "http://10.200.3.4/") == "direct");
  CHECK(with_exceptions("10.0.0.0/8", "http://11.0.0.1/") == "p:1");
  CHECK(with_exceptions("192.168.4.0/22", "http://192.168.7.255/") == "direct");
  CHECK(with_exceptions("192.168.4.0/22", "http://192.168.8.0/") == "p:1");
  CHECK(with_exceptions("::1", "http://[::1]:8/") == "direct");
  CHECK(with_exceptions("[::1]:8", "http://[::1]:9/") == "p:1");
  CHECK(with_exceptions("2001:db8::/32", "http://[2001:db8:1::2]/") == "direct");
  CHECK(with_exceptions("10.0.0.0/99, 10.0.0.0/x, :", "http://10.0.0.0/") == "p:1");
}

TEST_CASE("ProxySettings asks directly what the program itself lists, whatever NO_PROXY says", "[net]") {
  for (const char* list : {"", "*", "elsewhere.example"}) {
    const ProxySettings settings({{"http_proxy", "http://p:1"}, {"no_proxy", list}}, "127.0.0.1:4711");
    INFO(list);
    CHECK(settings.proxy_for(parse_url("http://127.0.0.1:4711/v1").value()).value() == nullptr);
    const bool all = std::string_view{list} == "*";
    CHECK((settings.proxy_for(parse_url("http://127.0.0.1:4712/v1").value()).value() == nullptr) == all);
  }
}
