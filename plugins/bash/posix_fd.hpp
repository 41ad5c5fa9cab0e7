#pragma once

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/eventfd.h>

namespace bash_plugin {

[[noreturn]] inline void throw_errno(const char* what, int error = errno) {
  throw std::system_error(error, std::generic_category(), what);
}

/// Owns one file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() { reset(); }

  /// Negative if there is none.
  [[nodiscard]] int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

/// Lets any thread wake one that is in poll(): its descriptor is readable from the first raise() on.
class WakeUp {
 public:
  WakeUp() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_.get() < 0) throw_errno("eventfd");
  }
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Waits for the first raise(), but no longer than this. True: it came.
  [[nodiscard]] bool wait_ms(int timeout_ms) const noexcept {
    pollfd raised{fd_.get(), POLLIN, 0};
    return ::poll(&raised, 1, timeout_ms) > 0;
  }
  /// From any thread, any number of times.
  void raise() const noexcept { (void)::eventfd_write(fd_.get(), 1); }

 private:
  UniqueFd fd_;
};

}  // namespace bash_plugin
