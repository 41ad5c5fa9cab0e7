#include "host/runner/frame_channel.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/base/assert.hpp"

namespace leeward {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;
/// What one call of receive() reads at most, so that the thread gets to its other descriptors.
constexpr int kReadsAtATime = 8;

}  // namespace

FrameChannel::FrameChannel(UniqueFd socket, std::size_t most_backlog)
    : socket_(std::move(socket)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), most_backlog_(most_backlog) {}

short FrameChannel::events() const noexcept { return static_cast<short>(POLLIN | (backlog() > 0 ? POLLOUT : 0)); }

bool FrameChannel::send(FrameType type, std::uint64_t id, std::string body) {
  LW_ASSERT(body.size() <= kMaxFrameBytes, "whoever makes a frame knows its limit");
  Outgoing outgoing{{static_cast<std::uint32_t>(body.size()), type, 0, id}, std::move(body), 0};
  bool first = false;
  {
    const std::lock_guard lock{mutex_};
    if (gone_) return false;
    if (waiting_.empty() && push(outgoing)) return true;
    if (gone_) return false;
    const std::size_t left = sizeof(FrameHeader) + outgoing.body.size() - outgoing.sent;
    if (backlog_ + left > most_backlog_) {
      gone_ = true;  // what it was promised it will never read
      wake();        // the socket stays full: nothing else would make the watching thread look
      return false;
    }
    first = waiting_.empty();
    backlog_ += left;
    waiting_.push_back(std::move(outgoing));
  }
  if (first) wake();
  return true;
}

void FrameChannel::wake() noexcept {
  const std::uint64_t one = 1;
  if (::write(wake_.get(), &one, sizeof one) < 0) return;  // it is full of rings already
}

bool FrameChannel::push(Outgoing& outgoing) {
  const std::size_t whole = sizeof(FrameHeader) + outgoing.body.size();
  while (outgoing.sent < whole) {
    iovec parts[2];
    std::size_t count = 0;
    if (outgoing.sent < sizeof(FrameHeader)) {
      parts[count++] = {reinterpret_cast<char*>(&outgoing.header) + outgoing.sent, sizeof(FrameHeader) - outgoing.sent};
      if (!outgoing.body.empty()) parts[count++] = {outgoing.body.data(), outgoing.body.size()};
    } else {
      const std::size_t at = outgoing.sent - sizeof(FrameHeader);
      parts[count++] = {outgoing.body.data() + at, outgoing.body.size() - at};
    }
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    const ssize_t n = ::sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (errno != EAGAIN && errno != EWOULDBLOCK) gone_ = true;
      return false;
    }
    outgoing.sent += static_cast<std::size_t>(n);
  }
  return true;
}

bool FrameChannel::flush() {
  std::uint64_t rings = 0;
  if (::read(wake_.get(), &rings, sizeof rings) < 0) rings = 0;  // nobody rang: there is room
  const std::lock_guard lock{mutex_};
  while (!waiting_.empty() && !gone_) {
    Outgoing& next = waiting_.front();
    const std::size_t before = next.sent;
    const bool all = push(next);
    backlog_ -= next.sent - before;
    if (!all) break;
    waiting_.pop_front();
  }
  return !gone_;
}

bool FrameChannel::receive(Reader& reader) {
  if (buffer_.empty()) buffer_.resize(kReadBytes);
  for (int i = 0; i < kReadsAtATime; ++i) {
    const ssize_t n = ::recv(socket_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    if (n < 0 && errno != ECONNRESET) return broken(std::string{"cannot be heard: "} + std::strerror(errno));
    if (n <= 0) return false;
    if (!parse(reader, buffer_.data(), static_cast<std::size_t>(n))) return false;
    if (static_cast<std::size_t>(n) < buffer_.size()) return true;  // that was all there is
  }
  return true;
}

bool FrameChannel::parse(Reader& reader, const char* data, std::size_t size) {
  while (size > 0) {
    if (!in_body_) {
      const std::size_t n = std::min(size, sizeof(FrameHeader) - head_.size());
      head_.append(data, n);
      data += n;
      size -= n;
      if (head_.size() < sizeof(FrameHeader)) return true;
      std::memcpy(&header_, head_.data(), sizeof header_);
      head_.clear();
      if (header_.size > kMaxFrameBytes)
        return broken("announced a frame of " + std::to_string(header_.size) + " bytes");
      in_body_ = true;
    }
    // Taken as it arrives, not as it was announced: an announcement costs a stranger nothing.
    const std::size_t n = std::min(size, header_.size - body_.size());
    body_.append(data, n);
    data += n;
    size -= n;
    if (body_.size() == header_.size && !deliver(reader)) return false;
  }
  return true;
}

bool FrameChannel::deliver(Reader& reader) {
  in_body_ = false;
  Frame frame{header_, std::make_shared<const std::string>(std::exchange(body_, {}))};
  const FrameType type = header_.type;
  return reader.on_frame(std::move(frame)) ||
         broken("sent a frame of type " + std::to_string(static_cast<int>(type)) + " that breaks the protocol");
}

bool FrameChannel::broken(std::string why) {
  if (trouble_.empty()) trouble_ = std::move(why);
  return false;
}

}  // namespace leeward
