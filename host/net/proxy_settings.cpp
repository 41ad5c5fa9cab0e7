#include "host/net/proxy_settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>

#include "core/base/ascii.hpp"

namespace leeward {

namespace {

// The variable in lower case, else in upper case, else nothing; empty counts as absent.
std::string find(const std::map<std::string, std::string>& environment, const std::string& upper_name) {
  for (const std::string& name : {to_lower(upper_name), upper_name}) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return found->second;
    if (upper_name == "HTTP_PROXY" && environment.count("REQUEST_METHOD") != 0) return {};
  }
  return {};
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      result += static_cast<char>(value);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k) result += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return result;
}

using AddressBytes = std::vector<unsigned char>;

AddressBytes address_bytes(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) return {bytes.begin(), bytes.begin() + 4};
  if (inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) return {bytes.begin(), bytes.end()};
  return {};
}

bool same_network(const AddressBytes& a, const AddressBytes& b, int bits) {
  if (a.empty() || a.size() != b.size() || bits > static_cast<int>(a.size()) * 8) return false;
  for (std::size_t i = 0; bits > 0; ++i, bits -= 8) {
    const auto mask = static_cast<unsigned char>(bits >= 8 ? 0xff : 0xff00 >> bits);
    if (((a[i] ^ b[i]) & mask) != 0) return false;
  }
  return true;
}

Result<std::optional<Proxy>> parse_proxy(const std::string& variable, const std::string& value) {
  const auto unusable = [&](const std::string& why) {
    return Error{"http.proxy", variable + " is not usable: " + why};
  };
  const std::size_t scheme_end = value.find("://");
  const std::string scheme = scheme_end == std::string::npos ? "http" : to_lower(value.substr(0, scheme_end));
  if (scheme != "http") return unusable("only http:// proxies are supported, this one is " + scheme + "://");
  auto url = parse_url(scheme_end == std::string::npos ? "http://" + value : value, Userinfo::kAllowed);
  if (!url) return unusable(url.error().message);
  Proxy proxy{url->host, url->port, {}};
  if (!url->userinfo.empty()) {
    std::string pair = percent_decoded(url->userinfo);
    if (pair.find(':') == std::string::npos) pair += ':';
    proxy.authorization = "Basic " + base64(pair);
  }
  return std::optional<Proxy>(std::move(proxy));
}

}  // namespace

ProxySettings::ProxySettings(const std::map<std::string, std::string>& environment, std::string_view also_direct)
    : http_(read(environment, {"HTTP_PROXY", "ALL_PROXY"})),
      https_(read(environment, {"HTTPS_PROXY", "ALL_PROXY"})),
      exceptions_(read_exceptions(find(environment, "NO_PROXY"))) {
  for (Exception& exception : read_exceptions(also_direct)) exceptions_.push_back(std::move(exception));
}

ProxySettings::Choice ProxySettings::read(const std::map<std::string, std::string>& environment,
                                          const std::vector<std::string>& variables) {
  for (const std::string& variable : variables) {
    const std::string value = find(environment, variable);
    if (!value.empty()) return parse_proxy(variable, value);
  }
  return std::optional<Proxy>();
}

std::vector<ProxySettings::Exception> ProxySettings::read_exceptions(std::string_view list) {
  if (list == "*") return {Exception{}};
  std::vector<Exception> result;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(", \t"), list.size());
    std::string_view item = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    Exception exception;
    const auto number = [](std::string_view text, auto& value) {
      return std::from_chars(text.data(), text.data() + text.size(), value).ptr == text.data() + text.size();
    };
    if (const auto slash = item.find('/'); slash != std::string_view::npos) {
      if (!number(item.substr(slash + 1), exception.prefix_bits)) continue;
      item = item.substr(0, slash);
    }
    const auto colon = item.rfind(':');
    // An IPv6 address has colons of its own; with a port it stands in brackets.
    if (colon != std::string_view::npos && (item.find(':') == colon || item[colon - 1] == ']')) {
      if (!number(item.substr(colon + 1), exception.port)) continue;
      item = item.substr(0, colon);
    }
    if (item.size() > 2 && item.front() == '[' && item.back() == ']') item = item.substr(1, item.size() - 2);
    if (!item.empty() && item.front() == '.') item.remove_prefix(1);
    if (!item.empty() && item.back() == '.') item.remove_suffix(1);
    exception.host = to_lower(item);
    if (!exception.host.empty()) result.push_back(std::move(exception));
  }
  return result;
}

bool ProxySettings::matches(const Exception& exception, const Url& url) {
  if (exception.port != 0 && exception.port != url.port) return false;
  if (exception.host.empty()) return true;
  const AddressBytes address = address_bytes(exception.host);
  if (!address.empty()) {
    const int bits = exception.prefix_bits < 0 ? static_cast<int>(address.size()) * 8 : exception.prefix_bits;
    return same_network(address, address_bytes(url.host), bits);
  }
  std::string_view host = url.host;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host == exception.host) return true;
  return host.size() > exception.host.size() && host.ends_with(exception.host) &&
         host[host.size() - exception.host.size() - 1] == '.';
}

Result<const Proxy*> ProxySettings::proxy_for(const Url& url) const {
  for (const Exception& exception : exceptions_) {
    if (matches(exception, url)) return nullptr;
  }
  const Choice& choice = url.tls ? https_ : http_;
  if (!choice) return choice.error();
  return choice.value().has_value() ? &*choice.value() : nullptr;
}

}  // namespace leeward
