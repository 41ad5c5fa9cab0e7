#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "host/net/url.hpp"

namespace leeward {

/// An HTTP proxy: absolute-form requests for http, a CONNECT tunnel for https.
struct Proxy {
  std::string host;
  std::uint16_t port = 80;
  std::string authorization;  ///< value of Proxy-Authorization, or empty
};

/// Which proxy a request goes through, as curl reads it from the environment.
///
/// http_proxy, https_proxy and all_proxy in lower case win over upper case; an empty value counts as absent. HTTP_PROXY
/// is ignored where REQUEST_METHOD is set: in a CGI program a client's "Proxy:" header ends up there. NO_PROXY lists
/// what is asked directly: names (with everything below them), addresses, networks ("10.0.0.0/8"), each with an
/// optional port, or "*" alone. Loopback is proxied unless listed. SOCKS and https proxies are not supported and said
/// to be so. `also_direct` is a list of the same kind that no variable can take back. Immutable.
class ProxySettings {
 public:
  explicit ProxySettings(const std::map<std::string, std::string>& environment, std::string_view also_direct = {});

  /// Null: no proxy. Not ok (http.proxy): the variable that applies is unusable; its value is not repeated.
  [[nodiscard]] Result<const Proxy*> proxy_for(const Url& url) const;

 private:
  struct Exception {
    std::string host;        ///< name or address; empty: everything
    std::uint16_t port = 0;  ///< 0: any
    int prefix_bits = -1;    ///< of a network; -1: none
  };
  using Choice = Result<std::optional<Proxy>>;

  [[nodiscard]] static Choice read(const std::map<std::string, std::string>& environment,
                                   const std::vector<std::string>& variables);
  [[nodiscard]] static std::vector<Exception> read_exceptions(std::string_view list);
  [[nodiscard]] static bool matches(const Exception& exception, const Url& url);

  Choice http_;
  Choice https_;
  std::vector<Exception> exceptions_;
};

}  // namespace leeward
