#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/result.hpp"
#include "host/net/io_loop.hpp"
#include "host/runner/frame_channel.hpp"

namespace leeward {

/// The runner's way to its host, for whichever thread of a plugin's wants something of it. Thread-safe; lives as long
/// as the process.
///
/// A question waits for its reply, on any thread but the one that reads frames, which never runs a plugin's code. What
/// takes longer is a request: its frames are told on the callback loop, and nobody waits for them.
class Uplink {
 public:
  using Body = std::shared_ptr<const std::string>;
  /// A frame of a request: `last`, or one before it.
  using Told = std::function<void(bool last, const Body& body)>;

  /// Both must outlive it.
  Uplink(FrameChannel& channel, IoLoop& loop) : channel_(channel), loop_(loop) {}

  /// It arrives, if the host lives.
  void tell(FrameType type, std::uint64_t id, std::string body = {}) { channel_.send(type, id, std::move(body)); }
  /// Dropped if too much waits to be sent already.
  void chat(FrameType type, std::uint64_t id, std::string body);
  /// The same for streamed output. False: dropped, slow down.
  [[nodiscard]] bool stream(std::uint64_t id, std::string body, std::size_t bytes);

  /// Asks and waits. The body of the reply, which begins behind its verdict; or the host's refusal.
  [[nodiscard]] Result<Body> ask(FrameType type, std::uint64_t id, std::string body);
  [[nodiscard]] std::uint64_t new_request() noexcept { return ++requests_; }
  /// From now on the request's frames are told to `told`.
  void expect(std::uint64_t id, Told told);
  void forget(std::uint64_t id);

  // For the reading thread:
  void on_reply(std::uint64_t id, Body body);
  void on_request(std::uint64_t id, bool last, Body body);
  void on_taken(std::uint64_t bytes) noexcept { output_under_way_ -= bytes; }

 private:
  FrameChannel& channel_;
  IoLoop& loop_;
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> output_under_way_{0};
  std::mutex mutex_;
  std::map<std::uint64_t, std::promise<Body>> questions_;
  std::map<std::uint64_t, std::shared_ptr<const Told>> requested_;
};

}  // namespace leeward
