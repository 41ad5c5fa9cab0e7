#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "host/runner/runner_output.hpp"
#include "host/runner/runner_process.hpp"
#include "host/runner/service_desk.hpp"

namespace leeward {

/// How a runner ended.
struct RunnerProcess::Death {
  enum class Kind : std::uint8_t {
    stopped,  ///< because it was told to
    refused,  ///< it could not load the plugin: `why`
    hung,     ///< killed, because of the attempt `hung`
    crashed,  ///< anything else: `why`
  };
  Kind kind = Kind::crashed;
  Error why{};  ///< refused: as the runner said; crashed: message only
  std::uint64_t hung = 0;
  bool was_ready = false;
  std::string last_words{};  ///< on stderr

  /// Why it crashed, with those.
  [[nodiscard]] std::string story() const {
    return why.message + (last_words.empty() ? "" : "; its last words: " + last_words);
  }
};

/// One process, from its start to its end, seen from the host. Lives on the runner's thread.
class RunnerProcess::Life final : private FrameChannel::Reader {
 public:
  /// Codes process.start, plugin.load.
  [[nodiscard]] static Result<std::unique_ptr<Life>> start(RunnerProcess& owner);

  /// Until the process has ended, or is killed.
  [[nodiscard]] Death run();
  [[nodiscard]] const std::shared_ptr<FrameChannel>& channel() const noexcept { return channel_; }
  /// What it asked of the host, and is still at work for its attempts.
  [[nodiscard]] ServiceDesk& desk() const noexcept { return *desk_; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  Life(RunnerProcess& owner, std::unique_ptr<ChildProcess> child, UniqueFd socket, UniqueFd out, UniqueFd err);
  void greet();
  bool on_frame(Frame frame) override;
  [[nodiscard]] bool on_first_word(const Frame& frame);
  [[nodiscard]] bool on_plugin_log(WireReader in);
  /// How long to wait at most; negative: for ever.
  [[nodiscard]] int patience() const;
  [[nodiscard]] std::optional<Death> watch();
  [[nodiscard]] std::optional<Death> overdue();
  [[nodiscard]] Death ended(const std::string& otherwise);
  void drain();

  RunnerProcess& owner_;
  const std::unique_ptr<ChildProcess> child_;
  const std::shared_ptr<FrameChannel> channel_;
  const std::shared_ptr<ServiceDesk> desk_;
  UniqueFd out_;
  UniqueFd err_;
  RunnerOutput printed_;
  RunnerOutput complained_;
  const Time must_be_ready_;
  std::optional<Time> must_be_gone_;  ///< it was told to stop
  bool ready_ = false;
  bool held_ = false;             ///< output that nobody took is offered again
  std::size_t logged_bytes_ = 0;  ///< by the plugin, and by none of its attempts
  std::optional<Error> refusal_;
};

}  // namespace leeward
