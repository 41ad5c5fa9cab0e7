#include "host/plugin/local_http_gateway.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/ascii.hpp"
#include "core/base/json.hpp"
#include "host/plugin/http_exchange.hpp"

namespace leeward {
namespace {

bool is_absolute(std::string_view url) { return url.starts_with("http://") || url.starts_with("https://"); }

std::string joined(std::string_view base, std::string_view path) {
  while (base.ends_with('/')) base.remove_suffix(1);
  while (path.starts_with('/')) path.remove_prefix(1);
  std::string url{base};
  if (!path.empty()) url.append("/").append(path);
  return url;
}

/// True if an absolute address lies below the connection's own: credentials never go anywhere else.
bool is_below(std::string_view url, std::string_view base) {
  while (base.ends_with('/')) base.remove_suffix(1);
  if (!url.starts_with(base)) return false;
  const std::string_view rest = url.substr(base.size());
  return rest.empty() || rest.front() == '/' || rest.front() == '?';
}

/// The task's headers. An Error for what is not an object of strings, and for credentials of its own where the
/// connection brings them.
Result<std::vector<std::pair<std::string, std::string>>> headers_of(std::string_view json, bool has_connection) {
  std::vector<std::pair<std::string, std::string>> headers;
  if (json.empty()) return headers;
  auto document = JsonDocument::parse(std::string{json});
  if (!document || !(*document)->root().is_object()) return Error{"http.invalid", "headers_json is not a JSON object"};
  for (const Json member : (*document)->root()) {
    const std::string name = to_lower(member.key());
    if (!member.is_string()) return Error{"http.invalid", "header \"" + name + "\" is not a string"};
    if (has_connection && (name == "authorization" || name == "proxy-authorization" || name == "host")) {
      return Error{"http.invalid", "header \"" + name + "\" is the connection's to set"};
    }
    headers.emplace_back(name, member.string());
  }
  return headers;
}

Result<std::string> url_of(std::string_view url, const Connection* connection) {
  if (connection == nullptr) {
    if (is_absolute(url)) return std::string{url};
    return Error{"http.invalid", "without a connection the url must be absolute (http:// or https://)"};
  }
  if (!is_absolute(url)) return joined(connection->base_url, url);
  if (is_below(url, connection->base_url)) return std::string{url};
  return Error{"http.invalid", "the url is outside the base_url of connection \"" + connection->id + "\""};
}

}  // namespace

Result<std::shared_ptr<HttpGateway::Handle>> LocalHttpGateway::send(const TaskCall& by, HttpAsk ask,
                                                                    Callbacks callbacks) {
  std::optional<Connection> connection;
  if (!ask.connection_id.empty()) {
    Result<Connection> found = connections_.connection(ask.connection_id);
    if (!found) return std::move(found).error();
    connection = std::move(found).value();
  }
  const Connection* through = connection ? &*connection : nullptr;
  auto url = url_of(ask.request.url, through);
  if (!url) return std::move(url).error();
  auto headers = headers_of(ask.headers_json, through != nullptr);
  if (!headers) return std::move(headers).error();

  std::optional<PaidCall> paid;
  if (ask.paid && ledger_ != nullptr && by.of_run) paid.emplace(*ledger_, client_, by, ask, log_);
  HttpRequest request = std::move(ask.request);
  request.url = std::move(url).value();
  request.headers = std::move(headers).value();
  if (through != nullptr && !through->api_key.empty())
    request.headers.emplace_back("authorization", "Bearer " + through->api_key);
  const auto exchange = std::make_shared<HttpExchange>(client_, gate_, std::move(callbacks), through, std::move(paid));
  exchange->start(std::move(request));
  return std::shared_ptr<Handle>{exchange};
}

Result<Value> LocalHttpGateway::connection(const TaskCall& /*by*/, std::string_view id) const {
  Result<Connection> found = connections_.connection(id);
  if (!found) return std::move(found).error();
  return Value{std::move(found->public_json)};
}

}  // namespace leeward
