#include "host/process/family_keeper.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "host/process/child_output.hpp"

using namespace leeward;

namespace {

/// A keeper and who came of `kept`, which is called with the writing end of a pipe. All of the family hold that end and
/// nobody else does, so the pipe ends with the last of them.
class Family {
 public:
  explicit Family(const std::function<void(int pipe)>& kept, std::uint64_t most_threads = 0) : pipe_(*make_pipe()) {
    keeper_ = ::fork();
    if (keeper_ == 0) {
      FilterScope scope;
      if (!leave_keeper_behind(scope, most_threads)) ::_exit(99);
      kept(pipe_.writing.get());
      ::_exit(7);
    }
    pipe_.writing.reset();
  }
  [[nodiscard]] pid_t keeper() const { return keeper_; }

  /// The next number that somebody of the family wrote.
  [[nodiscard]] pid_t told() const {
    pid_t number = 0;
    pollfd readable{pipe_.reading.get(), POLLIN, 0};
    ::poll(&readable, 1, -1);
    if (::read(pipe_.reading.get(), &number, sizeof number) != sizeof number) throw std::runtime_error("nobody spoke");
    return number;
  }
  /// Without waiting.
  [[nodiscard]] bool all_are_gone() const {
    char rest[4096];
    ssize_t n = 0;
    while ((n = ::read(pipe_.reading.get(), rest, sizeof rest)) > 0) {
    }
    return n == 0;
  }

 private:
  PipeEnds pipe_;
  pid_t keeper_ = -1;
};

/// The status of a child's exit, or the signal that ended it, negative.
int end_of(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

[[noreturn]] void stay() {
  for (;;) ::pause();
}

void tell(int pipe, pid_t number) {
  if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(98);
}

/// Returns when a process is at work that came of this one, whose parents are dead, in a session of its own, and
/// without a variable in its environment.
void get_away(int pipe) {
  PipeEnds away = *make_pipe();
  if (::fork() == 0) {
    ::setsid();
    if (::fork() != 0) ::_exit(0);
    ::setsid();
    ::fcntl(pipe, F_SETFD, 0);  // it is to hold on to it
    char program[] = "sleep";
    char time[] = "1000";
    char* const words[] = {program, time, nullptr};
    char* const environment[] = {nullptr};
    ::execve("/bin/sleep", words, environment);
    tell(away.writing.get(), 1);
  }
  away.writing.reset();
  pollfd closed_by_exec{away.reading.get(), POLLIN, 0};
  ::poll(&closed_by_exec, 1, -1);
  pid_t failed = 0;
  if (::read(away.reading.get(), &failed, sizeof failed) != 0) ::_exit(97);
}

/// Whoever is killed is made again by its parent, and its children go on without it.
[[noreturn]] void come_again(int depth, int pipe) {
  constexpr int kChildren = 2;
  for (int i = 0; depth > 0; ++i) {
    if (::fork() == 0) {
      ::setsid();
      come_again(depth - 1, pipe);
    }
    if (i >= kChildren - 1) ::waitpid(-1, nullptr, 0);
  }
  tell(pipe, ::getpid());
  stay();
}

}  // namespace

TEST_CASE("A family ends with the one that it came of, and its keeper ends alike", "[host][process]") {
  const auto [end, expected] = GENERATE(table<std::function<void()>, int>({
      {[] {}, 7},
      {[] { ::raise(SIGKILL); }, -SIGKILL},
      {[] { ::signal(SIGSEGV, SIG_DFL), ::raise(SIGSEGV); }, -SIGSEGV},
      {[] { ::kill(0, SIGKILL); }, -SIGKILL},  // its group is not the keeper's
  }));
  const Family family{[end = end](int pipe) {
    get_away(pipe);
    end();
  }};
  CHECK(end_of(family.keeper()) == expected);
  CHECK(family.all_are_gone());
}

TEST_CASE("A keeper that is told to end takes everybody along", "[host][process]") {
  const Family family{[](int pipe) {
    get_away(pipe);
    ::signal(SIGTERM, SIG_IGN);
    tell(pipe, ::getpid());
    stay();
  }};
  CHECK(family.told() != family.keeper());
  CHECK_FALSE(family.all_are_gone());
  ::kill(family.keeper(), SIGTERM);
  CHECK(end_of(family.keeper()) == -SIGKILL);
  CHECK(family.all_are_gone());
}

TEST_CASE("A process whose first thread has ended is ended with its family", "[host][process]") {
  const Family family{[](int pipe) {
    const pid_t headless = ::fork();
    if (headless != 0) stay();
    ::setsid();
    std::thread{[pipe] {
      const std::string stat = "/proc/self/stat";
      for (std::string text; text.find(") Z ") == std::string::npos;) std::getline(std::ifstream{stat}, text);
      tell(pipe, ::getpid());
      stay();
    }}.detach();
    ::syscall(SYS_exit, 0);
  }};
  REQUIRE(family.told() > 0);
  ::kill(family.keeper(), SIGTERM);
  CHECK(end_of(family.keeper()) == -SIGKILL);
  CHECK(family.all_are_gone());
}

TEST_CASE("A family ends when its host is killed", "[host][process]") {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);  // to be told of the keeper's end
  PipeEnds pipe = *make_pipe();
  const pid_t host = ::fork();
  if (host == 0) {
    const Family family{[&](int inner) {
      get_away(inner);
      get_away(pipe.writing.get());
      tell(pipe.writing.get(), ::getppid());
      stay();
    }};
    stay();
  }
  pollfd readable{pipe.reading.get(), POLLIN, 0};
  ::poll(&readable, 1, -1);
  pid_t keeper = 0;
  REQUIRE(::read(pipe.reading.get(), &keeper, sizeof keeper) == sizeof keeper);
  pipe.writing.reset();
  ::kill(host, SIGKILL);
  CHECK(end_of(host) == -SIGKILL);
  CHECK(end_of(keeper) == -SIGKILL);
  char more = 0;
  CHECK(::read(pipe.reading.get(), &more, 1) == 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

TEST_CASE("A family ends that makes its dead again", "[host][process]") {
  const Family family{[](int pipe) { come_again(7, pipe); }};
  for (int leaf = 0; leaf < 100; ++leaf) REQUIRE(family.told() > 0);
  ::kill(family.keeper(), SIGTERM);
  CHECK(end_of(family.keeper()) == -SIGKILL);
  CHECK(family.all_are_gone());
}

TEST_CASE("A family that is too large is ended by its keeper", "[host][process]") {
  const std::uint64_t most = GENERATE(20, 200);
  const Family family{[](int pipe) { come_again(6, pipe); }, most};
  if (most == 200) {  // 2^7 - 1 are not too many
    for (int leaf = 0; leaf < 64; ++leaf) REQUIRE(family.told() > 0);
    ::kill(family.keeper(), SIGTERM);
  }
  CHECK(end_of(family.keeper()) == -SIGKILL);
  CHECK(family.all_are_gone());
}

/// The kernel limits nobody whom root is; so root's tests go on as a user that nobody else is.
TEST_CASE("A family ends that hops from process to process", "[host][process]") {
  if (::geteuid() != 0) {
    WARN("SKIP: only root can be another user, who has no other processes to be counted");
    return;
  }
  const Family family{[](int pipe) {
    const rlimit limit{400, 400};
    if (::setrlimit(RLIMIT_NPROC, &limit) != 0 || ::setresuid(61234, 61234, 61234) != 0) ::_exit(98);
    tell(pipe, ::getpid());
    while (true) {
      if (::fork() > 0) ::_exit(0);
    }
  }};
  static_cast<void>(family.told());
  CHECK(end_of(family.keeper()) == 0);  // as the first of them did
  CHECK(family.all_are_gone());
}
