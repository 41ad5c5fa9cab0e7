#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/exec/operator.hpp"
#include "host/runner/frame_channel.hpp"
#include "host/runner/wire.hpp"

namespace leeward {

/// One attempt that a runner has, as the host knows it.
struct RemoteAttempt {
  std::shared_ptr<Attempt> attempt;
  const OperatorInfo* info = nullptr;  ///< lives as long as the registry
  std::uint32_t op = 0;                ///< of the plugin's operators
  int depth = 0;                       ///< how many operators called each other to get here
  std::size_t output_bytes = 0;
  std::optional<std::chrono::steady_clock::time_point> stop_by{};  ///< it was asked to stop, and has until then
};

/// The attempts of one plugin that runs in processes of its own, from execute() to their end, whatever becomes of the
/// process meanwhile: they wait for one that is ready, go to it, and end with what it says or with it. Thread-safe.
class RemoteAttempts {
 public:
  /// `wanted` is called, on any thread, when there is work and no channel, or an attempt is to stop.
  RemoteAttempts(std::chrono::milliseconds stop_grace, std::function<void()> wanted)
      : stop_grace_(stop_grace), wanted_(std::move(wanted)) {}

  void start(std::uint32_t op, const OperatorInfo& info, std::shared_ptr<Attempt> attempt);
  [[nodiscard]] bool waiting() const;
  [[nodiscard]] bool empty() const;
  /// From now on every attempt ends with this, at once.
  void refuse_all(TaskOutcome outcome);

  /// A runner is ready: what waits goes to it.
  void open(std::shared_ptr<FrameChannel> channel);
  using Taken = std::vector<std::pair<std::uint64_t, RemoteAttempt>>;
  using Verdict = std::function<TaskOutcome(std::uint64_t, const RemoteAttempt&)>;
  /// It is gone. The attempts that it had, none of which is told anything yet; those that wait go on waiting.
  [[nodiscard]] Taken close();
  /// Those that wait.
  [[nodiscard]] Taken take_waiting();
  /// Ends attempts with what `verdict` says of each. REQUIRES: no lock is held.
  static void end(const Taken& attempts, const Verdict& verdict);

  /// Nothing if it has ended, or never was.
  [[nodiscard]] std::optional<RemoteAttempt> find(std::uint64_t id) const;
  /// Whether the number was ever given.
  [[nodiscard]] bool known(std::uint64_t id) const;
  /// Of those that were asked to stop and are still at work, the one whose time is over first, and when.
  struct Overdue {
    std::chrono::steady_clock::time_point at;
    std::uint64_t id = 0;
  };
  [[nodiscard]] std::optional<Overdue> next_overdue();
  /// Those that were asked to stop since the last call.
  [[nodiscard]] std::vector<std::uint64_t> take_asked_to_stop();

  /// What the runner says of an attempt. False: it breaks the rules. On the runner's thread.
  [[nodiscard]] bool on_completed(std::uint64_t id, WireReader in);
  [[nodiscard]] bool on_deferred(std::uint64_t id, WireReader in);
  [[nodiscard]] bool on_log(std::uint64_t id, WireReader in);
  [[nodiscard]] bool on_progress(std::uint64_t id, WireReader in);
  [[nodiscard]] bool on_output(std::uint64_t id, WireReader in);
  /// Offers output again that nobody took; true while there is some.
  bool offer_held();

 private:
  struct Held {
    std::uint64_t id;
    std::string channel;
    std::string chunk;
  };
  void cancel(std::uint64_t id);
  std::optional<RemoteAttempt> take(std::uint64_t id);
  void forget(const Held& held);
  void taken(std::size_t bytes);
  [[nodiscard]] bool offer(const RemoteAttempt& to, std::string_view channel, std::string_view chunk);
  void offer_last(std::uint64_t id, const RemoteAttempt& to);

  const std::chrono::milliseconds stop_grace_;
  const std::function<void()> wanted_;
  mutable std::mutex mutex_;  ///< guards what follows, up to held_
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, RemoteAttempt> attempts_;
  std::vector<std::pair<std::uint64_t, std::string>> waiting_;  ///< with the body of their frame
  std::deque<Overdue> stopping_;                                ///< in the order of their times
  std::vector<std::uint64_t> asked_to_stop_;                    ///< lately
  std::shared_ptr<FrameChannel> channel_;                       ///< null: none is ready
  std::optional<TaskOutcome> refusal_;
  std::deque<Held> held_;  ///< the runner's thread's
  std::size_t held_bytes_ = 0;
};

}  // namespace leeward
