#include "host/app/interrupts.hpp"

#include <cstdint>
#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <utility>

#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include "core/base/assert.hpp"

namespace leeward {
namespace {

constexpr int kInterruptedStatus = 130;

/// A signal that is blocked and read from a descriptor comes there though it is ignored, so it must not be blocked.
bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t watched() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (!is_ignored(signal)) ::sigaddset(&set, signal);
  return set;
}

}  // namespace

void Interrupts::block() {
  const sigset_t set = watched();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

Interrupts::Interrupts(std::function<void()> first, std::function<void()> last_words)
    : first_(std::move(first)), last_words_(std::move(last_words)) {
  const sigset_t set = watched();
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  LW_ASSERT(signals_ >= 0 && stop_ >= 0, "a process can have two more descriptors");
  thread_ = std::thread{[this] { wait(); }};
}

Interrupts::~Interrupts() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stop_, &one, sizeof one);
  thread_.join();
  ::close(signals_);
  ::close(stop_);
}

void Interrupts::wait() {
  bool asked = false;
  while (true) {
    pollfd watch[] = {{signals_, POLLIN, 0}, {stop_, POLLIN, 0}};
    if (::poll(watch, 2, -1) < 0) continue;
    if (watch[1].revents != 0) return;
    signalfd_siginfo info;
    if (::read(signals_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) continue;
    if (std::exchange(asked, true)) {
      last_words_();
      ::_exit(kInterruptedStatus);
    }
    first_();
  }
}

}  // namespace leeward
