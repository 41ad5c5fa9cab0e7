#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leeward {

/// What goes out. Timeouts of zero mean the client's defaults.
struct HttpRequest {
  std::string method = "GET";
  std::string url;  ///< absolute, http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds connect_timeout{0};     ///< until connected, TLS and proxy included; default 10 s
  std::chrono::milliseconds first_byte_timeout{0};  ///< from the sent request to the answer's first byte; default 60 s
  std::chrono::milliseconds idle_timeout{0};        ///< between two pieces of the body; default 30 s
  std::chrono::milliseconds total_timeout{0};       ///< everything; default 600 s
  std::uint64_t max_body_bytes = 0;                 ///< of the decoded body; 0: 16 MiB
};

/// What came back. `error` empty: the answer arrived whole, whatever its status.
struct HttpResponse {
  int status = 0;                                            ///< 0: no answer
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case, as received otherwise
  std::string body;
  std::string error;    ///< http.connect, http.tls, http.timeout.connect|first_byte|idle|total, http.reset,
                        ///< http.truncated, http.malformed, http.too_large, http.cancelled, http.invalid, http.proxy
  std::string message;  ///< one line for people; never holds a header or a body
  bool sent = false;    ///< something of the request may have gone out
  bool sent_twice = false;  ///< over a kept connection that broke before an answer, and then over a fresh one

  [[nodiscard]] std::string_view header(std::string_view lower_case_name) const noexcept;  ///< empty if absent
};

/// The host's asynchronous HTTP/1.1 client: one I/O thread, thousands of requests in flight, connections kept and
/// reused.
///
/// TLS is verified strictly (chain and host name, TLS 1.2 or later) and no setting weakens it; redirects are not
/// followed; proxies come from HTTP_PROXY, HTTPS_PROXY and NO_PROXY (either case). Nothing is retried, but for a kept
/// connection that the server closed before a byte of the answer came. Thread-safe. Destroying it cancels what is in
/// flight.
class HttpClient {
 public:
  struct Options {
    std::size_t max_connections = 0;  ///< at the same time; more requests wait. 0: from the limit on open files
    std::string ca_file;              ///< added to the system's roots; for tests and private authorities
    std::map<std::string, std::string> environment;  ///< where proxies are read from
    std::string no_proxy_for;                        ///< asked directly whatever the environment says: "host:port, ..."
  };
  /// One request in flight. Cancelling is idempotent; on_done still comes, with http.cancelled.
  class Handle {
   public:
    virtual ~Handle() = default;
    virtual void cancel() = 0;
  };
  /// A place on the I/O thread for what another thread will bring there. The client is not destroyed before it came,
  /// or was let go of.
  class Errand {
   public:
    virtual ~Errand() = default;
    /// Runs `what` on the I/O thread, later. Call at most once, from any thread.
    virtual void run(std::function<void()> what) = 0;
  };
  struct Callbacks {
    /// A decoded piece of a 2xx body as it arrives; the body is then not gathered. Null: gathered. On the I/O thread.
    std::function<void(std::string_view)> on_chunk;
    /// Exactly once, on the I/O thread, never before send() returned.
    std::function<void(HttpResponse)> on_done;
  };

  explicit HttpClient(Options options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  [[nodiscard]] std::shared_ptr<Handle> send(HttpRequest request, Callbacks callbacks);
  /// Runs `callback` on the I/O thread after `delay`, unless cancelled (then at once). The argument: was it cancelled?
  [[nodiscard]] std::shared_ptr<Handle> after(std::chrono::milliseconds delay,
                                              std::function<void(bool cancelled)> callback);
  [[nodiscard]] std::shared_ptr<Errand> errand();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace leeward
