// Of the ways to end a family of processes this one needs no privilege and no setting of the machine: cgroups are only
// given to root and to services that ask for them, and containers have neither those nor namespaces. The kernel hands
// orphans to the nearest subreaper; so the keeper's descendants are the family, and the family has ended when the
// keeper has no children left. That is the kernel's word: /proc is only needed to find whom to signal.

#include "host/process/family_keeper.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <unistd.h>
#include <unordered_set>
#include <vector>

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "host/process/process_list.hpp"
#include "host/process/unique_fd.hpp"

namespace leeward {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{20000};  ///< with a family that does not end
constexpr milliseconds kLookAfter{100};   ///< at how large the family is
constexpr int kRest = 50;                 ///< times what a look takes
constexpr int kStoppingLooks = 20;        ///< then whoever cannot be stopped is killed without

/// One that has ended already is somebody else by now.
Status end_with_parent(pid_t parent, int signal) {
  if (::prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0) return not_confined("an end with its parent");
  if (::getppid() == parent) return done();
  errno = ESRCH;
  return not_confined("its parent is gone");
}

sigset_t awaited() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGCHLD);
  return signals;
}

class Keeper {
 public:
  Keeper(pid_t kept, std::uint64_t most_threads) : kept_(kept), most_threads_(most_threads) {}

  [[noreturn]] void keep() {
    static_cast<void>(::close_range(0, STDERR_FILENO - 1, 0));  // the host sees the end of what the other holds
    static_cast<void>(::close_range(STDERR_FILENO + 1, ~0u, 0));
    while (reap() && !kept_has_ended_ && !is_told() && !is_too_large()) {
    }
    end_family();
    end_alike();
  }

 private:
  /// Takes the ends that there are; false once there is no child left.
  bool reap() {
    while (true) {
      int status = 0;
      const pid_t child = ::waitpid(-1, &status, WNOHANG | __WALL);
      if (child == 0) return true;
      if (child < 0 && errno != EINTR) return false;
      if (child != kept_) continue;
      kept_has_ended_ = true;
      end_ = status;
    }
  }

  /// Waits until it is, or a child has ended, or it is time to look at the family.
  [[nodiscard]] bool is_told() const {
    const sigset_t signals = awaited();
    const timespec time{look_after_.count() / 1000, look_after_.count() % 1000 * 1'000'000};
    return (most_threads_ == 0 ? ::sigwaitinfo(&signals, nullptr) : ::sigtimedwait(&signals, nullptr, &time)) ==
           SIGTERM;
  }

  /// Listing all processes takes a while. There is no need as long as the whole machine has fewer.
  [[nodiscard]] bool is_too_large() {
    if (most_threads_ == 0 || threads_of_all() <= most_threads_) return false;
    const Clock::time_point begin = Clock::now();
    std::uint64_t threads = 0;
    for (const ProcessFacts& one : living_family()) threads += one.threads;
    look_after_ = std::max(kLookAfter, kRest * std::chrono::ceil<milliseconds>(Clock::now() - begin));
    if (threads <= most_threads_) return false;
    const std::string words =
        "more than " + std::to_string(most_threads_) + " processes and threads (isolation.limits.processes)\n";
    static_cast<void>(!::write(STDERR_FILENO, words.data(), words.size()));
    return true;
  }

  /// Who is stopped forks no more, so first all are, then all are killed. The ends of those that are dead are left to
  /// lie about for a while, longer each time: they count as the user's processes, and whoever hops from one process to
  /// the next, too fast to be listed, comes to the limit of these and stays where it is.
  void end_family() {
    const Clock::time_point until = Clock::now() + kPatience;
    milliseconds look_for{1};
    while (reap() && Clock::now() < until) {
      const Clock::time_point enough = Clock::now() + look_for;
      int looks = 0;
      while (end_listed(looks++) || Clock::now() < enough) ::usleep(500);
      look_for *= 2;
    }
  }

  /// False if nobody was found alive.
  [[nodiscard]] bool end_listed(int looks) const {
    const std::vector<ProcessFacts> living = living_family();
    const auto runs = [](const ProcessFacts& one) { return one.state != 'T'; };
    const bool stop = looks < kStoppingLooks && std::any_of(living.begin(), living.end(), runs);
    for (const ProcessFacts& one : living) signal(one, stop ? SIGSTOP : SIGKILL);
    return !living.empty() && looks < 2 * kStoppingLooks;
  }

  [[nodiscard]] std::vector<ProcessFacts> living_family() const {
    std::vector<ProcessFacts> others = all_processes();
    std::unordered_set<pid_t> known{::getpid()};
    std::vector<ProcessFacts> family;
    const auto is_known = [&known](const ProcessFacts& one) { return known.contains(one.parent); };
    for (bool found = true; found;) {
      const auto at = std::partition(others.begin(), others.end(), [&](const auto& one) { return !is_known(one); });
      found = at != others.end();
      for (auto one = at; one != others.end(); ++one) known.insert(one->process);
      family.insert(family.end(), at, others.end());
      others.erase(at, others.end());
    }
    std::erase_if(family, [](const ProcessFacts& one) { return !one.alive(); });
    return family;
  }

  /// A number that was listed may belong to another process by now. The descriptor holds on to one process, so looking
  /// at it once more makes sure that the signal goes where it should.
  static void signal(const ProcessFacts& listed, int number) {
    const UniqueFd held{static_cast<int>(::syscall(SYS_pidfd_open, listed.process, 0))};
    const auto now = held ? facts_of(listed.process) : std::nullopt;
    if (now && now->started == listed.started && (now->parent == listed.parent || now->parent == ::getpid()))
      static_cast<void>(::syscall(SYS_pidfd_send_signal, held.get(), number, nullptr, 0));
  }

  [[noreturn]] void end_alike() const {
    if (kept_has_ended_ && WIFEXITED(end_)) ::_exit(WEXITSTATUS(end_));
    const int number = kept_has_ended_ ? WTERMSIG(end_) : SIGKILL;
    std::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::kill(::getpid(), number);
    ::_exit(1);
  }

  const pid_t kept_;
  const std::uint64_t most_threads_;
  milliseconds look_after_ = kLookAfter;
  bool kept_has_ended_ = false;
  int end_ = 0;
};

}  // namespace

Status leave_keeper_behind(FilterScope& scope, std::uint64_t most_threads) {
  const pid_t host = ::getppid();
  const pid_t keeper = ::getpid();
  const sigset_t signals = awaited();
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, &signals, &before);  // to be waited for
  if (Status following = end_with_parent(host, SIGTERM); !following) return following;
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return not_confined("to take in orphans");
  const pid_t kept = ::fork();
  if (kept < 0) return not_confined("a process for it");
  if (kept > 0) Keeper{kept, most_threads}.keep();
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (::setsid() < 0) return not_confined("a session of its own");
  scope.guarded.insert(scope.guarded.end(), {host, keeper});
  return end_with_parent(keeper, SIGKILL);
}

}  // namespace leeward
