// The filter alone: with landlock beside it nobody could tell which of the two refused.
#include "host/process/seccomp_filter.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "host/process/unique_fd.hpp"

using namespace leeward;

namespace {

constexpr int kNoFilter = 100;

int ended(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int free_to(const std::function<int()>& what) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(what());
  return ended(child);
}

/// Behind the filter, on a kernel whose landlock guards no signals, or on one that does.
int filtered(const std::function<int()>& what, bool kernel_guards_signals = false) {
  const pid_t host = ::getpid();
  return free_to([&] {
    SandboxGaps gaps;
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const Status made = restrict_system_calls({}, {{host}, kernel_guards_signals}, gaps);
    return !made || !gaps.empty() ? kNoFilter : what();
  });
}

int fault_of(long answer) { return answer < 0 ? errno : 0; }

/// A thread of the host beside its first one.
class OtherThread {
 public:
  OtherThread() {
    while (number_ == 0) std::this_thread::yield();
  }
  ~OtherThread() {
    over_ = true;
    over_.notify_all();
    thread_.join();
  }
  [[nodiscard]] pid_t number() const { return number_; }

 private:
  std::atomic<pid_t> number_{0};
  std::atomic<bool> over_{false};
  std::thread thread_{[this] {
    number_ = static_cast<pid_t>(::syscall(SYS_gettid));
    over_.wait(false);
  }};
};

/// All the ways to a signal for the host, with one that does no harm.
std::vector<std::pair<const char*, std::function<int()>>> ways_to_signal(pid_t host, pid_t thread) {
  const auto queued = [] {
    siginfo_t info{};
    info.si_code = SI_QUEUE;
    return info;
  };
  const auto owner = [](auto set) {
    int ends[2];
    return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 ? 99 : fault_of(set(ends[0]));
  };
  return {
      {"kill", [=] { return fault_of(::kill(host, SIGCONT)); }},
      {"kill by a thread's number", [=] { return fault_of(::kill(thread, SIGCONT)); }},
      {"kill of the group", [=] { return fault_of(::kill(-::getpgid(host), SIGCONT)); }},
      {"tgkill", [=] { return fault_of(::syscall(SYS_tgkill, host, thread, SIGCONT)); }},
      {"sigqueue",
       [=] {
         siginfo_t info = queued();
         return fault_of(::syscall(SYS_rt_sigqueueinfo, host, SIGCONT, &info));
       }},
      {"sigqueue by a thread's number",
       [=] {
         siginfo_t info = queued();
         return fault_of(::syscall(SYS_rt_sigqueueinfo, thread, SIGCONT, &info));
       }},
      {"sigqueue to a thread",
       [=] {
         siginfo_t info = queued();
         return fault_of(::syscall(SYS_rt_tgsigqueueinfo, host, thread, SIGCONT, &info));
       }},
      {"a handle", [=] { return fault_of(::syscall(SYS_pidfd_open, host, 0)); }},
      {"a handle from /proc",
       [=] {
         const UniqueFd folder{::open(("/proc/" + std::to_string(host)).c_str(), O_RDONLY | O_DIRECTORY)};
         return fault_of(::syscall(SYS_pidfd_send_signal, folder.get(), SIGCONT, nullptr, 0));
       }},
      {"the owner of a file", [=] { return owner([=](int fd) { return ::fcntl(fd, F_SETOWN, host); }); }},
      {"the owner of a file, by kind",
       [=] {
         f_owner_ex whom{F_OWNER_PID, host};
         return owner([&](int fd) { return ::fcntl(fd, F_SETOWN_EX, &whom); });
       }},
      {"the owner of a socket", [=] { return owner([=](int fd) { return ::ioctl(fd, FIOSETOWN, &host); }); }},
      {"the group of a socket", [=] { return owner([=](int fd) { return ::ioctl(fd, SIOCSPGRP, &host); }); }},
  };
}

}  // namespace

TEST_CASE("The filter alone leaves no way to signal the host", "[host][process]") {
  const OtherThread thread;
  for (const auto& [name, way] : ways_to_signal(::getpid(), thread.number())) {
    INFO(name);
    CHECK(free_to(way) == 0);  // or the next line would show nothing
    CHECK(filtered(way) == EPERM);
  }
  CHECK(filtered([] { return fault_of(::kill(-1, 0)); }) == EPERM);
}

TEST_CASE("The filter alone leaves no way to limit the host", "[host][process]") {
  const OtherThread thread;
  const auto limit = [](pid_t process) {
    return [process] {
      rlimit now{};
      return fault_of(::prlimit(process, RLIMIT_NOFILE, nullptr, &now));
    };
  };
  CHECK(free_to(limit(thread.number())) == 0);
  CHECK(filtered(limit(::getpid())) == EPERM);
  CHECK(filtered(limit(thread.number())) == EPERM);
  CHECK(filtered(limit(0)) == 0);
}

TEST_CASE("Behind the filter a process still signals itself, its group and its children", "[host][process]") {
  CHECK(filtered([] { return fault_of(::kill(::getpid(), SIGCONT)); }) == 0);
  CHECK(filtered([] { return ::setpgid(0, 0) != 0 ? 99 : fault_of(::kill(0, SIGCONT)); }) == 0);
  CHECK(filtered([] { return ::raise(SIGCONT); }) == 0);
  CHECK(filtered([] { return ::raise(SIGKILL); }) == 128 + SIGKILL);
  const auto end_a_child = [](bool in_one_word) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (;;) ::pause();
    }
    const long sent = in_one_word ? ::kill(child, SIGKILL) : ::syscall(SYS_tgkill, child, child, SIGKILL);
    return sent == 0 ? ended(child) : errno;
  };
  CHECK(filtered([&] { return end_a_child(false); }) == 128 + SIGKILL);
  constexpr bool kGuarded = true;
  CHECK(filtered([&] { return end_a_child(true); }, kGuarded) == 128 + SIGKILL);
}
