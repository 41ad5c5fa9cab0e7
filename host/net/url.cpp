#include "host/net/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>

#include "core/base/ascii.hpp"

namespace leeward {

namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::size_t kLongestHost = 253;

Error invalid_url(std::string why) { return Error{"http.invalid", "the URL is not usable: " + std::move(why)}; }

bool is_ipv6(const std::string& host) {
  in6_addr ignored{};
  return inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

// No character that could end the line of a request, split its words, or mean something else to another reader.
Status check_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      return invalid_url("character " + std::to_string(i + 1) +
                         " is not ASCII: write a host in its xn-- form and a path percent-encoded");
    }
    if (c <= ' ' || c == 0x7f || std::string_view("\"<>\\^`{|}").find(text[i]) != std::string_view::npos) {
      return invalid_url("character " + std::to_string(i + 1) + " must be percent-encoded");
    }
  }
  return done();
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc{} || stop != text.data() + text.size() || port == 0) {
    return invalid_url("the port must be a number from 1 to 65535");
  }
  return port;
}

// Resolvers take "127.1", "0x7f.1" and "2130706433" for addresses; nobody who reads such a host does.
bool looks_numeric(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return !last.empty() && (std::all_of(last.begin(), last.end(), is_digit) || last.substr(0, 2) == "0x");
}

Status check_host(const std::string& host) {
  if (host.empty()) return invalid_url("it names no host");
  if (host.size() > kLongestHost) return invalid_url("its host is longer than 253 characters");
  for (const char c : host) {
    if (!is_alnum(c) && c != '-' && c != '.' && c != '_') {
      return invalid_url(std::string("its host holds the character '") + c + "'");
    }
  }
  if (host.front() == '.' || host.find("..") != std::string::npos) return invalid_url("its host has an empty part");
  if (looks_numeric(host) && !is_ip_address(host)) return invalid_url("its host is neither a name nor an IP address");
  return done();
}

// "host:port" or "[address]:port".
Status parse_authority(std::string_view text, Url& url) {
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return invalid_url("its IPv6 address has no closing bracket");
    url.host = text.substr(1, close - 1);
    if (!is_ipv6(url.host)) return invalid_url("what stands in brackets is not an IPv6 address");
    const std::string_view after = text.substr(close + 1);
    if (!after.empty() && after.front() != ':') return invalid_url("a port must follow the IPv6 address, or nothing");
    if (!after.empty()) port = after.substr(1);
  } else {
    const std::size_t colon = text.find(':');
    url.host = text.substr(0, colon);
    if (auto good = check_host(url.host); !good) return good;
    if (colon != std::string_view::npos) port = text.substr(colon + 1);
  }
  url.host = to_lower(url.host);
  if (port.empty()) return done();
  auto number = parse_port(port);
  if (!number) return std::move(number).error();
  url.port = *number;
  return done();
}

}  // namespace

bool is_ip_address(const std::string& host) {
  in_addr ignored{};
  return inet_pton(AF_INET, host.c_str(), &ignored) == 1 || is_ipv6(host);
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  std::string text = host;
  if (host.find(':') != std::string::npos) text.insert(0, 1, '[').append("]");
  return text.append(":").append(std::to_string(port));
}

std::string Url::authority() const {
  std::string both = host_and_port(host, port);
  if (port == (tls ? kHttpsPort : kHttpPort)) both.erase(both.rfind(':'));
  return both;
}

Result<Url> parse_url(std::string_view text, Userinfo userinfo) {
  if (auto good = check_characters(text); !good) return std::move(good).error();
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return invalid_url("expected http:// or https:// and a host");
  std::string scheme(text.substr(0, colon));
  scheme = to_lower(scheme);
  Url url;
  url.tls = scheme == "https";
  if (!url.tls && scheme != "http") return invalid_url("its scheme must be http or https");
  url.port = url.tls ? kHttpsPort : kHttpPort;

  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, end);
  url.target = end == std::string_view::npos ? "" : std::string(rest.substr(end));
  if (url.target.empty() || url.target.front() == '?') url.target.insert(0, "/");

  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    if (userinfo == Userinfo::kRefused) return invalid_url("it holds a user name; credentials belong into a header");
    url.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  if (auto good = parse_authority(authority, url); !good) return std::move(good).error();
  return url;
}

}  // namespace leeward
