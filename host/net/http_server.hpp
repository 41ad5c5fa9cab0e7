#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace leeward {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// One request, read whole.
struct HttpServerRequest {
  std::string method;
  std::string target;   ///< as sent: "/v1/models?limit=2", or absolute when the client takes us for a proxy
  HttpHeaders headers;  ///< names in lower case
  std::string body;
  std::uint64_t connection = 0;  ///< counts from 1; requests of one connection carry the same number

  [[nodiscard]] std::string_view path() const noexcept;  ///< the target without its query
  [[nodiscard]] std::string_view header(std::string_view lower_case_name) const noexcept;  ///< empty if absent
};

/// How one request is answered: steps that the server carries out one after the other. A handler may queue all of them
/// at once and return; a wait() delays what was queued after it. Steps after an ending step (marked ENDS) are a bug,
/// but for steps of an exchange whose peer is gone, which are ignored.
///
/// Used on the server's thread only; HttpServer::post() gets there from elsewhere. Kept by whoever still has to queue
/// steps: when the last reference goes without an ending step, the server answers 500, or resets a begun answer.
class HttpResponder {
 public:
  virtual ~HttpResponder() = default;

  /// Nothing happens for so long.
  virtual HttpResponder& wait(std::chrono::milliseconds delay) = 0;
  /// ENDS. A whole answer with Content-Length; the connection is kept unless the client or a header says "close".
  virtual HttpResponder& answer(int status, HttpHeaders headers, std::string body) = 0;
  /// Status line and headers of an answer whose body follows in chunks.
  virtual HttpResponder& begin(int status, HttpHeaders headers) = 0;
  /// One chunk with exactly these bytes, written at once. REQUIRES: begin().
  virtual HttpResponder& piece(std::string bytes) = 0;
  /// ENDS. The last chunk. REQUIRES: begin().
  virtual HttpResponder& end() = 0;

  /// Exactly these bytes, nothing around them: for answers that are cut, malformed or of another protocol.
  virtual HttpResponder& raw(std::string bytes) = 0;
  /// ENDS. What was sent raw was an answer; the next request of this connection may come.
  virtual HttpResponder& keep() = 0;
  /// ENDS. Closes in order, wherever the answer stands.
  virtual HttpResponder& close() = 0;
  /// ENDS. Resets the connection (SO_LINGER 0).
  virtual HttpResponder& reset() = 0;
  /// ENDS. Says nothing more and keeps the connection open until the peer or the server closes it.
  virtual HttpResponder& hang() = 0;

  /// Runs `callback` when everything before it was handed to the kernel: to queue more only as the peer reads.
  virtual HttpResponder& then(std::function<void()> callback) = 0;
  /// Runs `callback` once if the peer goes away before the answer ended; the steps still queued are dropped.
  virtual void on_disconnect(std::function<void()> callback) = 0;
  [[nodiscard]] virtual bool connected() const = 0;
};

/// A small HTTP/1.1 server on one thread of its own, for the mock LLM server and for tests: keep-alive, thousands of
/// open connections, answers that are delayed, streamed or broken on purpose. It is not a web server: no files, no
/// routing.
///
/// The handler is called on the server's thread, one call at a time, and must not wait; nor may it throw. A malformed
/// request is answered 400, 413 or 431 and never reaches it. Destroying the server closes every connection and joins
/// the thread; it must not be destroyed on that thread.
class HttpServer {
 public:
  struct Options {
    std::string listen = "127.0.0.1:0";  ///< "host:port" or "[::1]:port", numeric; port 0: a free one
    std::size_t max_header_bytes = 16 * 1024;
    std::uint64_t max_body_bytes = 16 * 1024 * 1024;
    std::string certificate_file;  ///< PEM chain; with key_file the server speaks TLS
    std::string key_file;
  };
  using Handler = std::function<void(HttpServerRequest, std::shared_ptr<HttpResponder>)>;

  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(Options options, Handler handler);
  virtual ~HttpServer() = default;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual std::string origin() const = 0;  ///< "http://127.0.0.1:40123"
  [[nodiscard]] virtual std::uint64_t connections_accepted() const = 0;
  [[nodiscard]] virtual std::uint64_t connections_open() const = 0;
  /// Closes the connections on which no request is being answered.
  virtual void close_idle_connections() = 0;
  /// Runs `callback` on the server's thread, soon or after a delay. Thread-safe. Dropped if the server stops before.
  virtual void post(std::function<void()> callback) = 0;
  virtual void after(std::chrono::milliseconds delay, std::function<void()> callback) = 0;
};

}  // namespace leeward
