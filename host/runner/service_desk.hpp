#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "host/plugin/service_context.hpp"
#include "host/runner/call_grants.hpp"
#include "host/runner/callee_lanes.hpp"
#include "host/runner/frame_channel.hpp"
#include "host/runner/remote_attempts.hpp"
#include "host/runner/wire.hpp"

namespace leeward {

class ForwardedAttempt;

/// What one runner asks of the host on behalf of its attempts: HTTP, other operators, other runs. Everything in it is a
/// stranger's and checked as such. One for each life of a runner; kept alive by what it has under way.
///
/// Two questions are answered at once. All else is a request, of whatever kind, and goes the same way: open(), which
/// may refuse; the way to stop it, by set_cancel(); begin(), perhaps on another thread, or never if the runner is gone
/// by then; finish(), and the answer.
///
/// on_frame() is for the runner's thread and never waits; answers come from any thread.
class ServiceDesk : public std::enable_shared_from_this<ServiceDesk> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// All but the channel outlive every attempt, and what is under way.
  ServiceDesk(const ServiceContext& services, const CallGrants& grants, CalleeLanes& lanes, RemoteAttempts& attempts,
              std::shared_ptr<FrameChannel> channel)
      : services_(services), grants_(grants), lanes_(lanes), attempts_(attempts), channel_(std::move(channel)) {}

  /// False: it breaks the rules.
  [[nodiscard]] bool on_frame(FrameType type, std::uint64_t id, WireReader in);
  /// The runner is gone: stops what it had under way, and forgets what has not begun.
  void close();

  /// Whether anything works for the attempt that needs its run: operators that it called, what it asked about runs.
  [[nodiscard]] bool at_work_for(std::uint64_t attempt) const;
  /// Asks that to stop.
  void stop(std::uint64_t attempt);
  /// How many requests have ended.
  [[nodiscard]] std::uint64_t ends() const;
  /// Waits until more than `ends` have, or it is `until`.
  void wait_for_more(std::uint64_t ends, Time until) const;
  /// What is still at work for the attempt speaks to nobody from now on.
  void detach(std::uint64_t attempt);

 private:
  using Cancel = std::function<void()>;
  enum class Kind : std::uint8_t {
    http,       ///< works for itself, once it was sent
    of_attempt  ///< needs its attempt until its end
  };
  struct Request {
    std::uint64_t attempt = 0;
    Kind kind = Kind::http;
    std::size_t bytes = 0;
    bool begun = false;
    bool dropped = false;
    Cancel cancel{};
    std::shared_ptr<ForwardedAttempt> callee{};
  };
  /// Who asks, by which number.
  struct Asking {
    std::uint64_t id;
    std::uint64_t attempt;
    const RemoteAttempt& by;
  };

  [[nodiscard]] bool on_new_request(FrameType type, std::uint64_t id, WireReader in);
  [[nodiscard]] bool request(FrameType type, const Asking& asking, WireReader in);
  bool connection(const Asking& asking, WireReader in);
  bool operator_info(std::uint64_t id, WireReader in);
  bool states(const Asking& asking, WireReader in);
  bool http(const Asking& asking, WireReader in);
  bool call(const Asking& asking, WireReader in);
  bool trigger(const Asking& asking, WireReader in);
  void start_callee(const Asking& asking, const OperatorInfo& callee, Value params);
  void drop(std::uint64_t id);

  void reply(std::uint64_t id, const std::function<void(WireWriter&)>& body);
  void refuse(std::uint64_t id, const Error& why);
  void called(std::uint64_t id, const TaskOutcome& outcome);
  void triggered(std::uint64_t id, const Result<TriggeredRun>& run);

  /// Code runner.too_many: it has too many already.
  [[nodiscard]] Status open(const Asking& asking, Kind kind, std::size_t bytes,
                            std::shared_ptr<ForwardedAttempt> callee = nullptr);
  /// The way to stop it, if it is still under way; else it is stopped at once, if it is to be.
  void set_cancel(std::uint64_t id, Cancel cancel);
  /// False: the runner is gone, and nobody wants it any more.
  [[nodiscard]] bool begin(std::uint64_t id);
  void finish(std::uint64_t id);
  [[nodiscard]] bool under_way(std::uint64_t id) const;
  void end(Request& request);

  const ServiceContext& services_;
  const CallGrants& grants_;
  CalleeLanes& lanes_;
  RemoteAttempts& attempts_;
  const std::shared_ptr<FrameChannel> channel_;
  mutable std::mutex mutex_;  ///< guards the rest
  mutable std::condition_variable ended_;
  std::map<std::uint64_t, Request> requests_;
  std::map<std::uint64_t, std::size_t> at_work_;  ///< how many of an attempt's requests need it
  std::size_t bytes_ = 0;
  std::uint64_t ends_ = 0;
  bool closed_ = false;
};

}  // namespace leeward
