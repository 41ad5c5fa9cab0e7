#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <string>

#include "host/process/unique_fd.hpp"
#include "host/runner/frame.hpp"

namespace leeward {

/// One end of the conversation between the host and a runner: frames over a stream socket, both ways.
///
/// send() is for any thread and never waits: what the socket does not take at once stays here, and goes out when the
/// one thread that watches the channel is told that there is room. So that two ends which both write never wait for
/// each other. receive() and flush() are for that thread.
class FrameChannel {
 public:
  class Reader {
   public:
    virtual ~Reader() = default;
    /// False: the other end has broken the rules, and is read no more.
    virtual bool on_frame(Frame frame) = 0;
  };

  /// `most_backlog`: bytes that it keeps for another end that does not read.
  explicit FrameChannel(UniqueFd socket, std::size_t most_backlog = kMaxBacklogBytes);

  /// False: the other end is gone, or does not read; then flush() is false as well. A body above kMaxFrameBytes is the
  /// caller's bug.
  bool send(FrameType type, std::uint64_t id, std::string body = {});
  /// Bytes that wait to be sent.
  [[nodiscard]] std::size_t backlog() const noexcept { return backlog_.load(std::memory_order_relaxed); }

  [[nodiscard]] int socket() const noexcept { return socket_.get(); }
  /// Makes the watching thread look up. Any thread.
  void wake() noexcept;
  /// Readable when the events to watch have changed, or somebody called wake(); drained by flush().
  [[nodiscard]] int wake_fd() const noexcept { return wake_.get(); }
  /// For poll(): what to watch the socket for.
  [[nodiscard]] short events() const noexcept;
  /// Hands on what has arrived, a share of it at a time. False: no more will come; `trouble()` says why.
  [[nodiscard]] bool receive(Reader& reader);
  /// Sends what waits, as far as the socket takes it. False: the other end is gone.
  [[nodiscard]] bool flush();
  /// In words, after receive() or flush() was false; empty: the other end closed it.
  [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }

 private:
  struct Outgoing {
    FrameHeader header;
    std::string body;
    std::size_t sent = 0;  ///< of header and body together
  };
  /// REQUIRES: mutex_ is held. True: all of it went out. `gone_` may be set.
  bool push(Outgoing& outgoing);
  bool parse(Reader& reader, const char* data, std::size_t size);
  bool deliver(Reader& reader);
  bool broken(std::string why);

  const UniqueFd socket_;
  const UniqueFd wake_;
  const std::size_t most_backlog_;
  std::atomic<std::size_t> backlog_{0};
  std::mutex mutex_;  ///< guards the next two
  std::deque<Outgoing> waiting_;
  bool gone_ = false;
  // Of the watching thread:
  std::string trouble_;
  std::string buffer_;
  std::string head_;  ///< a header, as far as it has arrived
  std::string body_;
  FrameHeader header_;
  bool in_body_ = false;
};

}  // namespace leeward
