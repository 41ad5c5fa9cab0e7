#include "host/net/url.hpp"

#include <catch2/catch.hpp>

using leeward::parse_url;
using leeward::Url;
using leeward::Userinfo;

namespace {

std::string refusal(std::string_view text) {
  const auto url = parse_url(text);
  return url.ok() ? "accepted" : url.error().code + ": " + url.error().message;
}

}  // namespace

TEST_CASE("parse_url takes a URL apart", "[net]") {
  const Url url = parse_url("HTTPS://Api.Example.COM:8443/v1/chat?x=1&y=%20#part").value();
  CHECK(url.tls);
  CHECK(url.host == "api.example.com");
  CHECK(url.port == 8443);
  CHECK(url.target == "/v1/chat?x=1&y=%20");
  CHECK(url.authority() == "api.example.com:8443");
}

TEST_CASE("parse_url fills in what is left out", "[net]") {
  CHECK(parse_url("http://a").value().port == 80);
  CHECK(parse_url("https://a").value().port == 443);
  CHECK(parse_url("http://a:").value().port == 80);
  CHECK(parse_url("http://a").value().target == "/");
  CHECK(parse_url("http://a?q").value().target == "/?q");
  CHECK(parse_url("http://a#f").value().target == "/");
  CHECK(parse_url("https://a:443/").value().authority() == "a");
  CHECK(parse_url("http://a:443/").value().authority() == "a:443");
}

TEST_CASE("parse_url reads IP addresses", "[net]") {
  const Url six = parse_url("http://[2001:DB8::1]:81/x").value();
  CHECK(six.host == "2001:db8::1");
  CHECK(six.port == 81);
  CHECK(six.authority() == "[2001:db8::1]:81");
  CHECK(parse_url("http://127.0.0.1/").value().host == "127.0.0.1");
  CHECK(leeward::is_ip_address("::1"));
  CHECK_FALSE(leeward::is_ip_address("localhost"));
}

TEST_CASE("parse_url refuses what no request may be made of, and says why", "[net]") {
  using Catch::Contains;
  CHECK_THAT(refusal(""), Contains("http.invalid") && Contains("expected http:// or https://"));
  CHECK_THAT(refusal("example.com/x"), Contains("expected http:// or https://"));
  CHECK_THAT(refusal("ftp://a/"), Contains("http or https"));
  CHECK_THAT(refusal("file:///etc/passwd"), Contains("http or https"));
  CHECK_THAT(refusal("http://"), Contains("no host"));
  CHECK_THAT(refusal("http:///x"), Contains("no host"));
  CHECK_THAT(refusal("http://a:0/"), Contains("1 to 65535"));
  CHECK_THAT(refusal("http://a:65536/"), Contains("1 to 65535"));
  CHECK_THAT(refusal("http://a:-1/"), Contains("1 to 65535"));
  CHECK_THAT(refusal("http://a:8x/"), Contains("1 to 65535"));
  CHECK_THAT(refusal("http://[::1/"), Contains("closing bracket"));
  CHECK_THAT(refusal("http://[fe80::1%25eth0]/"), Contains("not an IPv6 address"));
  CHECK_THAT(refusal("http://[::1]x/"), Contains("port must follow"));
  CHECK_THAT(refusal("http://a b/"), Contains("character 9 must be percent-encoded"));
  CHECK_THAT(refusal("http://a/x\r\nHost: b"), Contains("must be percent-encoded"));
  CHECK_THAT(refusal(std::string_view("http://a/\0", 10)), Contains("must be percent-encoded"));
  CHECK_THAT(refusal("http://a\\@b/"), Contains("must be percent-encoded"));
  CHECK_THAT(refusal("http://m\xc3\xbcller.de/"), Contains("xn--"));
  CHECK_THAT(refusal("http://a..b/"), Contains("empty part"));
  CHECK_THAT(refusal("http://a%62c/"), Contains("holds the character '%'"));
  CHECK_THAT(refusal("http://127.1/"), Contains("neither a name nor an IP address"));
  CHECK_THAT(refusal("http://0x7f000001/"), Contains("neither a name nor an IP address"));
  CHECK_THAT(refusal("http://" + std::string(254, 'a') + "/"), Contains("253"));
}

TEST_CASE("parse_url refuses credentials unless they are wanted, and never repeats them", "[net]") {
  const std::string said = refusal("http://user:secret@a/");
  CHECK_THAT(said, Catch::Contains("user name"));
  CHECK_THAT(said, !Catch::Contains("secret"));
  const Url url = parse_url("http://user:p@ss@a:3128", Userinfo::kAllowed).value();
  CHECK(url.userinfo == "user:p@ss");
  CHECK(url.host == "a");
}
