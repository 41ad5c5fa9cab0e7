#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/exec/operator.hpp"
#include "host/net/http_client.hpp"

namespace leeward {

/// A request as a task asks for it: checked for form, and no more. Nothing of the connection's is in it yet.
struct HttpAsk {
  std::string connection_id;     ///< empty: `request.url` is absolute and goes out without credentials
  HttpRequest request;           ///< `url`: a path below the connection's base_url, or absolute. `headers`: none yet
  std::string headers_json;      ///< {"name": "value", ...}, or empty
  bool paid = false;             ///< never sent again once its answer is recorded; see LW_HTTP_PAID
  bool idempotency_key = false;  ///< of a paid one: it goes out with the header of that name
};

/// What tasks may do with the network. Whatever is behind it adds the connection's address and key, keeps its limits,
/// and takes the key out of what comes back: nothing on this side ever sees a secret. Thread-safe; outlives every task.
class HttpGateway {
 public:
  /// One request on its way. Cancelling is idempotent; on_done still comes, with http.cancelled.
  using Handle = HttpClient::Handle;
  /// One at a time for one request, on a thread that must not wait. A handle keeps nothing alive: the request ends
  /// without it.
  struct Callbacks {
    std::function<void(std::string_view)> on_chunk;  ///< a piece of a 2xx body; null: the body is gathered
    std::function<void(HttpResponse)> on_done;       ///< exactly once, last; never from inside send()
  };

  virtual ~HttpGateway() = default;
  /// Never waits for the network or a disk: what has to be recorded before the request may go out is recorded
  /// meanwhile, since this may be called on the thread that carries everybody's requests. Codes http.invalid,
  /// connection.unknown, connection.secret.
  [[nodiscard]] virtual Result<std::shared_ptr<Handle>> send(const TaskCall& by, HttpAsk ask, Callbacks callbacks) = 0;
  /// What a task may see of a connection, a JSON object. Codes connection.unknown, connection.secret.
  [[nodiscard]] virtual Result<Value> connection(const TaskCall& by, std::string_view id) const = 0;
};

}  // namespace leeward
