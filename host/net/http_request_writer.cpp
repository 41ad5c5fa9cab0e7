#include "host/net/http_request_writer.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/ascii.hpp"

namespace leeward {

namespace {

constexpr std::array<std::string_view, 10> kOwnHeaders{
    "host", "content-length",      "transfer-encoding", "connection", "keep-alive", "upgrade", "expect",
    "te",   "proxy-authorization", "accept-encoding"};

Error invalid(std::string why) { return Error{"http.invalid", std::move(why)}; }

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
  });
}

// The names of headers are told, never their values: a value may be a key.
Status check_headers(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return invalid("a header's name is empty or holds a character that no name may hold");
    if (!is_field_value(value))
      return invalid("the header " + name + " holds a line break or another control character");
    const std::string key = to_lower(name);
    if (std::find(kOwnHeaders.begin(), kOwnHeaders.end(), key) != kOwnHeaders.end()) {
      return invalid("the header " + name + " is set by the client and cannot be given");
    }
  }
  return done();
}

Route route_to(const Url& url, const Proxy* proxy) {
  Route route{url.tls, url.host, url.port, std::nullopt, {}};
  const std::string target = host_and_port(url.host, url.port);
  if (proxy == nullptr) {
    route.key = (url.tls ? "https " : "http ") + target;
    return route;
  }
  route.proxy = *proxy;
  // A proxy carries plain requests for any host over one connection, but a tunnel leads to one.
  route.key = "proxy " + host_and_port(proxy->host, proxy->port) + (url.tls ? " https " + target : "");
  return route;
}

bool has_header(const HttpRequest& request, std::string_view lower_case_name) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [&](const auto& header) { return to_lower(header.first) == lower_case_name; });
}

bool usually_has_body(std::string_view method) { return method == "POST" || method == "PUT" || method == "PATCH"; }

std::string write_bytes(const HttpRequest& request, const Url& url, const Proxy* proxy) {
  const bool absolute = proxy != nullptr && !url.tls;
  std::string bytes;
  bytes.reserve(256 + url.target.size() + request.headers.size() * 64 + request.body.size());
  bytes.append(request.method).append(" ");
  if (absolute) bytes.append("http://").append(url.authority());
  bytes.append(url.target).append(" HTTP/1.1\r\nHost: ").append(url.authority()).append("\r\n");
  if (!has_header(request, "user-agent")) bytes.append("User-Agent: leeward\r\n");
  if (!has_header(request, "accept")) bytes.append("Accept: */*\r\n");
  bytes.append("Accept-Encoding: identity\r\n");
  if (absolute && !proxy->authorization.empty()) {
    bytes.append("Proxy-Authorization: ").append(proxy->authorization).append("\r\n");
  }
  for (const auto& [name, value] : request.headers) bytes.append(name).append(": ").append(value).append("\r\n");
  if (!request.body.empty() || usually_has_body(request.method)) {
    bytes.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  }
  return bytes.append("\r\n").append(request.body);
}

}  // namespace

Result<WrittenRequest> write_request(const HttpRequest& request, const ProxySettings& proxies) {
  if (!is_token(request.method) || request.method == "CONNECT") return invalid("the method is none that can be sent");
  auto url = parse_url(request.url);
  if (!url) return std::move(url).error();
  if (auto good = check_headers(request); !good) return std::move(good).error();
  auto proxy = proxies.proxy_for(*url);
  if (!proxy) return std::move(proxy).error();
  return WrittenRequest{route_to(*url, *proxy), write_bytes(request, *url, *proxy), request.method == "HEAD"};
}

}  // namespace leeward
