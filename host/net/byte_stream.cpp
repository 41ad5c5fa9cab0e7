#include "host/net/byte_stream.hpp"

#include <cerrno>
#include <system_error>

#include <sys/socket.h>

namespace leeward {

namespace {

using Kind = StreamResult::Kind;

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(int descriptor) : descriptor_(descriptor) {}

  StreamResult handshake() override { return {}; }

  StreamResult read(std::span<char> buffer) override {
    for (;;) {
      const ssize_t got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
      if (got > 0) return {Kind::kOk, static_cast<std::size_t>(got)};
      if (got == 0) return {Kind::kEnd};
      if (errno != EINTR) return blocked_or_reset(Kind::kWantRead);
    }
  }

  StreamResult write(std::string_view bytes) override {
    for (;;) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) return {Kind::kOk, static_cast<std::size_t>(sent)};
      if (errno != EINTR) return blocked_or_reset(Kind::kWantWrite);
    }
  }

  void end() noexcept override { ::shutdown(descriptor_, SHUT_WR); }

  [[nodiscard]] std::string failure() const override { return std::generic_category().message(errno_); }

 private:
  StreamResult blocked_or_reset(Kind blocked) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {blocked};
    errno_ = errno;
    return {Kind::kReset};
  }

  int descriptor_;
  int errno_ = 0;
};

}  // namespace

std::unique_ptr<ByteStream> make_plain_stream(int descriptor) { return std::make_unique<PlainStream>(descriptor); }

}  // namespace leeward
