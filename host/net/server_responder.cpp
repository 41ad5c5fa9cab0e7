#include <algorithm>
#include <utility>

#include "core/base/ascii.hpp"
#include "core/base/assert.hpp"
#include "host/net/server_connection.hpp"

namespace leeward {

namespace {

using Step = ServerConnection::Step;

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Status";
  }
}

class Responder final : public HttpResponder {
 public:
  explicit Responder(const std::shared_ptr<ServerConnection>& connection)
      : connection_(connection), exchange_(connection->exchange()) {}

  ~Responder() override {
    if (ended_) return;
    if (begun_) {
      reset();
    } else {
      answer(500, {{"content-type", "text/plain"}}, "the request was not answered\n");
    }
  }

  HttpResponder& wait(std::chrono::milliseconds delay) override {
    return queue({.kind = Step::Kind::kWait, .delay = delay});
  }

  HttpResponder& answer(int status, HttpHeaders headers, std::string body) override {
    const auto connection = current();
    if (!connection) return ended_ = true, *this;
    std::string bytes = head(*connection, status, headers);
    const bool without_body = status == 204 || status == 304;
    if (!without_body) bytes += "content-length: " + std::to_string(body.size()) + "\r\n";
    bytes += "\r\n";
    if (!without_body && !connection->head_only()) bytes += body;
    queue({.kind = Step::Kind::kBytes, .bytes = std::move(bytes)});
    return finish(keeps_ ? Step::Kind::kKeep : Step::Kind::kClose);
  }

  HttpResponder& begin(int status, HttpHeaders headers) override {
    const auto connection = current();
    if (!connection) return *this;
    begun_ = chunked_ = true;
    return queue({.kind = Step::Kind::kBytes,
                  .bytes = head(*connection, status, headers) + "transfer-encoding: chunked\r\n\r\n"});
  }

  HttpResponder& piece(std::string bytes) override {
    if (!current()) return *this;
    LW_ASSERT(chunked_, "a chunk belongs to an answer that was begun");
    if (bytes.empty()) return *this;  // an empty chunk would be the last one
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string size;
    for (std::size_t n = bytes.size(); n > 0; n /= 16) size.insert(size.begin(), kDigits[n % 16]);
    return queue({.kind = Step::Kind::kBytes, .bytes = size + "\r\n" + bytes + "\r\n"});
  }

  HttpResponder& end() override {
    if (!current()) return ended_ = true, *this;
    LW_ASSERT(chunked_, "only an answer that was begun has a last chunk");
    queue({.kind = Step::Kind::kBytes, .bytes = "0\r\n\r\n"});
    return finish(keeps_ ? Step::Kind::kKeep : Step::Kind::kClose);
  }

  HttpResponder& raw(std::string bytes) override {
    begun_ = true;
    return queue({.kind = Step::Kind::kBytes, .bytes = std::move(bytes)});
  }

  HttpResponder& keep() override { return finish(Step::Kind::kKeep); }
  HttpResponder& close() override { return finish(Step::Kind::kClose); }
  HttpResponder& reset() override { return finish(Step::Kind::kReset); }
  HttpResponder& hang() override { return finish(Step::Kind::kHang); }

  HttpResponder& then(std::function<void()> callback) override {
    return queue({.kind = Step::Kind::kCall, .callback = std::move(callback)});
  }

  void on_disconnect(std::function<void()> callback) override {
    if (const auto connection = current()) connection->on_disconnect(exchange_, std::move(callback));
  }

  [[nodiscard]] bool connected() const override { return current() != nullptr; }

 private:
  [[nodiscard]] std::shared_ptr<ServerConnection> current() const {
    auto connection = connection_.lock();
    return connection && connection->in_exchange(exchange_) ? connection : nullptr;
  }

  HttpResponder& queue(Step step) {
    if (const auto connection = current()) connection->queue(exchange_, std::move(step));
    return *this;
  }

  HttpResponder& finish(Step::Kind how) {
    ended_ = true;
    return queue({.kind = how});
  }

  // Everything up to the headers that say how long the body is.
  std::string head(const ServerConnection& connection, int status, const HttpHeaders& headers) {
    keeps_ = connection.client_keeps();
    std::string bytes = "HTTP/1.1 " + std::to_string(status) + " ";
    bytes.append(reason_phrase(status)).append("\r\n");
    bool says_connection = false;
    for (const auto& [name, value] : headers) {
      if (equals_ignoring_case(name, "connection")) {
        says_connection = true;
        if (equals_ignoring_case(value, "close")) keeps_ = false;
      }
      bytes.append(name).append(": ").append(value).append("\r\n");
    }
    if (!keeps_ && !says_connection) bytes += "connection: close\r\n";
    return bytes;
  }

  std::weak_ptr<ServerConnection> connection_;
  std::uint64_t exchange_;
  bool begun_ = false;
  bool chunked_ = false;
  bool keeps_ = true;
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<HttpResponder> make_responder(const std::shared_ptr<ServerConnection>& connection) {
  return std::make_shared<Responder>(connection);
}

}  // namespace leeward
