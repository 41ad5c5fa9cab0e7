#include "posix_command_run.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <poll.h>
#include <vector>

namespace bash_plugin {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;
using Instant = SteadyClock::time_point;

// A family tells nobody when its last process ends, so it is looked at this often while it is being stopped.
constexpr milliseconds kFamilyLook{10};
// How long killed processes may take to disappear; one that hangs in the kernel takes for ever.
constexpr milliseconds kKillPatience{2000};

// One command from its start to its end. The loop waits for four things: output, error output, the end of the program
// and the request to stop. It is in one of these phases:
//
//   running --- the program ended ---> draining --- both outputs closed, or the time is up ---> over
//      |                                  |
//      +----- stop ------> stopping <-----+
//                             | the grace is over
//                             v
//                           killing --- (and from stopping) no process of the family is left ---> over
class CommandRun {
 public:
  CommandRun(const Command& command, OutputListener& listener, const WakeUp& stop, const RunLimits& limits)
      : process_(command), listener_(listener), stop_(stop), limits_(limits) {}

  ExitStatus run() {
    while (phase_ != Phase::over) {
      wait_for_something();
      advance();
    }
    return process_.wait();
  }

 private:
  enum class Phase { running, draining, stopping, killing, over };

  [[nodiscard]] bool being_stopped() const { return phase_ == Phase::stopping || phase_ == Phase::killing; }

  void wait_for_something() {
    // poll() passes over a negative descriptor: what was seen is not watched any more.
    std::array<pollfd, 4> watched{{{process_.output().get(), POLLIN, 0},
                                   {process_.error_output().get(), POLLIN, 0},
                                   {ended_ ? -1 : process_.exit_fd(), POLLIN, 0},
                                   {being_stopped() ? -1 : stop_.fd(), POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), poll_timeout_ms()) < 0) {
      if (errno == EINTR) return;
      throw_errno("poll");
    }
    if (watched[0].revents != 0) read_from(process_.output(), &OutputListener::on_output);
    if (watched[1].revents != 0) read_from(process_.error_output(), &OutputListener::on_error_output);
    ended_ = ended_ || watched[2].revents != 0;
    stop_asked_ = stop_asked_ || watched[3].revents != 0;
  }

  [[nodiscard]] int poll_timeout_ms() const {
    if (!deadline_) return -1;
    const auto left = std::chrono::ceil<milliseconds>(*deadline_ - SteadyClock::now());
    const auto wait = being_stopped() ? std::min(left, kFamilyLook) : left;
    return static_cast<int>(std::max(wait, milliseconds{0}).count());
  }

  void advance() {
    if (stop_asked_ && !being_stopped()) return begin_stopping();
    switch (phase_) {
      case Phase::running:
        if (ended_) enter(Phase::draining, limits_.drain);
        [[fallthrough]];
      case Phase::draining:
        if (ended_ && (outputs_closed() || time_is_up())) phase_ = Phase::over;
        break;
      case Phase::stopping:
        if (family_is_gone()) {
          phase_ = Phase::over;
        } else if (time_is_up()) {
          enter(Phase::killing, kKillPatience);
          signal_family(process_.family(), SIGKILL);
        }
        break;
      case Phase::killing:
        // Again and again: a process may have been forked between two looks.
        signal_family(process_.family(), SIGKILL);
        if (family_is_gone() || time_is_up()) phase_ = Phase::over;
        break;
      case Phase::over: break;
    }
  }

  void begin_stopping() {
    enter(Phase::stopping, limits_.grace);
    signal_family(process_.family(), SIGTERM);
    signal_family(process_.family(), SIGCONT);  // a stopped process hears SIGTERM only once it goes on
  }

  void enter(Phase phase, milliseconds time_limit) {
    phase_ = phase;
    deadline_ = SteadyClock::now() + time_limit;
  }

  [[nodiscard]] bool time_is_up() const { return deadline_ && SteadyClock::now() >= *deadline_; }
  [[nodiscard]] bool family_is_gone() const { return ended_ && !has_followers(process_.family()); }
  [[nodiscard]] bool outputs_closed() { return process_.output().get() < 0 && process_.error_output().get() < 0; }

  // One read for each wake-up: neither output starves the other, nor the request to stop.
  void read_from(UniqueFd& fd, void (OutputListener::*report)(std::string_view)) {
    const ssize_t size = ::read(fd.get(), buffer_.data(), buffer_.size());
    if (size > 0) {
      (listener_.*report)({buffer_.data(), static_cast<std::size_t>(size)});
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
      fd.reset();
    }
  }

  PosixProcess process_;
  OutputListener& listener_;
  const WakeUp& stop_;
  RunLimits limits_;
  Phase phase_ = Phase::running;
  std::optional<Instant> deadline_;
  bool ended_ = false;
  bool stop_asked_ = false;
  std::vector<char> buffer_ = std::vector<char>(64 * 1024);
};

}  // namespace

ExitStatus run_command(const Command& command, OutputListener& listener, const WakeUp& stop, const RunLimits& limits) {
  return CommandRun{command, listener, stop, limits}.run();
}

}  // namespace bash_plugin
