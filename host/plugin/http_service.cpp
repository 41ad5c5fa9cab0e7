// "leeward.http/1": the host's HTTP client for plugins. What is asked is checked here, and the connection's key added;
// http_exchange takes it out of whatever comes back.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"
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

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

/// The plugin's headers. An Error for what is not an object of strings, and for credentials of its own where the
/// connection brings them.
Result<std::vector<std::pair<std::string, std::string>>> headers_of(std::string_view json, bool has_connection) {
  std::vector<std::pair<std::string, std::string>> headers;
  if (json.empty()) return headers;
  auto document = JsonDocument::parse(std::string{json});
  if (!document || !(*document)->root().is_object()) return Error{"http.invalid", "headers_json is not a JSON object"};
  for (const Json member : (*document)->root()) {
    const std::string name = lower(member.key());
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

HttpRequest request_of(const lw_http_request& from) {
  HttpRequest request;
  if (!text_of(from.method).empty()) request.method = text_of(from.method);
  request.body = text_of(from.body);
  request.connect_timeout = std::chrono::milliseconds{from.connect_timeout_ms};
  request.first_byte_timeout = std::chrono::milliseconds{from.first_byte_timeout_ms};
  request.idle_timeout = std::chrono::milliseconds{from.idle_timeout_ms};
  request.total_timeout = std::chrono::milliseconds{from.total_timeout_ms};
  request.max_body_bytes = from.max_body_bytes;
  return request;
}

lw_code send(lw_task* c_task, const lw_http_request* from, const lw_http_callbacks* callbacks) {
  HostTask& task = HostTask::of(c_task);
  if (from == nullptr || !LW_HAS(lw_http_request, from, body) || callbacks == nullptr ||
      !LW_HAS(lw_http_callbacks, callbacks, arg) || callbacks->on_done == nullptr) {
    return task.refuse(LW_INVALID, "http.invalid", "the request or its callbacks are incomplete");
  }
  std::optional<Connection> connection;
  if (const std::string_view id = text_of(from->connection_id); !id.empty()) {
    Result<Connection> found = task.services().connections.connection(id);
    if (!found) return task.refuse(LW_NOT_FOUND, found.error().code, found.error().message);
    connection = std::move(found).value();
  }
  auto url = url_of(text_of(from->url), connection ? &*connection : nullptr);
  if (!url) return task.refuse(LW_INVALID, url.error().code, url.error().message);
  auto headers = headers_of(text_of(from->headers_json), connection.has_value());
  if (!headers) return task.refuse(LW_INVALID, headers.error().code, headers.error().message);

  HttpRequest request = request_of(*from);
  request.url = std::move(url).value();
  request.headers = std::move(headers).value();
  const Connection* through = connection ? &*connection : nullptr;
  if (through != nullptr && !through->api_key.empty())
    request.headers.emplace_back("authorization", "Bearer " + through->api_key);
  std::make_shared<HttpExchange>(task.shared_from_this(), *callbacks, through)->start(std::move(request));
  return LW_OK;
}

}  // namespace

const lw_http kHttpService = {sizeof(lw_http), 0, send};

}  // namespace leeward
