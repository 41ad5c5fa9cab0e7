#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "host/plugin/service_context.hpp"
#include "host/runner/call_grants.hpp"
#include "host/runner/frame_channel.hpp"
#include "host/runner/remote_attempts.hpp"
#include "host/runner/wire.hpp"

namespace leeward {

/// What one runner asks of the host on behalf of its attempts: HTTP, other operators, other runs. Everything in it is a
/// stranger's and checked as such. One for each life of a runner; kept alive by what it has under way.
///
/// on_frame() is for the runner's thread and never waits; answers come from any thread.
class ServiceDesk : public std::enable_shared_from_this<ServiceDesk> {
 public:
  /// `services` and `grants` outlive every attempt.
  ServiceDesk(const ServiceContext& services, const CallGrants& grants, RemoteAttempts& attempts,
              std::shared_ptr<FrameChannel> channel)
      : services_(services), grants_(grants), attempts_(attempts), channel_(std::move(channel)) {}

  /// False: it breaks the rules.
  [[nodiscard]] bool on_frame(FrameType type, std::uint64_t id, WireReader in);
  /// The runner is gone: stops what it had under way.
  void close();

 private:
  class Forwarded;
  using Cancel = std::function<void()>;

  [[nodiscard]] bool on_new_request(FrameType type, std::uint64_t id, WireReader in);
  bool connection(std::uint64_t id, const RemoteAttempt& by, WireReader in);
  bool operator_info(std::uint64_t id, WireReader in);
  bool states(std::uint64_t id, const RemoteAttempt& by, WireReader in);
  bool http(std::uint64_t id, const RemoteAttempt& by, WireReader in);
  bool call(std::uint64_t id, const RemoteAttempt& by, WireReader in);
  bool trigger(std::uint64_t id, const RemoteAttempt& by, WireReader in);
  void drop(std::uint64_t id);

  void reply(std::uint64_t id, const std::function<void(WireWriter&)>& body);
  void refuse(std::uint64_t id, const Error& why);
  void called(std::uint64_t id, const TaskOutcome& outcome);
  void triggered(std::uint64_t id, const Result<TriggeredRun>& run);

  /// False: it has too many already.
  [[nodiscard]] bool open(std::uint64_t id, std::size_t bytes);
  /// The way to stop it, if it is still under way; else it is stopped at once, if the runner is gone.
  void set_cancel(std::uint64_t id, Cancel cancel);
  void finish(std::uint64_t id);
  [[nodiscard]] bool under_way(std::uint64_t id);

  struct Request {
    std::size_t bytes = 0;
    bool dropped = false;
    Cancel cancel;
  };
  const ServiceContext& services_;
  const CallGrants& grants_;
  RemoteAttempts& attempts_;
  const std::shared_ptr<FrameChannel> channel_;
  std::mutex mutex_;  ///< guards the rest
  std::map<std::uint64_t, Request> requests_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace leeward
